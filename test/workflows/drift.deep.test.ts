import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { githubServer, type Github } from "../support/github.ts";
import { readWorkflow, runWorkflow } from "../support/github-runner.ts";
import { toolRepository, root } from "../support/tool-repository.ts";
import { alice, bob, livePolicy, ossOfTree, planRole, scheduleScene, tree } from "./scenes.ts";

const workflow = readWorkflow(join(root, ".github/workflows/drift.yml"));

function lookForDrift(sandbox: Sandbox, github: Github, origin = toolRepository(tree)) {
  const sha = origin.git("rev-parse", "HEAD");
  return runWorkflow(workflow, scheduleScene(origin, sha, sandbox, { github }));
}

test("drift is one issue that is opened, kept and closed", async () => {
  const [sandbox, github] = [await ossOfTree(), await githubServer()];
  const origin = toolRepository(tree);

  const quiet = await lookForDrift(sandbox, github, origin);
  expect([quiet.jobs["drift"]?.result, quiet.jobs["drift"]?.roles, github.issues]).toEqual([
    "success",
    [planRole],
    [],
  ]);

  // Somebody lets another user read, by hand.
  sandbox.setPolicy("reports", livePolicy("reports", alice, bob));
  const drifted = await lookForDrift(sandbox, github, origin);
  expect(drifted.jobs["drift"]?.result).toBe("success");
  expect(github.issues.map(({ state, body }) => [state, body.includes("reports")])).toEqual([["open", true]]);
  expect(JSON.parse(drifted.artifacts["drift"]?.["drift.json"] ?? "")).toMatchObject({
    changes: [{ bucket: "logs" }, { bucket: "reports", cause: "drift" }],
  });

  await lookForDrift(sandbox, github, origin);
  expect(github.issues.map(({ state }) => state)).toEqual(["open"]);

  sandbox.setPolicy("reports", livePolicy("reports", alice));
  expect((await lookForDrift(sandbox, github, origin)).jobs["drift"]?.result).toBe("success");
  expect(github.issues.map(({ state }) => state)).toEqual(["closed"]);
  expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
});

test("what a guard would block is drift to be told, and no reason for red", async () => {
  const [sandbox, github] = [await ossOfTree(), await githubServer()];
  // Somebody took all access away, in an emergency.
  sandbox.setPolicy("reports", undefined);
  const { jobs } = await lookForDrift(sandbox, github);
  expect(jobs["drift"]?.log).toContain("reopens-drift");
  expect(jobs["drift"]?.result).toBe("success");
  expect(github.issues).toHaveLength(1);
});

test("a bucket that cannot be read is red", async () => {
  const [sandbox, github] = [await ossOfTree(), await githubServer()];
  const effect = { kind: "status", status: 403, code: "AccessDenied" } as const;
  sandbox.addFault({ operation: "GetBucketPolicy", bucket: "logs", effect });
  expect((await lookForDrift(sandbox, github)).jobs["drift"]?.result).toBe("failure");
});

test("without the variables the run is green and says which are missing", async () => {
  const sandbox = await ossOfTree();
  const origin = toolRepository(tree);
  const sha = origin.git("rev-parse", "HEAD");
  const { jobs } = await runWorkflow(workflow, scheduleScene(origin, sha, sandbox, { vars: {} }));
  expect([jobs["unset"]?.result, jobs["drift"]?.result]).toEqual(["success", "skipped"]);
  expect(jobs["unset"]?.summary).toContain("Nothing was searched for drift");
  expect(sandbox.requests).toEqual([]);
});
