import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

test("a guardrail that a shared set breaks is one finding, and leads to the files that can accept it", async () => {
  const guardrail =
    'guardrails: [{ name: g, Principal: ["anonymous"], Action: ["oss:GetObject"], Resource: ["*"] }]\n';
  const buckets = ["one", "two", "three"].map((name) => [`${name}.yaml`, `bucket: ${name}\nuse: [open]\n`]);
  const tree = writeTree({
    "account.yaml": accountFile + guardrail,
    "_sets/open.yaml":
      'Statement:\n  - { Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}/*"] }\n',
    ...Object.fromEntries(buckets),
  });
  const { stdout } = await runCli(["validate", "--policies", tree]);
  expect(stdout.match(/\[guardrail-broken\]/g)).toHaveLength(1);
  expect(stdout).toContain("accept the guardrail in the file of each bucket that uses it with a reason");
});
