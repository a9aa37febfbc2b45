import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { githubFiles } from "../../src/commands/init/github.ts";
import { install } from "../../src/commands/init/github-steps.ts";
import { gitlabFiles } from "../../src/commands/init/gitlab.ts";
import type { Workflow } from "../support/github-runner.ts";
import { root } from "../support/tool-repository.ts";

/** The pipelines that `init` writes are as safe as the workflows of this repository. */

const folder = join(root, ".github/workflows");
const own = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
const ownUses = new Set(own.flatMap((text) => [...text.matchAll(/uses: (.*)$/gm)].map(([, line]) => line)));

const files = Object.entries(githubFiles("policies"));
const jobs = files.flatMap(([path, text]) =>
  Object.entries((parse(text) as Workflow).jobs).map(
    ([name, job]) => [`${path.replace(/.*oss-policy-/, "")} ${name}`, job] as const,
  ),
);
const steps = jobs.flatMap(([name, job]) =>
  job.steps.map((step) => [`${name}: ${step.name ?? step.uses ?? ""}`, step] as const),
);

test.each(files)("%s uses only actions of this repository's workflows, at the same commits", (_, text) => {
  const uses = [...text.matchAll(/^\s*-?\s*uses: (.*)$/gm)].map(([, line]) => line);
  expect(uses.length).toBeGreaterThan(0);
  expect(uses.filter((line) => !ownUses.has(line))).toEqual([]);
  expect(text).not.toMatch(/pull_request_target|workflow_run|secrets\.|secrets: inherit/);
});

test.each(steps)(
  "%s: what comes from an event never stands in a script, nor stays in a checkout",
  (_, step) => {
    expect(step.run ?? "").not.toContain("${{");
    if (step.uses?.startsWith("actions/checkout@") === true)
      expect(step.with?.["persist-credentials"]).toBe(false);
  },
);

test("a workflow may do nothing, and each job only what it needs", () => {
  expect(files.map(([, text]) => (parse(text) as Workflow).permissions)).toEqual([{}, {}, {}]);
  expect(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions]))).toEqual({
    "plan.yml validate": { contents: "read" },
    "plan.yml plan": { contents: "read", "id-token": "write", "pull-requests": "write" },
    "apply.yml unset": {},
    "apply.yml plan": { contents: "read", "id-token": "write" },
    "apply.yml apply": { contents: "read", "id-token": "write" },
    "drift.yml unset": {},
    "drift.yml drift": { contents: "read", "id-token": "write", issues: "write" },
  });
});

test("only the job that applies takes the role that writes, and it waits for its environment", () => {
  const taking = jobs.filter(([, job]) =>
    job.steps.some(({ with: inputs }) => String(inputs?.["role-to-assume"]).includes("APPLY_ROLE")),
  );
  expect(taking.map(([name, { environment }]) => [name, environment])).toEqual([
    ["apply.yml apply", "production"],
  ]);
});

test("packages are installed without their scripts, before a role is taken, and nothing but the tool runs after", () => {
  for (const [name, job] of jobs) {
    const taking = job.steps.findIndex(({ uses }) => uses?.startsWith("aliyun/"));
    if (taking === -1) continue;
    const scripts = job.steps.map(({ run }) => run ?? "");
    expect(scripts.slice(0, taking), name).toContain(install);
    for (const script of scripts.slice(taking)) expect(script, name).not.toMatch(/\bnp[mx]\b/);
  }
});

describe("the pipeline for GitLab", () => {
  const [[path, text] = ["", ""]] = Object.entries(gitlabFiles("policies"));
  const pipeline = parse(text) as Record<
    string,
    { readonly when?: string; readonly script: readonly string[] } & Record<string, unknown>
  >;

  test("is one file, and each job installs before it runs the tool", () => {
    expect(path).toBe(".gitlab-ci.yml");
    for (const name of ["plan", "plan-main", "apply", "drift"]) {
      const script = pipeline[name]?.script ?? [];
      expect(
        script.filter((line) => line.includes(install)),
        name,
      ).toHaveLength(1);
      expect(script.join("\n"), name).not.toMatch(/npx|npm (?!ci --ignore-scripts)/);
    }
  });

  test("keeps the journal where a job fails, applies one at a time, and lets a person start it", () => {
    expect(pipeline["apply"]).toMatchObject({
      artifacts: { when: "always", paths: ["journal.jsonl"] },
      resource_group: "oss-policy",
      rules: [{ when: "manual" }],
      environment: "production",
    });
  });
});
