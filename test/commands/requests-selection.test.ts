import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { logLine } from "../support/log-lines.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const policy = (bucket: string, action: string) =>
  `{"Version":"1","Statement":[{"Effect":"Allow","Principal":["202147604049350001"],"Action":["oss:${action}"],"Resource":["acs:oss:*:*:${bucket}/*"]}]}`;
const names = ["app-a", "app-b", "logs"];

/** Plans three buckets with requests on each and on one more; returns the extent of the logs in the plan. */
async function extentWith(...words: readonly string[]) {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: policy(name, "GetObject") })),
  });
  const files = names.map((name) => [
    `${name}.yaml`,
    `bucket: ${name}\npolicy: ${policy(name, "PutObject")}\n`,
  ]);
  const tree = { "account.yaml": accountFile, ...(Object.fromEntries(files) as object) };
  const log = join(writeTree({}), "log");
  writeFileSync(log, [...names, "app-a", "elsewhere"].map((bucket) => logLine({ bucket })).join("\n"));
  const json = join(writeTree({}), "plan.json");
  const all = ["plan", "--policies", writeTree(tree), "--requests", log, "--json", json, ...words];
  const { stdout } = await runCli(all, {
    env: environmentOf(sandbox),
    wallTime: () => new Date("2026-11-24T00:00:00Z"),
  });
  const { requests } = JSON.parse(readFileSync(json, "utf8")) as { requests: object };
  return { stdout, requests };
}

test.each([
  [[], 4, 1],
  [["--bucket", "app-a"], 2, 3],
  [["--exclude", "app-*"], 1, 4],
  [["--bucket", "app-*", "--exclude", "app-b"], 2, 3],
  // The plans of all shards have the same counts.
  [["--shard", "1/2"], 4, 1],
  [["--shard", "2/2"], 4, 1],
  [["--bucket", "app-*", "--shard", "1/2"], 3, 2],
  [["--bucket", "app-*", "--shard", "2/2"], 3, 2],
])(
  "a plan with %j counts requests on buckets that it is not about as those of another bucket",
  async (words, used, other) => {
    const { stdout, requests } = await extentWith(...words);
    expect(requests).toMatchObject({ read: 5, used, skipped: { "other bucket": other } });
    expect(stdout).toContain(`Requests: ${used} of 5 requests in the logs`);
  },
);

test("a plan of one account counts requests on the buckets of another as those of another bucket", async () => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "app-a", region: "cn-hangzhou", policy: policy("app-a", "GetObject") }],
  });
  const tree = {
    "one/account.yaml": `name: one\n${accountFile}`,
    "one/app-a.yaml": `bucket: app-a\npolicy: ${policy("app-a", "PutObject")}\n`,
    "two/account.yaml": `name: two\n${accountFile.replace("1746495857600001", "1746495857600002")}`,
    "two/app-b.yaml": `bucket: app-b\npolicy: ${policy("app-b", "PutObject")}\n`,
  };
  const log = join(writeTree({}), "log");
  const lines = [logLine({ bucket: "app-a" }), logLine({ bucket: "app-b", owner: "1746495857600002" })];
  writeFileSync(log, lines.join("\n"));
  const words = ["--policies", writeTree(tree), "--account", "one", "--requests", log];
  const { stdout } = await runCli(["plan", ...words], {
    env: environmentOf(sandbox),
    wallTime: () => new Date("2026-11-24T00:00:00Z"),
  });
  expect(stdout).toContain(
    "Requests: 1 of 2 requests in the logs on 2026-11-16 (UTC). Not weighed: 1 other bucket.",
  );
});
