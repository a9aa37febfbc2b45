import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accountFile, environmentOf, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

/** Loaded before the tool, it puts the clock of the process wrong. */
const wrongClock = (hours: number) => `
const Real = Date;
const now = () => Real.now() + ${hours} * 3_600_000;
globalThis.Date = class extends Real {
  constructor(...words) { super(...(words.length === 0 ? [now()] : words)); }
  static now() { return now(); }
};`;

test.each([-3, 3])("a machine whose clock is %d hours off plans and writes all the same", async (hours) => {
  const sandbox = await sandboxWith({
    buckets: ["one", "two"].map((name) => ({ name, region: "cn-hangzhou", policy: '{"Statement":[]}' })),
  });
  const none = (name: string) => `bucket: ${name}\npolicy: none\n`;
  const tree = writeTree({
    "account.yaml": accountFile,
    "one.yaml": none("one"),
    "two.yaml": none("two"),
    "clock.mjs": wrongClock(hours),
  });
  const journal = join(writeTree({}), "journal.jsonl");
  const words = ["dist/cli.js", "apply", "--policies", tree, "--journal", journal];
  const child = spawn(process.execPath, ["--import", join(tree, "clock.mjs"), ...words], {
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
  });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
  expect(output).toContain("Apply: 2 applied.");
  // Once it is known by how much, no other call is refused for it.
  const refused = sandbox.requests.filter(({ status }) => status === 403);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(2);
});
