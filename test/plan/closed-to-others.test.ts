import { expect, test } from "vitest";
import { environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const account = 'account: "1746495857600001"\nregion: cn-hangzhou\n';
const deny = (fields: object) => ({
  Effect: "Deny",
  Principal: ["*"],
  Action: ["oss:*"],
  Resource: ["acs:oss:*:*:data", "acs:oss:*:*:data/*"],
  ...fields,
});
const policyOf = (...statements: readonly object[]) =>
  JSON.stringify({ Version: "1", Statement: statements });

async function planned(desired: string, live?: string, more = "") {
  const bucket = { name: "data", region: "cn-hangzhou", ...(live === undefined ? {} : { policy: live }) };
  const sandbox = await sandboxWith({ buckets: [bucket] });
  const tree = writeTree({
    "account.yaml": account + more,
    "data.yaml": `bucket: data\npolicy: ${desired}\n`,
  });
  return runCli(["plan", "--policies", tree], { env: environmentOf(sandbox) });
}

const closed = "only the account itself could read and change the policy";

test("a Deny that leaves only the account itself blocks where no operator is named", async () => {
  for (const fields of [
    {},
    { Action: ["oss:PutBucketPolicy"] },
    { Action: ["oss:GetBucketPolicy"] },
    { Action: ["oss:DeleteBucketPolicy"] },
    { Resource: ["*"] },
  ]) {
    const { code, stdout } = await planned(policyOf(deny(fields)));
    expect([code, stdout]).toEqual([3, expect.stringContaining("blocked by locks-out-operator")]);
    expect(stdout).toContain(closed);
  }
});

test.each<[string, string, string?, string?]>([
  ["on objects alone", policyOf(deny({ Resource: ["acs:oss:*:*:data/*"] }))],
  ["of reads alone", policyOf(deny({ Action: ["oss:GetObject"] }))],
  ["for one caller", policyOf(deny({ Principal: ["202147604049350001"] }))],
  [
    "that the live policy has already, since only the account itself can read it",
    policyOf(deny({})),
    policyOf(deny({}), deny({ Action: ["oss:GetObject"], Principal: ["202147604049350001"] })),
  ],
])("a Deny %s does not", async (_, desired, live, more) => {
  const { stdout } = await planned(desired, live, more);
  expect(stdout).not.toContain(closed);
});

test("that the owner is named as an operator says nothing of others", async () => {
  const { code, stdout } = await planned(
    policyOf(deny({})),
    undefined,
    "operators: [{ principal: owner }]\n",
  );
  expect([code, stdout]).toEqual([3, expect.stringContaining(closed)]);
});

test("with operators, they are what is asked about", async () => {
  const { code, stdout } = await planned(
    policyOf(deny({})),
    undefined,
    'operators: [{ principal: "202147604049350009" }]\n',
  );
  expect([code, stdout]).toEqual([3, expect.stringContaining("the operator 202147604049350009 could not")]);
  expect(stdout).not.toContain(closed);
});

test.each<[string, object, boolean]>([
  ["of all roles of the account", { Principal: ["arn:sts::1746495857600001:assumed-role/*/*"] }, true],
  ["of all roles of any account", { Principal: ["arn:sts::*:assumed-role/*/*"] }, true],
  ["of one role", { Principal: ["arn:sts::1746495857600001:assumed-role/etl/*"] }, false],
  ["of the roles of another account", { Principal: ["arn:sts::1000000000000002:assumed-role/*/*"] }, false],
  [
    "of all roles on objects",
    { Principal: ["arn:sts::*:assumed-role/*/*"], Resource: ["acs:oss:*:*:data/*"] },
    false,
  ],
])("a Deny %s warns where it leaves no role", async (_, fields, warns) => {
  const { code, stdout } = await planned(policyOf(deny(fields)));
  expect(code).toBe(0);
  expect(stdout.includes("no role of the account could read and change the policy")).toBe(warns);
});
