import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { readWorkflow, runWorkflow, type Scene } from "../support/github-runner.ts";
import { toolRepository, root, type Files } from "../support/tool-repository.ts";
import {
  alice,
  applyRole,
  bob,
  bucketFile,
  livePolicy,
  ossOfTree,
  planRole,
  pushScene,
  roleVariables,
  tree,
} from "./scenes.ts";

const workflow = readWorkflow(join(root, ".github/workflows/apply.yml"));

interface Push {
  readonly sandbox: Sandbox;
  readonly scene: Scene;
}

/** Main gets these changes, over an OSS that is as it was before. */
async function push(changes: Files, vars = roleVariables as Readonly<Record<string, string>>): Promise<Push> {
  const origin = toolRepository(tree);
  const before = origin.git("rev-parse", "HEAD");
  const sha = origin.commit(changes);
  const sandbox = await ossOfTree();
  return { sandbox, scene: pushScene(origin, { before, sha }, sandbox, vars) };
}

const letsBobRead = { "policies/reports.yaml": bucketFile("reports", alice, bob) };
const letsBobReadBoth = { ...letsBobRead, "policies/logs.yaml": bucketFile("logs", alice, bob) };

describe("a push to main", () => {
  test("is planned with one role, and applied as planned with the other, with a journal", async () => {
    const { sandbox, scene } = await push(letsBobRead);
    const { jobs, artifacts } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toEqual({ unset: "skipped", plan: "success", apply: "success" });
    expect([jobs["plan"]?.roles, jobs["apply"]?.roles]).toEqual([[planRole], [applyRole]]);
    expect(jobs["apply"]?.log).toContain("Apply: 1 applied, 1 unchanged.");
    expect(sandbox.policyOf("reports")).toContain(bob);
    expect(artifacts["journal-1"]?.["journal.jsonl"]).toContain(alice);
    expect(Object.keys(artifacts["plan"] ?? {}).sort()).toEqual(["plan.html", "plan.json", "plan.md"]);
    expect([jobs["plan"]?.summary, jobs["apply"]?.summary]).toEqual([
      expect.stringContaining(bob),
      expect.stringContaining("applied"),
    ]);
  });

  test("with nothing to write asks nobody and takes no role that writes", async () => {
    const { scene } = await push({ "README.md": "words" });
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toEqual({ unset: "skipped", plan: "success", apply: "skipped" });
  });

  test("writes only what was planned: what moved meanwhile is stale, and the rest is applied", async () => {
    const { sandbox, scene } = await push(letsBobReadBoth);
    const carol = "202147604049351003";
    const before = { apply: () => sandbox.setPolicy("logs", livePolicy("logs", carol)) };
    const { jobs } = await runWorkflow(workflow, { ...scene, before });
    expect(results(jobs)).toMatchObject({ plan: "success", apply: "failure" });
    expect(jobs["apply"]?.log).toContain("stale");
    expect(sandbox.policyOf("logs")).toBe(livePolicy("logs", carol));
    expect(sandbox.policyOf("reports")).toContain(bob);
  });

  test("keeps the journal where a write fails", async () => {
    const { sandbox, scene } = await push(letsBobReadBoth);
    const effect = { kind: "status", status: 403, code: "AccessDenied" } as const;
    sandbox.addFault({ operation: "PutBucketPolicy", bucket: "logs", effect });
    const { jobs, artifacts } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toMatchObject({ plan: "success", apply: "failure" });
    expect(artifacts["journal-1"]?.["journal.jsonl"]).toContain('"reports"');
    expect(artifacts["journal-1"]?.["apply.json"]).toContain("AccessDenied");
    expect(sandbox.policyOf("reports")).toContain(bob);
  });

  test("with a bucket that cannot be read applies the others, and is red", async () => {
    const { sandbox, scene } = await push(letsBobReadBoth);
    const effect = { kind: "status", status: 403, code: "AccessDenied" } as const;
    sandbox.addFault({ operation: "GetBucketPolicy", bucket: "logs", effect });
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toMatchObject({ plan: "success", apply: "failure" });
    expect(sandbox.policyOf("reports")).toContain(bob);
    expect(sandbox.policyOf("logs")).toBe(livePolicy("logs", alice));
  });

  test("where all is blocked is red before anybody is asked", async () => {
    const { scene } = await push({ "policies/reports.yaml": bucketFile("reports", alice, "*") });
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toMatchObject({ plan: "failure", apply: "skipped" });
    expect(jobs["plan"]?.log).toContain("--- code 3");
  });

  test("of a tree that cannot be read is red before anybody is asked", async () => {
    const { scene } = await push({ "policies/reports.yaml": "bucket: [" });
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toMatchObject({ plan: "failure", apply: "skipped" });
  });

  test("whose revision before is gone is red: its guards cannot be told", async () => {
    const { scene } = await push(letsBobRead);
    const payload = { ...(scene.event.payload as object), before: "1".repeat(40) };
    const { jobs } = await runWorkflow(workflow, { ...scene, event: { ...scene.event, payload } });
    expect(results(jobs)).toMatchObject({ plan: "failure", apply: "skipped" });
  });
});

describe("without the variables", () => {
  test("nothing is applied, the run is green, and it says which are missing", async () => {
    const { sandbox, scene } = await push(letsBobRead, {});
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toEqual({ unset: "success", plan: "skipped", apply: "skipped" });
    expect(jobs["unset"]?.summary).toContain(
      "Nothing was applied: the repository variables OSS_POLICY_PLAN_ROLE_ARN, OSS_POLICY_APPLY_ROLE_ARN, OSS_POLICY_OIDC_PROVIDER_ARN are not set.",
    );
    expect(sandbox.requests).toEqual([]);
  });

  test("half of them are a mistake", async () => {
    const { OSS_POLICY_PLAN_ROLE_ARN, OSS_POLICY_OIDC_PROVIDER_ARN } = roleVariables;
    const { scene } = await push(letsBobRead, { OSS_POLICY_PLAN_ROLE_ARN, OSS_POLICY_OIDC_PROVIDER_ARN });
    const { jobs } = await runWorkflow(workflow, scene);
    expect(results(jobs)).toEqual({ unset: "failure", plan: "skipped", apply: "skipped" });
    expect(jobs["unset"]?.log).toContain("half set: OSS_POLICY_APPLY_ROLE_ARN missing");
  });
});

function results(
  jobs: Readonly<Record<string, { readonly result: string }>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(jobs).map(([name, { result }]) => [name, result]));
}
