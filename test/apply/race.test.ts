import { expect, test } from "vitest";
import { runs } from "../support/runs.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const names = ["five", "four", "one", "three", "two"];
const policy = (name: string, action: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["2"],"Action":["${action}"],"Resource":["acs:oss:*:*:${name}/*"]}]}`;

function treeOf(action: string): string {
  const files = names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: ${policy(name, action)}\n`]);
  return writeTree({ "account.yaml": accountFile, ...Object.fromEntries(files) });
}

interface Told {
  readonly bucket: string;
  readonly result: string;
}

test("two applies at once: each bucket ends with what one of them asked for, and that one says so", async () => {
  let overtaken = 0;
  for (let round = 0; round < runs(2, 20); round += 1) {
    const sandbox = await sandboxWith({
      buckets: names.map((name) => ({
        name,
        region: "cn-hangzhou",
        policy: policy(name, "oss:DeleteObject"),
      })),
      faults: [{ operation: "PutBucketPolicy", effect: { kind: "delay", delayMs: 5 * (round % 3) } }],
    });
    const actions = ["oss:GetObject", "oss:PutObject"];
    const told = await Promise.all(
      actions.map(async (action) => {
        const words = ["apply", "--policies", treeOf(action), "--json", "-", "--concurrency", "2"];
        const { stdout } = await runCli(words, { env: environmentOf(sandbox) });
        return (JSON.parse(stdout) as { outcomes: Told[] }).outcomes;
      }),
    );
    for (const name of names) {
      const winner = actions.findIndex((action) => sandbox.policyOf(name) === policy(name, action));
      expect(winner, `${name} has what one of them asked for`).toBeGreaterThanOrEqual(0);
      const results = told.map((outcomes) => outcomes.find(({ bucket }) => bucket === name)?.result ?? "");
      expect(results[winner]).toBe("applied");
      expect(["applied", "stale", "unverified"]).toContain(results[1 - winner]);
      if (results[1 - winner] !== "applied") overtaken += 1;
    }
  }
  // Runs that never met would hold nothing.
  expect(overtaken).toBeGreaterThan(0);
});
