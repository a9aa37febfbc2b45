import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { hostileOss } from "../support/hostile-oss.ts";
import { accountFile, writeTree } from "../support/run-cli.ts";

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s while policies are read ends the run with a word and exit %i", async (signal, code) => {
  const oss = await hostileOss(() => undefined);
  const tree = writeTree({ "account.yaml": accountFile, "a.yaml": "bucket: alpha-one\npolicy: none\n" });
  const child = spawn(process.execPath, ["dist/cli.js", "plan", "--policies", tree, "--endpoint", oss.url], {
    env: { ...process.env, OSS_ACCESS_KEY_ID: "neutral-key", OSS_ACCESS_KEY_SECRET: "neutral-secret" },
  });
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => {
    stderr += part.toString();
  });
  await expect.poll(() => oss.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([code, null]);
  expect(stderr).toContain("interrupted: no policy was written\n");
});
