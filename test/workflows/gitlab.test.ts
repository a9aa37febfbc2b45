import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { pullRequest, root, toolRepository } from "../support/tool-repository.ts";
import { isDeep } from "../support/runs.ts";
import { writeTree } from "../support/run-cli.ts";
import { checkOut, runScript, type Ended } from "./ci-job.ts";
import { alice, bob, bucketFile, livePolicy, applyRole, ossOfTree, planRole, tree } from "./scenes.ts";

interface Job {
  readonly rules: readonly { readonly if: string; readonly when?: string }[];
  readonly script: readonly string[];
  readonly artifacts: { readonly when: string; readonly paths: readonly string[] };
  readonly environment: string | { readonly name: string };
  readonly resource_group?: string;
}

const page = readFileSync(join(root, "docs/other-ci.md"), "utf8");
const [, text = ""] = /^```yaml\n(# \.gitlab-ci\.yml\n.*?)^```/ms.exec(page) ?? [];
const pipeline = parse(text) as Record<"plan" | "plan-main" | "apply", Job>;
const before = "0000000000000000000000000000000000000000";

/** The lines of one job in the checkout of a runner, with the variables that GitLab sets. */
function runJob(
  name: keyof typeof pipeline,
  checkout: string,
  sandbox: Sandbox,
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  const { script, environment } = pipeline[name];
  return runScript(script.join("\n"), {
    checkout,
    sandbox,
    role: environment === "production" ? applyRole : planRole,
    variables: { GITLAB_CI: "true", CI_DEFAULT_BRANCH: "main", CI_PROJECT_DIR: checkout, ...variables },
  });
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
