import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { mutant } from "../support/mutant.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const stood =
  '{ "Version":"1","Statement":[{"Effect":"Deny","Action":["oss:PutObject"],"Principal":["1"],"Resource":["*"]}]}';
const wanted =
  'bucket: one\npolicy: { Version: "1", Statement: [{ Effect: Allow, Principal: ["2"], Action: "oss:GetObject", Resource: "acs:oss:*:*:one/*" }] }\n';

/** Loaded before the tool: what was flushed of files and folders, and nothing else, is in `KEPT`. */
const onlyWhatIsFlushed = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
const { openSync, fsyncSync } = fs;
const paths = new Map();
const keep = (name, text) => fs.writeFileSync(join(process.env.KEPT, encodeURIComponent(name)), text);
fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest);
  paths.set(descriptor, path);
  return descriptor;
};
fs.fsyncSync = (descriptor) => {
  fsyncSync(descriptor);
  const path = paths.get(descriptor);
  if (fs.fstatSync(descriptor).isDirectory()) keep("in " + path, fs.readdirSync(path).join("\\n"));
  else keep("text of " + path, fs.readFileSync(path));
};
syncBuiltinESMExports();
`;

interface Cut {
  readonly sandbox: Sandbox;
  readonly tree: string;
  /** What a disk would still have of the journal; undefined where it has none. */
  readonly journal: string | undefined;
}

/** The power fails while the first write is under way. */
async function powerCut(cli: string): Promise<Cut> {
  const sandbox = await sandboxWith({
    buckets: [{ name: "one", region: "cn-hangzhou", policy: stood }],
    faults: [{ operation: "PutBucketPolicy", effect: { kind: "lost-answer" } }],
  });
  const tree = writeTree({ "account.yaml": accountFile, "one.yaml": wanted });
  const disk = writeTree({ "preload.mjs": onlyWhatIsFlushed });
  const kept = join(disk, "kept");
  mkdirSync(kept);
  const file = join(disk, "new", "folder", "journal.jsonl");
  const words = ["apply", "--policies", tree, "--journal", file];
  const child = spawn(process.execPath, ["--import", join(disk, "preload.mjs"), cli, ...words], {
    env: { ...environmentOf(sandbox), PATH: process.env["PATH"], KEPT: kept },
    stdio: "ignore",
  });
  const closed = new Promise((resolve) => child.on("close", resolve));
  while (!sandbox.requests.some(({ status }) => status === "lost"))
    await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  await closed;
  sandbox.clearFaults();
  expect(sandbox.policyOf("one")).not.toBe(stood);
  return { sandbox, tree, journal: survivorOf(kept, file, disk) };
}

/** A file is there after a power cut where its text was flushed, and each folder that leads to it. */
function survivorOf(kept: string, file: string, disk: string): string | undefined {
  const read = (name: string) => {
    const path = join(kept, encodeURIComponent(name));
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  for (let path = file; path !== disk; path = dirname(path)) {
    const entries = read(`in ${dirname(path)}`)?.split("\n") ?? [];
    if (!entries.some((entry) => join(dirname(path), entry) === path)) return undefined;
  }
  return read(`text of ${file}`);
}

test("after a power cut in mid-write the disk has what stood there, and restore puts it back", async () => {
  const { sandbox, tree, journal } = await powerCut("dist/cli.js");
  expect(journal).toContain(JSON.stringify(stood));
  const file = join(writeTree({}), "journal.jsonl");
  writeFileSync(file, journal ?? "");
  const words = ["restore", "--policies", tree, "--journal", file];
  expect((await runCli(words, { env: environmentOf(sandbox) })).code).toBe(0);
  expect(sandbox.policyOf("one")).toBe(stood);
});

const mutants: readonly (readonly [name: string, from: string, to: string])[] = [
  ["without the flush of a line", "    fsyncSync(descriptor);\n    isWhole = true;", "    isWhole = true;"],
  [
    "without the flush of the folder",
    "  flushFolders(dirname(file), made",
    "  if (file === '') flushFolders(file, made",
  ],
  [
    "without the flush of the folders that were made",
    "  if (resolve(folder) !== resolve(top))",
    "  if (folder === '')",
  ],
];

test.each(mutants)("%s it would be lost", async (_, from, to) => {
  const cli = await mutant({ file: "apply/journal.ts", from, to }, "src/cli.ts");
  expect((await powerCut(cli)).journal ?? "").not.toContain(JSON.stringify(stood));
});
