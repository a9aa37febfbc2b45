import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseJournal, type BeforeEntry } from "../../../src/apply/journal.ts";
import type { Sandbox } from "../../../src/sandbox/server.ts";
import { chanceOf } from "../../simulation/cloud.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../../support/run-cli.ts";
import { runs } from "../../support/runs.ts";
import { sandboxWith } from "../../support/store.ts";

const names = ["five", "four", "one", "six", "three", "two"];
const live =
  '{ "Version":"1","Statement":[{"Effect":"Deny","Action":["oss:PutObject"],"Principal":["1"],"Resource":["*"]}]}';
const files = Object.fromEntries(
  names.map((name) => [
    `${name}.yaml`,
    `bucket: ${name}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", ` +
      `Resource: "acs:oss:*:*:${name}/*" }] }\n`,
  ]),
);

const cli = resolve("dist/cli.js");

interface Service {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly ended: Promise<{ readonly code: unknown; readonly signal: unknown }>;
}

/** The real process, in a folder that keeps its journals. */
function start(sandbox: Sandbox, folder: string, tree: string): Service {
  const words = ["watch", "--apply", "--policies", tree, "--log", "json", "--concurrency", "2"];
  const child = spawn(process.execPath, [cli, ...words], {
    cwd: folder,
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let log = "";
  child.stdout.on("data", (part: Buffer) => (log += part.toString()));
  const ended = new Promise<{ code: unknown; signal: unknown }>((settle) =>
    child.on("close", (code, signal) => settle({ code, signal })),
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, log: () => log, ended };
}

const pause = (ms: number) => new Promise((settle) => setTimeout(settle, ms));

function changed(sandbox: Sandbox): readonly string[] {
  return names.filter((name) => sandbox.policyOf(name) !== live);
}

/** What the journals of a folder keep, in the order of their names. */
function kept(folder: string): readonly BeforeEntry[] {
  const journals = join(folder, ".oss-policy");
  const found = existsSync(journals) ? readdirSync(journals).filter((name) => name.endsWith(".jsonl")) : [];
  return found.flatMap((name) => {
    const read = parseJournal(readFileSync(join(journals, name), "utf8"));
    const lines = "lines" in read ? read.lines : [];
    return lines.flatMap(({ entry }) => (entry.entry === "before" ? [entry] : []));
  });
}

test("killed during writes and started again: nothing is lost, and it converges by itself", async () => {
  const chance = chanceOf(1);
  const rounds = runs(2, 6);
  const seen = { partial: 0, restored: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const sandbox = await sandboxWith({
      buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: live })),
      faults: [{ effect: { kind: "delay", delayMs: 15 } }],
    });
    const tree = writeTree({ "account.yaml": accountFile, ...files });
    const folder = writeTree({});
    // Twice in a row, each at some call of its writes.
    for (let kill = 0; kill < 2; kill += 1) {
      const { child, ended } = start(sandbox, folder, tree);
      const calls = sandbox.requests.length + Math.ceil(names.length * (2 + 3 * chance()));
      while (
        sandbox.requests.length < calls &&
        child.exitCode === null &&
        changed(sandbox).length < names.length
      )
        await pause(1);
      child.kill("SIGKILL");
      await ended;
      // A call that was under way is still answered by the server.
      await pause(40);
      const done = changed(sandbox).length;
      if (done > 0 && done < names.length) seen.partial += 1;
    }
    const lost = changed(sandbox);
    const before = new Map(kept(folder).map((entry) => [entry.bucket, entry.body]));
    for (const name of lost) expect(before.get(name), name).toBe(live);

    const service = start(sandbox, folder, tree);
    await expect.poll(() => changed(sandbox).length, { timeout: 30_000 }).toBe(names.length);
    await expect.poll(() => service.log().includes('"event":"reconcile"'), { timeout: 30_000 }).toBe(true);
    service.child.kill("SIGTERM");
    expect(await service.ended).toEqual({ code: 0, signal: null });
    const env = environmentOf(sandbox);
    expect((await runCli(["plan", "--policies", tree, "--detailed-exitcode"], { env })).code).toBe(0);
    // Each bucket was overwritten once in all, so each is in the journals with what was live.
    expect(new Map(kept(folder).map((entry) => [entry.bucket, entry.body]))).toEqual(
      new Map(names.map((name) => [name, live])),
    );
    for (const name of readdirSync(join(folder, ".oss-policy")).filter((one) => one.endsWith(".jsonl"))) {
      const journal = join(folder, ".oss-policy", name);
      const { code } = await runCli(["restore", "--policies", tree, "--journal", journal], { env });
      if (code === 0) seen.restored += 1;
    }
    expect(changed(sandbox)).toEqual([]);
  }
  // Processes that were all over, or had not begun, would show nothing.
  expect(seen.partial).toBeGreaterThan(0);
  expect(seen.restored).toBeGreaterThan(0);
}, 600_000);

test("SIGTERM during writes: the write in flight is finished, no other is started, and it ends with 0", async () => {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: live })),
    faults: [{ operation: "PutBucketPolicy", effect: { kind: "delay", delayMs: 600 } }],
  });
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const folder = writeTree({});
  const { child, ended, log } = start(sandbox, folder, tree);
  await expect.poll(() => kept(folder).length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(0);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
  const outcomes = [...log().matchAll(/"outcome":"([^"]+)"/g)].map(([, outcome = ""]) => outcome);
  expect(outcomes.filter((outcome) => outcome === "applied")).toHaveLength(changed(sandbox).length);
  expect(outcomes).toContain("not attempted");
  expect(changed(sandbox).length).toBeLessThan(names.length);
});

test("SIGTERM while OSS does not answer ends the process without a write", async () => {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: live })),
    faults: [{ effect: { kind: "delay", delayMs: 60_000 } }],
  });
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const { child, ended, log } = start(sandbox, writeTree({}), tree);
  await expect.poll(() => log().includes('"event":"start"'), { timeout: 30_000 }).toBe(true);
  await pause(500);
  child.kill("SIGTERM");
  expect(await ended).toEqual({ code: 0, signal: null });
  expect(changed(sandbox)).toEqual([]);
}, 60_000);

test("SIGHUP starts a reconcile of the real process, and does not end it", async () => {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: live })),
  });
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const { child, ended, log } = start(sandbox, writeTree({}), tree);
  await expect.poll(() => log().includes('"event":"reconcile"'), { timeout: 30_000 }).toBe(true);
  child.kill("SIGHUP");
  await expect.poll(() => log().includes('"reason":"signal"'), { timeout: 30_000 }).toBe(true);
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 0, signal: null });
}, 60_000);
