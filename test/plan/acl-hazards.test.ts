import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const statement = (effect: string, more: object) => ({
  Effect: effect,
  Principal: ["*"],
  Action: ["oss:*"],
  Resource: ["acs:oss:*:*:web/*"],
  ...more,
});
const reader = statement("Allow", { Principal: ["202147604049350001"], Action: ["oss:GetObject"] });
const outside = { StringNotEquals: { "acs:SourceVpc": ["vpc-t4nlw426y44rd3iq4xxxx"] } };
const deny = statement("Deny", { Action: ["oss:GetObject"], Condition: outside });

interface Case {
  readonly acl?: "private" | "public-read" | "public-read-write";
  readonly blocked?: "bucket" | "account";
  readonly live: readonly object[];
  readonly desired: readonly object[];
}

async function hazardsIn({ acl = "public-read", blocked, live, desired }: Case) {
  const policyOf = (statements: readonly object[]) => JSON.stringify({ Version: "1", Statement: statements });
  const sandbox = await sandboxWith({
    buckets: [
      {
        name: "web",
        region: "cn-hangzhou",
        acl,
        policy: policyOf(live),
        ...(blocked === "bucket" ? { blockPublicAccess: true } : {}),
      },
    ],
    ...(blocked === "account" ? { blockPublicAccess: true } : {}),
  });
  const policy = desired.length === 0 ? "none" : policyOf(desired);
  const tree = writeTree({ "account.yaml": accountFile, "web.yaml": `bucket: web\npolicy: ${policy}\n` });
  const env = environmentOf(sandbox);
  const file = join(writeTree({}), "plan.json");
  const { code } = await runCli(["plan", "--policies", tree, "--json", file], { env });
  const [change] = (JSON.parse(readFileSync(file, "utf8")) as { changes: { hazards: Hazard[] }[] }).changes;
  const found = change?.hazards.find((one) => one.code === "grants-public-access");
  return { code, found, env, tree };
}

interface Hazard {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

test.each<[string, Case, string]>([
  ["a removed Deny", { live: [reader, deny], desired: [reader] }, "any caller can read all objects"],
  ["a removed policy", { live: [deny], desired: [] }, "any caller can read all objects"],
  [
    "a Deny that is narrowed",
    { live: [deny], desired: [{ ...deny, Resource: ["acs:oss:*:*:web/private/*"] }] },
    "any caller can read all objects except private/*",
  ],
  [
    "a Deny of writes",
    {
      acl: "public-read-write",
      live: [statement("Deny", { Action: ["oss:PutObject", "oss:DeleteObject"] })],
      desired: [],
    },
    "everyone can write and delete all objects",
  ],
])("%s that a public ACL was behind blocks the change", async (_, change, words) => {
  const { code, found, env, tree } = await hazardsIn(change);
  expect([code, found?.severity]).toEqual([3, "block"]);
  expect(found?.message).toContain(words);
  expect(found?.message).toContain(
    `a Deny refused this, and the ACL ${change.acl ?? "public-read"} allows it`,
  );
  const { stdout } = await runCli(["plan", "--policies", tree], { env });
  expect(stdout).toContain("Blocked: 1 of 1 change opens data to everyone");
  expect(stdout).toContain(`by the ACL ${change.acl ?? "public-read"}, everyone can read`);
});

test("a Deny of one network less is a warning while another one still confines", async () => {
  const only = (ids: readonly string[]) => ({
    ...deny,
    Condition: { StringNotEquals: { "acs:SourceVpc": ids } },
  });
  const one = "vpc-t4nlw426y44rd3iq4xxxx";
  const { code, found } = await hazardsIn({ live: [only([one])], desired: [only([one, "vpc-other"])] });
  expect([code, found?.severity]).toEqual([0, "warn"]);
});

test.each<[string, Case]>([
  ["a private ACL", { acl: "private", live: [deny], desired: [] }],
  ["Block Public Access of the bucket", { blocked: "bucket", live: [deny], desired: [] }],
  ["Block Public Access of the account", { blocked: "account", live: [deny], desired: [] }],
  [
    "an ACL that allows nothing of it",
    { live: [statement("Deny", { Action: ["oss:PutObject"] })], desired: [] },
  ],
  [
    "another Deny that refuses the same",
    { live: [deny, statement("Deny", {})], desired: [statement("Deny", {})] },
  ],
])("%s opens nothing to everyone", async (_, change) => {
  const { code, found } = await hazardsIn(change);
  expect([code, found]).toEqual([0, undefined]);
});

test("an ACL that could not be read may open the bucket, which is a warning", async () => {
  const policy = JSON.stringify({ Version: "1", Statement: [deny] });
  const sandbox = await sandboxWith({
    buckets: [{ name: "web", region: "cn-hangzhou", acl: "public-read", policy }],
    faults: [{ operation: "GetBucketInfo", effect: { kind: "status", status: 403, code: "AccessDenied" } }],
  });
  const tree = writeTree({ "account.yaml": accountFile, "web.yaml": "bucket: web\npolicy: none\n" });
  const words = ["plan", "--policies", tree, "--accept", "unknown-owner@web"];
  const { code, stdout } = await runCli(words, { env: environmentOf(sandbox) });
  expect([code, stdout]).toEqual([
    0,
    expect.stringContaining("a Deny refused this, and the ACL, which could not be read, may allow it"),
  ]);
  expect(stdout).toContain("public: by the policy: no; the ACL and Block Public Access could not be read");
});
