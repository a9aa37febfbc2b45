import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";
import { accountYaml, bucketYaml, twoAccounts, twoAccountTree, uids } from "../support/two-accounts.ts";

const consents = ["--accept", "grants-unknown-principal@*"];
const seeded = (name: string) => ({ buckets: [{ name, region: "cn-hangzhou" }] });
const seeds = { alpha: seeded("alpha-1"), beta: seeded("beta-1") };

describe("account folders that clash", () => {
  test("one UID in two folders, and one bucket in two accounts, are one error each", async () => {
    const same = twoAccountTree(
      { alpha: ["one"], beta: [] },
      { "beta/account.yaml": accountYaml("alpha").replace("name: alpha", "name: other") },
    );
    const uidTwice = await runCli(["validate", "--policies", same]);
    expect([uidTwice.code, uidTwice.stdout.match(/: error: /g)?.length]).toEqual([1, 1]);
    expect(uidTwice.stdout).toContain(uids.alpha);

    const bucketTwice = await runCli([
      "validate",
      "--policies",
      twoAccountTree({ alpha: ["one"], beta: ["one"] }),
    ]);
    expect([bucketTwice.code, bucketTwice.stdout.match(/: error: /g)?.length]).toEqual([1, 1]);
    expect(bucketTwice.stdout).toContain("alpha/one.yaml");
  });

  test("a folder inside of another's is the inner account's", async () => {
    const world = await twoAccounts({ seeds });
    const folder = writeTree({
      "account.yaml": accountYaml("alpha"),
      "alpha-1.yaml": bucketYaml("alpha-1", "alpha"),
      "inner/account.yaml": accountYaml("beta"),
      "inner/deep/beta-1.yaml": bucketYaml("beta-1", "beta"),
    });
    const { code } = await runCli(["apply", "--policies", folder, ...consents], { env: world.env });
    expect(code).toBe(0);
    expect(world.sandboxes.alpha.policyOf("alpha-1")).toBeDefined();
    expect(world.sandboxes.beta.policyOf("beta-1")).toBeDefined();
  });
});
