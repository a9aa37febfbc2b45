import { spawn } from "node:child_process";
import fs, { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openJournal, openNewJournal, parseJournal, type JournalEntry } from "../../src/apply/journal.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { onFullDisk } from "../support/full-disk.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const stood =
  '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:PutObject","Resource":"*","Principal":["1"]}]}';
const allow = (bucket: string) =>
  `bucket: ${bucket}\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["202147604049350001"], ` +
  `Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}/*"] }] }\n`;

async function world(names: readonly string[]): Promise<{ sandbox: Sandbox; tree: string; journal: string }> {
  const sandbox = await sandboxWith({
    buckets: names.map((name) => ({ name, region: "cn-hangzhou", policy: stood })),
  });
  const files = Object.fromEntries(names.map((name) => [`${name}.yaml`, allow(name)]));
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  return { sandbox, tree, journal: join(writeTree({}), "journal.jsonl") };
}

function writes(sandbox: Sandbox): number {
  return sandbox.requests.filter(({ operation }) => operation === "PutBucketPolicy").length;
}

function entriesOf(file: string): readonly JournalEntry[] {
  const read = parseJournal(readFileSync(file, "utf8"));
  return "problem" in read ? [] : read.lines.map(({ entry }) => entry);
}

test("the bytes that stood there are kept, then what became of the write", async () => {
  const { sandbox, tree, journal } = await world(["one"]);
  const { code, stderr } = await runCli(["apply", "--policies", tree, "--journal", journal], {
    env: environmentOf(sandbox),
  });
  expect(code).toBe(0);
  expect(stderr).toContain(`restore --journal ${journal}`);
  expect(entriesOf(journal)).toMatchObject([
    { entry: "before", bucket: "one", account: "1746495857600001", action: "update", body: stood },
    { entry: "after", bucket: "one", result: "applied" },
  ]);
});

test("no secret is in it", async () => {
  const { sandbox, tree, journal } = await world(["one"]);
  await runCli(["apply", "--policies", tree, "--journal", journal], { env: environmentOf(sandbox) });
  expect(readFileSync(journal, "utf8")).not.toMatch(/sandbox/i);
});

test("only its owner may read it", async () => {
  const { sandbox, tree, journal } = await world(["one"]);
  await runCli(["apply", "--policies", tree, "--journal", journal], { env: environmentOf(sandbox) });
  expect(statSync(journal).mode & 0o777).toBe(0o600);
});

describe("a journal that nobody named", () => {
  /** The real process in a folder of its own, after some other code. */
  async function applied(preload: string): Promise<{ readonly folder: string; readonly code: unknown }> {
    const { sandbox, tree } = await world(["one"]);
    const folder = writeTree({ "preload.mjs": preload });
    const words = ["--import", "./preload.mjs", resolve("dist/cli.js"), "apply", "--policies", tree];
    const child = spawn(process.execPath, words, {
      cwd: folder,
      env: { ...environmentOf(sandbox), PATH: process.env["PATH"] },
      stdio: "ignore",
    });
    return { folder: join(folder, ".oss-policy"), code: await new Promise((end) => child.on("close", end)) };
  }

  test("never takes the name of another, also of a run that begins in the same moment", async () => {
    const other = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { openSync } = fs;
let isFirst = true;
fs.openSync = (path, flags, mode) => {
  if (flags === "ax" && isFirst) fs.writeFileSync(path, "of another run");
  if (flags === "ax") isFirst = false;
  return openSync(path, flags, mode);
};
syncBuiltinESMExports();`;
    const { folder, code } = await applied(other);
    expect(code).toBe(0);
    const [ignore = "", first = "", second = ""] = readdirSync(folder).sort();
    // Journals are easily committed.
    expect([ignore, readFileSync(join(folder, ignore), "utf8")]).toEqual([".gitignore", "*\n"]);
    expect(readFileSync(join(folder, first), "utf8")).toBe("of another run");
    expect(entriesOf(join(folder, second))).toHaveLength(2);
  });

  test("is not put where a file is in the way of its folder", async () => {
    const { code } = await applied('import fs from "node:fs"; fs.writeFileSync(".oss-policy", "");');
    expect(code).toBe(1);
  });
});

describe("where the journal cannot be kept, nothing is written", () => {
  test.each([
    [
      "a file that is there already",
      (folder: string) => {
        writeFileSync(join(folder, "taken"), "");
        return join(folder, "taken");
      },
      "EEXIST",
    ],
    [
      "a folder that is a file",
      (folder: string) => {
        writeFileSync(join(folder, "file"), "");
        return join(folder, "file", "journal");
      },
      "ENOTDIR",
    ],
    [
      "a folder",
      (folder: string) => {
        mkdirSync(join(folder, "folder"));
        return join(folder, "folder");
      },
      "EEXIST",
    ],
  ])("%s", async (_, place, code) => {
    const { sandbox, tree } = await world(["one"]);
    const file = place(writeTree({}));
    const result = await runCli(["apply", "--policies", tree, "--journal", file], {
      env: environmentOf(sandbox),
    });
    expect(result.stderr).toContain(`the journal \`${file}\` cannot be started (${code}`);
    expect(result.stdout).toContain("Exit 1, error: there is no journal, so nothing was written.");
    expect(result.code).toBe(1);
    expect(writes(sandbox)).toBe(0);
  });

  test("a disk that is full: what was begun is told, and no other bucket is written", async () => {
    const { sandbox, tree, journal } = await world(["one", "two"]);
    const long = stood.replace('"Resource":"*"', `"Resource":"acs:oss:*:*:one/${"x".repeat(450)}"`);
    sandbox.setPolicy("one", long);
    sandbox.setPolicy("two", long);
    const words = ["apply", "--policies", tree, "--journal", journal, "--concurrency", "1"];
    const { code, stdout } = await onFullDisk(words, environmentOf(sandbox));
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /failed +update two: the journal cannot be written \(EFBIG.*so nothing was written/,
    );
    expect(sandbox.policyOf("two")).toBe(long);
    expect(writes(sandbox)).toBe(1);
    expect(entriesOf(journal)).toMatchObject([{ entry: "before", bucket: "one", body: long }, {}]);
  });
});

test("there is no journal where there is nothing to write", async () => {
  const { sandbox, tree, journal } = await world(["one"]);
  const options = { env: environmentOf(sandbox) };
  await runCli(["apply", "--policies", tree], options);
  await runCli(["apply", "--policies", tree, "--journal", journal], options);
  expect(existsSync(journal)).toBe(false);
});

test("asked to stop, the run finishes the write in flight and begins no other", async () => {
  const { sandbox, tree, journal } = await world(["one", "three", "two"]);
  sandbox.addFault({ operation: "PutBucketPolicy", effect: { kind: "delay", delayMs: 300 } });
  const stop = new Promise<void>((resolve) => {
    // The journal has the predecessor before the write is sent.
    const look = () =>
      existsSync(journal) && entriesOf(journal).length > 0 ? resolve() : void setTimeout(look, 5);
    look();
  });
  const { code, stdout } = await runCli(
    ["apply", "--policies", tree, "--journal", journal, "--concurrency", "1", "--json", "-"],
    { env: environmentOf(sandbox), stopped: stop },
  );
  const { outcomes } = JSON.parse(stdout) as { outcomes: { bucket: string; result: string }[] };
  expect(outcomes.map(({ bucket, result }) => `${bucket} ${result}`)).toEqual([
    "one applied",
    "three not attempted",
    "two not attempted",
  ]);
  expect(code).toBe(1);
  expect(writes(sandbox)).toBe(1);
  expect(entriesOf(journal)).toHaveLength(2);
});

test("a disk that is full ends the run, and leaves no file behind", () => {
  const folder = writeTree({});
  const { openSync: open } = fs;
  const opened: number[] = [];
  // A descriptor that takes no byte, as a file on a full disk.
  fs.openSync = ((path: string, ...rest: [string]) => {
    const own = open(path, ...rest);
    if (!path.endsWith(".jsonl")) return own;
    opened.push(own);
    return open("/dev/full", "a");
  }) as typeof fs.openSync;
  syncBuiltinESMExports();
  onTestFinished(() => {
    fs.openSync = open;
    syncBuiltinESMExports();
    opened.forEach((descriptor) => fs.closeSync(descriptor));
  });
  for (const start of [
    () => openNewJournal(folder, "2026-11-30"),
    () => openJournal(join(folder, "own.jsonl")),
  ]) {
    expect(start).toThrow(/ENOSPC/);
  }
  expect(opened).toHaveLength(2);
  expect(readdirSync(folder)).toEqual([]);
});

test("a folder that cannot be listed has a free name all the same", () => {
  const folder = writeTree({});
  const { readdirSync: list } = fs;
  fs.readdirSync = (() => {
    throw Object.assign(new Error("denied"), { code: "EACCES" });
  }) as typeof fs.readdirSync;
  syncBuiltinESMExports();
  onTestFinished(() => {
    fs.readdirSync = list;
    syncBuiltinESMExports();
  });
  for (const number of [1, 2]) {
    const { file, journal } = openNewJournal(folder, "2026-11-30");
    expect(file).toBe(join(folder, `journal-2026-11-30-${number}.jsonl`));
    journal.close();
  }
});

describe("reading a journal", () => {
  const head = '{"tool":"oss-policy","journal":"1.0"}';
  const line = JSON.stringify({ entry: "after", bucket: "b", result: "applied", message: "" });

  test("half a line at the end costs that line alone", () => {
    expect(parseJournal(`${head}\n${line}\n${line.slice(0, 20)}`)).toMatchObject({
      lines: [{ line: 2 }],
      broken: [{ line: 3 }],
    });
  });

  test("a journal of a later minor version is read, and what it adds is left aside", () => {
    const later = `{"tool":"oss-policy","journal":"1.7","more":1}\n${line.replace("}", ',"more":1}')}\n`;
    expect(parseJournal(later)).toMatchObject({ lines: [{ line: 2 }], broken: [] });
  });

  test.each([
    ["an empty file", "", "not a journal of oss-policy"],
    ["another tool's", '{"tool":"terraform","journal":"1.0"}\n', "not a journal of oss-policy"],
    ["a newer format", '{"tool":"oss-policy","journal":"2.0"}\n', "format 2.0 is unknown"],
  ])("%s is refused", (_, text, problem) => {
    expect(parseJournal(text)).toMatchObject({ problem: expect.stringContaining(problem) });
  });
});
