import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findAction } from "../../src/policy/actions.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { operations } from "../../src/sandbox/operations/table.ts";
import { readWorkflow } from "../support/github-runner.ts";
import { root } from "../support/tool-repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";
import { alice, bob, bucketFile, livePolicy } from "./scenes.ts";

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, readonly string[]>> };
}

function documentOf(name: string): { readonly Version: string; readonly Statement: readonly Statement[] } {
  return JSON.parse(readFileSync(join(root, ".github/ram", name), "utf8"));
}

function granted(name: string): readonly string[] {
  return documentOf(name)
    .Statement.flatMap(({ Action }) => Action)
    .sort();
}

/** The action that a call needs: for every call that the tool makes, it has the name of the operation. */
function actionsOf(requests: Sandbox["requests"]): readonly string[] {
  return [...new Set(requests.map(({ operation }) => `oss:${operation}`))].sort();
}

/** One bucket to create, one to update, one to delete, one that no file names. */
function ossToChange(): Promise<Sandbox> {
  const region = "cn-hangzhou";
  return sandboxWith({
    buckets: [
      { name: "new-data", region },
      { name: "open-data", region },
      { name: "reports", region, policy: livePolicy("reports", alice) },
      { name: "old-data", region, policy: livePolicy("old-data", alice) },
      { name: "unnamed", region, policy: livePolicy("unnamed", alice) },
    ],
  });
}

function treeToApply(): string {
  return writeTree({
    "account.yaml": `${accountFile}scope: all\n`,
    "new-data.yaml": bucketFile("new-data", alice),
    "open-data.yaml": `${bucketFile("open-data", "*")}accept: [{ hazard: grants-public-access, reason: assets }]\n`,
    "reports.yaml": bucketFile("reports", alice, bob),
    "old-data.yaml": "bucket: old-data\npolicy: none\n",
  });
}

/** Every command that is for the role that reads, over one OSS. */
async function readEverything(sandbox: Sandbox): Promise<Readonly<Record<string, number>>> {
  const env = environmentOf(sandbox);
  const run = async (...words: readonly string[]) => (await runCli(words, { env })).code;
  return {
    plan: await run("plan", "--policies", treeToApply()),
    import: await run("import", "--policies", writeTree({ "account.yaml": accountFile })),
    access: await run("access", "matrix", "--live", "--policies", treeToApply()),
  };
}

/** Applies and takes it back, so that every kind of write is made. */
async function writeEverything(sandbox: Sandbox): Promise<Readonly<Record<string, number>>> {
  const env = environmentOf(sandbox);
  const tree = treeToApply();
  const journal = join(writeTree({}), "journal.jsonl");
  const run = async (...words: readonly string[]) => (await runCli(words, { env })).code;
  return {
    apply: await run("apply", "--policies", tree, "--journal", journal),
    restore: await run("restore", "--policies", tree, "--journal", journal),
  };
}

/** OSS as it is for a role with these actions alone: every other call is refused as RAM refuses it. */
async function ossFor(actions: readonly string[]): Promise<Sandbox> {
  const sandbox = await ossToChange();
  for (const operation of operations)
    if (operation !== "Unsupported" && !actions.includes(`oss:${operation}`))
      sandbox.addFault({ operation, effect: { kind: "status", status: 403, code: "AccessDenied" } });
  return sandbox;
}

test("plan.json grants the calls that reading makes, and no other", async () => {
  const sandbox = await ossToChange();
  expect(await readEverything(sandbox)).toEqual({ plan: 0, import: 0, access: 0 });
  expect(granted("plan.json")).toEqual(actionsOf(sandbox.requests));
});

test("apply.json grants the calls that writing makes, and no other", async () => {
  const sandbox = await ossToChange();
  expect(await writeEverything(sandbox)).toEqual({ apply: 0, restore: 0 });
  expect(granted("apply.json")).toEqual(actionsOf(sandbox.requests));
});

test("the role of a plan reads everything and writes nothing", async () => {
  const sandbox = await ossFor(granted("plan.json"));
  expect(await readEverything(sandbox)).toEqual({ plan: 0, import: 0, access: 0 });
  const before = ["new-data", "reports", "old-data"].map((bucket) => sandbox.policyOf(bucket));
  expect(await writeEverything(sandbox)).toMatchObject({ apply: 1 });
  expect(["new-data", "reports", "old-data"].map((bucket) => sandbox.policyOf(bucket))).toEqual(before);
});

test("the role of an apply does both", async () => {
  expect(await writeEverything(await ossFor(granted("apply.json")))).toEqual({ apply: 0, restore: 0 });
});

describe("with one action less, the tool says which call was refused", () => {
  test.each(granted("apply.json"))("%s", async (action) => {
    const sandbox = await ossFor(granted("apply.json").filter((other) => other !== action));
    const tree = treeToApply();
    const { stdout, stderr } = await runCli(["apply", "--policies", tree], { env: environmentOf(sandbox) });
    expect(`${stdout}${stderr}`).toMatch(/403 AccessDenied|ListBuckets/);
  });
});

test("every action is one that OSS documents, at the level of its resource", () => {
  const ofAccount = ["oss:ListBuckets", "oss:GetPublicAccessBlock"];
  for (const action of granted("apply.json"))
    expect(findAction(action)?.level, action).toBe(ofAccount.includes(action) ? "service" : "bucket");
});

describe("the roles can be taken by the jobs that take them alone", () => {
  const workflowOf = (name: string) => readWorkflow(join(root, ".github/workflows", name));

  test.each([
    ["trust-plan.json", ["pull_request", "ref:refs/heads/main"]],
    ["trust-apply.json", [`environment:${workflowOf("apply.yml").jobs["apply"]?.environment ?? ""}`]],
  ])("%s", (name, subjects) => {
    const [statement, ...others] = documentOf(name).Statement;
    expect(others).toEqual([]);
    expect(statement).toMatchObject({ Effect: "Allow", Action: "sts:AssumeRoleWithOIDC" });
    expect(statement?.Condition).toEqual({
      StringEquals: {
        "oidc:iss": ["https://token.actions.githubusercontent.com"],
        "oidc:aud": ["sts.aliyuncs.com"],
        "oidc:sub": subjects.map((subject) => `repo:OWNER/REPOSITORY:${subject}`),
      },
    });
  });
});
