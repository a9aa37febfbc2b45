import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseJournal } from "../../src/apply/journal.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { chanceOf } from "../simulation/cloud.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";
import { sandboxWith } from "../support/store.ts";

const names = ["five", "four", "one", "six", "three", "two"];
const stood =
  '{ "Version":"1","Statement":[{"Effect":"Deny","Action":["oss:PutObject"],"Principal":["1"],"Resource":["*"]}]}';
const wanted = (name: string) =>
  `bucket: ${name}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", ` +
  `Resource: "acs:oss:*:*:${name}/*" }] }\n`;

/** Runs the real process and kills it once so many calls came, unless it ends before that. */
async function killed(words: readonly string[], sandbox: Sandbox, calls: number): Promise<boolean> {
  const child = spawn(process.execPath, ["dist/cli.js", ...words], {
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
    stdio: "ignore",
  });
  const look = setInterval(() => {
    if (sandbox.requests.length >= calls) child.kill("SIGKILL");
  }, 1);
  const signal = await new Promise((resolve) => child.on("close", (_, by) => resolve(by)));
  clearInterval(look);
  return signal === "SIGKILL";
}

/** The buckets that no longer have what stood there. */
function touched(sandbox: Sandbox): readonly string[] {
  return names.filter((name) => sandbox.policyOf(name) !== stood);
}

test("killed at any moment: the journal has all that was overwritten, and restores it; a new run converges", async () => {
  const chance = chanceOf(1);
  const rounds = runs(3, 40);
  const seen = { kills: 0, partial: 0 };
  // To read, look at the ACL, read again, write and read back takes five calls a bucket.
  const most = 5 * names.length;
  for (let round = 0; round < rounds; round += 1) {
    const sandbox = await sandboxWith({
      buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: stood })),
      faults: [{ effect: { kind: "delay", delayMs: 15 } }],
    });
    const tree = writeTree({
      "account.yaml": accountFile,
      ...Object.fromEntries(names.map((name) => [`${name}.yaml`, wanted(name)])),
    });
    const journal = join(writeTree({}), "journal.jsonl");
    const at = ["--policies", tree, "--journal", journal];
    if (
      await killed(["apply", ...at, "--concurrency", "2"], sandbox, Math.ceil(most * (0.3 + 0.7 * chance())))
    )
      seen.kills += 1;
    // A call that was under way is still answered by the server.
    await new Promise((resolve) => setTimeout(resolve, 40));
    const changed = touched(sandbox);
    if (changed.length > 0 && changed.length < names.length) seen.partial += 1;
    const read = existsSync(journal) ? parseJournal(readFileSync(journal, "utf8")) : { lines: [] };
    const kept = ("problem" in read ? [] : read.lines).flatMap(({ entry }) =>
      entry.entry === "before" ? [[entry.bucket, entry.body] as const] : [],
    );
    expect(kept.every(([, body]) => body === stood)).toBe(true);
    expect(kept.map(([bucket]) => bucket)).toEqual(expect.arrayContaining([...changed]));
    const env = environmentOf(sandbox);
    if (round % 2 === 0) {
      if (kept.length > 0) expect((await runCli(["restore", ...at], { env })).code).toBe(0);
      expect(touched(sandbox)).toEqual([]);
    } else {
      expect((await runCli(["apply", "--policies", tree], { env })).code).toBe(0);
      expect((await runCli(["plan", "--policies", tree, "--detailed-exitcode"], { env })).code).toBe(0);
      expect(touched(sandbox)).toEqual(names);
    }
  }
  // Runs that were all over, or had not begun, would hold nothing.
  expect(seen.kills).toBeGreaterThan(rounds / 4);
  expect(seen.partial).toBeGreaterThan(rounds / 10);
}, 600_000);

interface Held {
  readonly sandbox: Sandbox;
  readonly child: ChildProcess;
  /** What the process wrote so far. */
  readonly told: { stdout: string; stderr: string };
  readonly closed: Promise<{ readonly code: unknown; readonly signal: unknown }>;
}

/** The real process with a write in flight that OSS takes so long to answer. */
async function inFlight(delayMs: number): Promise<Held> {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: stood })),
    faults: [{ operation: "PutBucketPolicy", effect: { kind: "delay", delayMs } }],
  });
  const files = Object.fromEntries(names.map((name) => [`${name}.yaml`, wanted(name)]));
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const journal = join(writeTree({}), "journal.jsonl");
  const words = ["apply", "--policies", tree, "--journal", journal, "--concurrency", "1"];
  const child = spawn(process.execPath, ["dist/cli.js", ...words], {
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
  });
  const told = { stdout: "", stderr: "" };
  child.stdout.on("data", (part: Buffer) => (told.stdout += part.toString()));
  child.stderr.on("data", (part: Buffer) => (told.stderr += part.toString()));
  const closed = new Promise<{ code: unknown; signal: unknown }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  while (!existsSync(journal) || !readFileSync(journal, "utf8").includes('"before"'))
    await new Promise((resolve) => setTimeout(resolve, 10));
  return { sandbox, child, told, closed };
}

const once: readonly (readonly [name: string, signals: readonly NodeJS.Signals[]])[] = [
  // As npm hands on a Ctrl-C that the process had from the terminal already.
  ["SIGINT, which comes twice", ["SIGINT", "SIGINT"]],
  ["SIGINT", ["SIGINT"]],
  ["SIGTERM", ["SIGTERM"]],
];

test.each(once)("%s: the write in flight is finished and told, and no other is begun", async (_, signals) => {
  const { sandbox, child, told, closed } = await inFlight(600);
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await closed).toEqual({ code: 1, signal: null });
  expect(told.stdout).toContain("Apply: 1 applied, 5 not attempted.");
  expect(touched(sandbox)).toEqual(["five"]);
});

const twice: readonly (readonly [first: NodeJS.Signals, second: NodeJS.Signals])[] = [
  ["SIGINT", "SIGTERM"],
  ["SIGINT", "SIGINT"],
  ["SIGTERM", "SIGTERM"],
];

test.each(twice)("%s, and then %s: the second ends the run at once", async (first, second) => {
  const { child, told, closed } = await inFlight(20_000);
  child.kill(first);
  while (!told.stderr.includes("interrupt again to stop at once"))
    await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 600));
  child.kill(second);
  expect(await closed).toEqual({ code: null, signal: second });
});
