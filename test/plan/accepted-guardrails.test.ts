import { expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const guardrail = `guardrails:
  - { name: no reads of secrets, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/secrets/*"] }
`;
const accept = "accept: [{ guardrail: no reads of secrets, reason: migration }]\n";
const region = accept.replace(
  "migration",
  'migration, region: { Principal: ["1"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/secrets/*"] }',
);
const reads = (...keys: readonly string[]) =>
  JSON.stringify({
    Version: "1",
    Statement: [
      {
        Effect: "Allow",
        Principal: ["1"],
        Action: ["oss:GetObject"],
        Resource: keys.map((key) => `acs:oss:*:*:data/${key}`),
      },
    ],
  });

async function planned(live: string, desired: string, consent: string) {
  const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou", policy: live }] });
  const tree = writeTree({
    "account.yaml": accountFile + guardrail,
    "data.yaml": `bucket: data\npolicy: ${desired}\n${consent}`,
  });
  return runCli(["plan", "--policies", tree], { env: environmentOf(sandbox) });
}

test.each([
  ["the whole guardrail", accept],
  ["a part of it", region],
])("a breach that an accept of %s covers is said, and does not block", async (_, consent) => {
  const { code, stdout } = await planned(reads("a/*"), reads("a/*", "secrets/*"), consent);
  expect(code).toBe(0);
  expect(stdout).toContain("Review: 1 change breaks a guardrail (accepted)");
  expect(stdout).toContain("accepted: guardrail-broken");
  expect(stdout).toContain("guardrail `no reads of secrets` is broken");
});

test("so is one that goes further than the live policy", async () => {
  const { stdout } = await planned(reads("secrets/a"), reads("secrets/*"), accept);
  expect(stdout).toContain("Review: 1 change breaks a guardrail (accepted)");
});

test.each([
  ["has nothing to do with it", reads("secrets/a"), reads("secrets/a", "logs/*")],
  ["narrows it", reads("secrets/*", "logs/*"), reads("secrets/a")],
])("a change that %s says nothing of it", async (_, live, desired) => {
  const { code, stdout } = await planned(live, desired, accept);
  expect([code, stdout]).toEqual([0, expect.not.stringContaining("guardrail")]);
});

test("a bucket that breaks a guardrail as it is makes the plan a blocked one", async () => {
  const { code, stdout } = await planned(reads("secrets/a"), reads("secrets/a"), "");
  expect([code, stdout.split("\n")[0]]).toEqual([3, "Blocked: 1 unchanged bucket breaks a guardrail"]);
});
