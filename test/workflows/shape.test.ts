import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readWorkflow, type Job, type Step } from "../support/github-runner.ts";
import { root } from "../support/tool-repository.ts";

const folder = join(root, ".github/workflows");
const names = readdirSync(folder).sort();
const workflows = names.map((name) => [name, readWorkflow(join(folder, name))] as const);
const actionPath = join(root, "action.yml");
const action = parse(readFileSync(actionPath, "utf8")) as { runs: { steps: readonly Step[] } };
const texts = [...names.map((name) => join(folder, name)), actionPath].map(
  (path) => [path.slice(root.length), readFileSync(path, "utf8")] as const,
);
const jobs: readonly (readonly [string, Job])[] = workflows.flatMap(([name, workflow]) =>
  Object.entries(workflow.jobs).map(([job, content]) => [`${name} ${job}`, content] as const),
);

test("there are the workflows that docs/github.md lists", () => {
  expect(names).toEqual(["apply.yml", "ci.yml", "drift.yml", "plan.yml", "release.yml"]);
});

describe.each(texts)("%s", (_, text) => {
  const uses = [...text.matchAll(/^\s*-?\s*uses: (.*)$/gm)].map(([, line = ""]) => line);

  test("every action is pinned by a commit, with its version beside it", () => {
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("one action has one commit everywhere", () => {
    const all = texts.flatMap(([, each]) => [...each.matchAll(/uses: (.*)$/gm)].map(([, line = ""]) => line));
    for (const line of uses) {
      const name = line.replace(/@.*/, "@");
      expect(new Set(all.filter((other) => other.startsWith(name)))).toEqual(new Set([line]));
    }
  });

  test("no pull request runs with what only the repository has", () => {
    expect(text).not.toMatch(/pull_request_target|workflow_run|secrets\.|secrets: inherit/);
  });
});

const steps: readonly (readonly [string, Step])[] = [
  ...jobs.flatMap(([name, job]) => job.steps.map((step) => [name, step] as const)),
  ...action.runs.steps.map((step) => ["action", step] as const),
].map(([name, step]) => [`${name}: ${step.name ?? step.uses ?? step.run ?? ""}`, step] as const);

test.each(steps)("%s: what comes from an event never stands in a script", (_, step) => {
  expect(step.run ?? "").not.toContain("${{");
  expect(step.shell ?? "bash").toBe("bash");
});

test.each(steps.filter(([, { uses }]) => uses?.startsWith("actions/checkout@")))(
  "%s: the token of the run is not left in the checkout",
  (_, step) => {
    expect(step.with?.["persist-credentials"]).toBe(false);
  },
);

test("a workflow may do nothing, and each job only what it needs", () => {
  expect(workflows.map(([, { permissions }]) => permissions)).toEqual(workflows.map(() => ({})));
  expect(Object.fromEntries(jobs.map(([name, { permissions }]) => [name, permissions]))).toEqual({
    "ci.yml check-and-test": { contents: "read" },
    "plan.yml validate": { contents: "read" },
    "plan.yml plan": {
      contents: "read",
      "id-token": "write",
      "pull-requests": "write",
      "security-events": "write",
    },
    "apply.yml unset": { contents: "read" },
    "apply.yml plan": { contents: "read", "id-token": "write" },
    "apply.yml apply": { contents: "read", "id-token": "write" },
    "release.yml check": { contents: "read" },
    "release.yml publish": { "id-token": "write" },
    "drift.yml unset": { contents: "read" },
    "drift.yml drift": { contents: "read", "id-token": "write", issues: "write" },
  });
});

test("only the job that applies takes the role that writes, and it waits for its environment", () => {
  const taking = jobs.filter(([, job]) =>
    JSON.stringify(job.steps).includes("vars.OSS_POLICY_APPLY_ROLE_ARN }}"),
  );
  const withRole = taking.filter(([, job]) =>
    job.steps.some(({ with: inputs }) => inputs?.["role-to-assume"]),
  );
  expect(withRole.map(([name, { environment }]) => [name, environment])).toEqual([
    ["apply.yml apply", "production"],
  ]);
});

test("packages are installed, and the tool is built, before a role is taken", () => {
  for (const [, job] of jobs) {
    const taking = job.steps.findIndex(({ uses }) => uses?.startsWith("aliyun/"));
    const building = job.steps.findLastIndex(({ run }) => /npm (?:ci|run)/.test(run ?? ""));
    if (taking !== -1) expect(building).toBeLessThan(taking);
  }
});

test("applies run one at a time and are never cancelled", () => {
  const apply = workflows.find(([name]) => name === "apply.yml")?.[1];
  expect(apply?.concurrency).toEqual({ group: "oss-policy-apply", "cancel-in-progress": false });
});

test("ci runs what CI calls everywhere: the checks, every test and the long runs", () => {
  const ci = workflows.find(([name]) => name === "ci.yml")?.[1];
  expect(ci?.on).toEqual({ push: { branches: ["main"] }, pull_request: null });
  expect(Object.values(ci?.jobs ?? {}).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))).toEqual(
    [".ci/run"],
  );
  const script = readFileSync(join(root, ".ci/run"), "utf8");
  for (const line of ["npm ci", "npm run check", "npm test", "npm run test:deep"])
    expect(script).toContain(line);
});
