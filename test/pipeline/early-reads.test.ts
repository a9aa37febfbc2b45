import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { hostileOss } from "../support/hostile-oss.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const env = { OSS_ACCESS_KEY_ID: "neutral-key", OSS_ACCESS_KEY_SECRET: "neutral-secret" };
const fine = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [`b${index}.yaml`, `bucket: early-${index}\npolicy: none\n`]),
);

/** Runs the built tool, which reads a large tree in threads. */
async function runBuilt(words: readonly string[]): Promise<{ code: number; stdout: string }> {
  const child = spawn(process.execPath, ["dist/cli.js", ...words], { env: { ...process.env, ...env } });
  let stdout = "";
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString();
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout };
}

test("a file with an error ends the run at once, though reads of other buckets are in flight", async () => {
  const oss = await hostileOss(() => undefined);
  const tree = writeTree({ "account.yaml": accountFile, ...fine, "z.yaml": "bucket: [\n" });
  const child = spawn(process.execPath, ["dist/cli.js", "plan", "--policies", tree, "--endpoint", oss.url], {
    env: { ...process.env, ...env },
  });
  let stdout = "";
  child.stdout.on("data", (part: Buffer) => {
    stdout += part.toString();
  });
  // The server never answers: a call is given up after ten seconds, and repeated up to half a minute.
  const [code] = (await Promise.race([
    once(child, "close"),
    new Promise((_, reject) => setTimeout(() => reject(new Error("it still runs")), 9_000).unref()),
  ])) as [number];
  expect(code).toBe(1);
  expect(stdout).toContain("no plan was made, and nothing was written");
});

test("no bucket is read that was not selected, and each that was is read once", async () => {
  const called: (string | undefined)[] = [];
  const oss = await hostileOss(({ headers, url }, response) => {
    called.push(/early-\d+/.exec(`${headers.host ?? ""}${url ?? ""}`)?.[0]);
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchBucketPolicy</Code></Error>");
  });
  const tree = writeTree({ "account.yaml": accountFile, ...fine });
  const words = ["plan", "--policies", tree, "--endpoint", oss.url, "--bucket", "early-1*"];
  expect((await runCli(words, { env })).code).toBe(0);
  expect([...new Set(called)].sort()).toEqual([...called].sort());
  expect(called.every((name) => name?.startsWith("early-1"))).toBe(true);
  expect(called).toHaveLength(11);
});

test("a bucket that is guessed before its file is parsed is read once, and a wrong guess changes nothing", async () => {
  const called: string[] = [];
  const oss = await hostileOss(({ headers, url }, response) => {
    called.push(/[a-z]+-\d+/.exec(`${headers.host ?? ""}${url ?? ""}`)?.[0] ?? "");
    response.writeHead(404, { "content-type": "application/xml" });
    response.end("<Error><Code>NoSuchBucketPolicy</Code></Error>");
  });
  const names = Array.from({ length: 320 }, (_, index) => `early-${index}`);
  const many = Object.fromEntries(names.map((name) => [`${name}.yaml`, `bucket: ${name}\npolicy: none\n`]));
  // At the start of a line, and yet within a text.
  const misleading = '{ vars: { x: "1\nbucket: never-1\n2" }, bucket: early-7, policy: none }\n';
  const tree = writeTree({ "account.yaml": accountFile, ...many, "early-7.yaml": misleading });
  const { code, stdout } = await runBuilt(["plan", "--policies", tree, "--endpoint", oss.url]);
  expect(code).toBe(0);
  expect(stdout).toContain("320 unchanged");
  expect(stdout).not.toContain("never-1");
  expect(called.filter((name) => name !== "never-1").sort()).toEqual([...names].sort());
  expect(called).toHaveLength(321);
});

test.each([
  [["--accept", "grants-public-access@nowhere"]],
  [["--forbid", "losses"]],
  [["--replace-unparseable", "nowhere"]],
  [["--bucket", "early-1*", "--bucket", "nowhere"]],
  [["--exclude", "nowhere"]],
  [["--account", "nobody"]],
  [["--base", "no-revision"]],
])("a refused command line reads nothing: %s", async (words) => {
  const oss = await hostileOss((_, response) => response.end());
  const tree = writeTree({ "account.yaml": accountFile, ...fine });
  const { code } = await runCli(["plan", "--policies", tree, "--endpoint", oss.url, ...words], { env });
  expect(code).toBe(1);
  // A call that was started would arrive by now.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(oss.requests).toEqual([]);
});
