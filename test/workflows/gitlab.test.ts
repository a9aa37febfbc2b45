import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { repositoryIn, type Repository } from "../support/repository.ts";
import { executable, npmStandIn, pullRequest, root, toolRepository } from "../support/tool-repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { isDeep } from "../support/runs.ts";
import { alice, bob, bucketFile, keys, livePolicy, applyRole, ossOfTree, planRole, tree } from "./scenes.ts";

interface Job {
  readonly rules: readonly { readonly if: string; readonly when?: string }[];
  readonly script: readonly string[];
  readonly artifacts: { readonly when: string; readonly paths: readonly string[] };
  readonly environment: string | { readonly name: string };
  readonly resource_group?: string;
}

const readme = readFileSync(join(root, "README.md"), "utf8");
const [, text = ""] = /^```yaml\n(# \.gitlab-ci\.yml\n.*?)^```/ms.exec(readme) ?? [];
const pipeline = parse(text) as Record<"plan" | "plan-main" | "apply", Job>;
const before = "0000000000000000000000000000000000000000";

interface Ended {
  readonly code: number;
  readonly log: string;
}

/** The lines of one job in the checkout of a runner, one after another until one fails, with what GitLab sets. */
function runJob(
  name: keyof typeof pipeline,
  checkout: string,
  sandbox: Sandbox,
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  const bin = executable("npm", npmStandIn);
  const { script, environment } = pipeline[name];
  const isProtected = environment === "production";
  const key = keys[isProtected ? applyRole : planRole];
  const child = spawn("bash", ["-eo", "pipefail", "-c", script.join("\n")], {
    cwd: checkout,
    env: {
      PATH: [bin, process.env["PATH"] ?? ""].join(delimiter),
      HOME: writeTree({}),
      CI: "true",
      GITLAB_CI: "true",
      CI_DEFAULT_BRANCH: "main",
      CI_PROJECT_DIR: checkout,
      OSS_ENDPOINT: sandbox.url,
      OSS_ACCESS_KEY_ID: key?.id ?? "",
      OSS_ACCESS_KEY_SECRET: key?.secret ?? "",
      OSS_SESSION_TOKEN: key?.token ?? "",
      ...variables,
    },
  });
  let log = "";
  child.stdout.on("data", (part: Buffer) => (log += part.toString()));
  child.stderr.on("data", (part: Buffer) => (log += part.toString()));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? 1, log })));
}

/** The folder that a runner keeps for a project: fetched, cleaned and set to a commit before each job. */
function checkOut(folder: string, origin: Repository, sha: string): void {
  const { git } = repositoryIn(folder);
  if (!existsSync(join(folder, ".git"))) git("clone", "-q", "--no-checkout", `file://${origin.folder}`, ".");
  git("fetch", "-q", "origin", sha);
  git("checkout", "-qf", "--detach", sha);
  git("clean", "-qffdx");
}

if (isDeep)
  test("a merge request is planned with the tool of the revision that it starts from, as often as it is run", async () => {
    const origin = toolRepository(tree);
    const marker = join(writeTree({}), "was-run");
    const { base, head } = pullRequest(origin, {
      "policies/reports.yaml": bucketFile("reports", alice, bob),
      "package.json": JSON.stringify({ scripts: { build: `touch ${marker}`, plan: `touch ${marker}` } }),
      "src/cli.ts": `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, "");`,
    });
    const sandbox = await ossOfTree();
    const checkout = writeTree({});
    for (let run = 1; run <= 2; run += 1) {
      checkOut(checkout, origin, head);
      const { code, log } = await runJob("plan", checkout, sandbox, {
        CI_PIPELINE_SOURCE: "merge_request_event",
        CI_COMMIT_SHA: head,
        CI_COMMIT_BEFORE_SHA: before,
        CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
      });
      expect([code, log]).toEqual([0, expect.stringContaining("Plan: 0 to create, 1 to update")]);
      for (const path of pipeline.plan.artifacts.paths)
        expect(existsSync(join(checkout, path)), path).toBe(true);
    }
    expect(existsSync(marker)).toBe(false);
  });

if (isDeep)
  test("main is planned, and that plan is applied with a journal", async () => {
    const origin = toolRepository(tree);
    const was = origin.git("rev-parse", "HEAD");
    const sha = origin.commit({ "policies/reports.yaml": bucketFile("reports", alice, bob) });
    const sandbox = await ossOfTree();
    const checkout = writeTree({});
    const variables = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_SHA: sha, CI_COMMIT_BEFORE_SHA: was };
    checkOut(checkout, origin, sha);
    expect(await runJob("plan-main", checkout, sandbox, variables)).toMatchObject({ code: 0 });
    expect(sandbox.policyOf("reports")).toBe(livePolicy("reports", alice));
    // GitLab brings the artifacts of plan-main into a clean checkout.
    for (const name of ["node_modules", "dist"]) rmSync(join(checkout, name), { recursive: true });
    const { code, log } = await runJob("apply", checkout, sandbox, variables);
    expect([code, log]).toEqual([0, expect.stringContaining("Apply: 1 applied")]);
    expect(sandbox.policyOf("reports")).toContain(bob);
    expect(readFileSync(join(checkout, "journal.jsonl"), "utf8")).toContain(alice);
  });

test("the journal is kept where a job fails, one apply runs at a time, and a person starts it", () => {
  expect(pipeline.apply.artifacts).toEqual({ when: "always", paths: ["journal.jsonl"] });
  expect(pipeline.apply.resource_group).toBe("oss-policy");
  expect(pipeline.apply.rules.map(({ when }) => when)).toEqual(["manual"]);
});
