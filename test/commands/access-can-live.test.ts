import { expect, test } from "vitest";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

test("a live statement that refuses is said, and its text moves no cursor", async () => {
  const statement = (Effect: string, key: string) => ({
    Effect,
    Principal: ["2021"],
    Action: ["oss:GetObject"],
    Resource: [`acs:oss:*:*:data/${key}`],
  });
  const policy = { Version: "1", Statement: [statement("Allow", "*"), statement("Deny", "a*\u001b[2J")] };
  const sandbox = await sandboxWith({
    buckets: [{ name: "data", region: "cn-hangzhou", policy: JSON.stringify(policy) }],
  });
  const tree = writeTree({ "account.yaml": accountFile, "data.yaml": "bucket: data\npolicy: none\n" });
  const words = ["access", "can", "2021", "oss:GetObject", "data/*", "--live", "--policies", tree];
  const { stdout } = await runCli(words, { env: environmentOf(sandbox) });
  expect(stdout).toMatch(/decided by the live statement `Deny 2021 oss:GetObject acs:oss:\*:\*:data\/a\*/);
  expect(stdout).not.toContain("\u001b");
});
