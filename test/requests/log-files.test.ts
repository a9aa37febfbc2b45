import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRequests } from "../../src/requests/read-requests.ts";
import { logLine, slsLine } from "../support/log-lines.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "oss-policy-logs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function keysOf(paths: readonly string[], stdin: Readable = Readable.from([])) {
  const keys: string[] = [];
  const read = await readRequests(
    paths,
    {},
    () => stdin,
    ({ key }) => keys.push(key),
  );
  if ("problems" in read) return read.problems.map(({ message, help }) => `${message}; ${help ?? ""}`);
  return { keys, skipped: read.counts.skipped, warnings: read.diagnostics.map(({ message }) => message) };
}

const nothing = { skipped: {}, warnings: [] };

test("a folder is read with all that is below it, in order, and links to folders are not followed", async () => {
  write("tree/b/2.log", logLine({ object: "second" }));
  write(
    "tree/c",
    gzipSync(`${logLine({ object: "third" })}\n${slsLine({ object: "4", request_uri: "/4" })}`),
  );
  write("tree/a.txt", `${logLine({ object: "first" })}\n`);
  symlinkSync(join(folder, "tree"), join(folder, "tree", "z"));
  symlinkSync(join(folder, "none"), join(folder, "tree", "y"));
  const wanted = { keys: ["first", "second", "third", "4"], ...nothing };
  expect(await keysOf([join(folder, "tree")])).toEqual(wanted);
  // A file that two paths name is read once.
  expect(await keysOf([join(folder, "tree"), join(folder, "tree", "a.txt")])).toEqual(wanted);
});

test("stdin is read for -, also zipped, byte by byte, and in several members", async () => {
  const zipped = Buffer.concat([
    gzipSync(`${logLine({ object: "a" })}\n`),
    gzipSync(logLine({ object: "b" })),
  ]);
  const bytes = Array.from(zipped, (byte) => Buffer.from([byte]));
  expect(await keysOf(["-"], Readable.from(bytes))).toEqual({ keys: ["a", "b"], ...nothing });
});

test("the last line of a file does not go on in the next one", async () => {
  const paths = [write("one.log", logLine({ object: "a" })), write("two.log", logLine({ object: "b" }))];
  expect(await keysOf(paths)).toEqual({ keys: ["a", "b"], ...nothing });
});

test("a gzip file that ends too early gives what it has, and a warning", async () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => logLine({ object: `k${(at * 7919) % 5000}` }));
  const zipped = gzipSync(lines.join("\n"));
  const path = write("cut.gz", zipped.subarray(0, zipped.length / 2));
  const read = await keysOf([path, write("whole.log", logLine({ object: "last" }))]);
  if (Array.isArray(read) || !("keys" in read)) throw new Error(JSON.stringify(read));
  expect(read.keys.length).toBeGreaterThan(100);
  expect(read.keys.at(-1)).toBe("last");
  expect(read.warnings).toEqual([`the log \`${path}\` is not a complete gzip file (Z_BUF_ERROR)`]);
});

test("bytes behind the end of gzip are not lost in silence", async () => {
  const member = gzipSync(`${logLine({ object: "a" })}\n`);
  const path = write("padded.gz", Buffer.concat([member, Buffer.alloc(512), member]));
  expect(await keysOf([path])).toEqual({
    keys: ["a"],
    skipped: {},
    warnings: [`the log \`${path}\` has bytes behind its gzip data, which are not read`],
  });
});

test("a line without an end takes no memory", async () => {
  const path = write("bomb.gz", gzipSync(Buffer.alloc(64 << 20, "x")));
  const before = process.memoryUsage().rss;
  expect(await keysOf([path])).toMatchObject({ keys: [], skipped: { "too long": 1 } });
  expect(process.memoryUsage().rss - before).toBeLessThan(48 << 20);
});

describe("what cannot be read is one error", () => {
  test.each([
    ["zstd", "28b52ffd"],
    ["xz", "fd377a585a00"],
    ["bzip2", "425a6839"],
    ["zip", "504b0304"],
    ["lz4", "04224d18"],
    ["snappy", "ff060000734e61507059"],
    ["Parquet", "50415231"],
    ["ORC", "4f5243"],
    ["7-Zip", "377abcaf271c"],
    ["compress", "1f9d90"],
  ])("%s", async (name, head) => {
    const path = write(`packed/${name}`, Buffer.concat([Buffer.from(head, "hex"), Buffer.alloc(2_000, 7)]));
    expect(await keysOf([path])).toEqual([
      `the log \`${path}\` cannot be read (compressed as ${name}; only gzip is read); decompress it, and name the result, or - for stdin`,
    ]);
  });

  test("no file, an empty folder", async () => {
    const missing = join(folder, "missing");
    mkdirSync(join(folder, "empty"));
    const help =
      "name a log file of OSS, a file of JSON lines of SLS, a folder of such files, or - for stdin";
    expect(await keysOf([missing])).toEqual([`the log \`${missing}\` cannot be read (ENOENT); ${help}`]);
    expect(await keysOf([join(folder, "empty")])).toEqual([
      `the log \`${join(folder, "empty")}\` is a folder without files; ${help}`,
    ]);
  });

  test.runIf(existsSync("/proc/self/mem"))("a file whose bytes the system does not give", async () => {
    const help =
      "name a log file of OSS, a file of JSON lines of SLS, a folder of such files, or - for stdin";
    expect(await keysOf(["/proc/self/mem"])).toEqual([
      `the log \`/proc/self/mem\` cannot be read (EIO); ${help}`,
    ]);
  });

  test("a file below a file", async () => {
    const path = join(write("file.log", logLine()), "below");
    expect(await keysOf([path])).toEqual([expect.stringContaining(`\`${path}\` cannot be read (ENOTDIR)`)]);
  });

  test("an empty file is no error: it has no requests", async () => {
    expect(await keysOf([write("nothing.log", "")])).toEqual({ keys: [], ...nothing });
  });
});

describe("a folder with other things", () => {
  test("reads files behind links once, and leaves out links in a circle, pipes and folders without files", async () => {
    write("odd/a/1.log", logLine({ object: "a" }));
    write("odd/empty.log", "");
    mkdirSync(join(folder, "odd", "empty"));
    symlinkSync("a/1.log", join(folder, "odd", "same.log"));
    symlinkSync("circle", join(folder, "odd", "circle"));
    symlinkSync("..", join(folder, "odd", "a", "up"));
    execFileSync("mkfifo", [join(folder, "odd", "pipe")]);
    const odd = join(folder, "odd");
    expect(await keysOf([odd, join(odd, "same.log"), `${folder}/./odd/a/1.log`])).toEqual({
      keys: ["a"],
      ...nothing,
    });
  });

  test("names the files that hold no log, and reads the others", async () => {
    write("mixed/1.log", logLine({ object: "a" }));
    write("mixed/2.csv", `bucket,object,operation\n${"data,a,GetObject\n".repeat(1_000)}`);
    write("mixed/3.json", JSON.stringify([JSON.parse(slsLine()), JSON.parse(slsLine())]));
    write("mixed/4.json", JSON.stringify([JSON.parse(slsLine())], null, 2));
    write("mixed/5.bin", Buffer.from(Array.from({ length: 50_000 }, (_, at) => (at * at * 31) % 251)));
    const read = await keysOf([join(folder, "mixed")]);
    if (Array.isArray(read) || !("keys" in read)) throw new Error(JSON.stringify(read));
    expect(read.keys).toEqual(["a"]);
    const name = (file: string) => `\`${join(folder, "mixed", file)}\``;
    expect(read.warnings).toEqual([
      `no line of the logs ${name("2.csv")}, ${name("3.json")}, ${name("4.json")} and 1 more is a line of OSS's log files or a row of SLS`,
    ]);
  });

  test("a row for each element of an array, on a line of its own, is read", async () => {
    const path = write("array.json", `[\n${slsLine()},\n${slsLine({ object: "b" })}\n]\n`);
    expect(await keysOf([path])).toEqual({
      keys: ["raw/a.csv", "b"],
      skipped: { "broken line": 2 },
      warnings: [],
    });
  });
});

test("a pipe is read as it comes", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const source = write("piped.gz", gzipSync(logLine({ object: "a" })));
  const writer = spawn("sh", ["-c", 'cat "$1" > "$2"', "sh", source, pipe]);
  const read = await keysOf([pipe]);
  if (writer.exitCode === null) await once(writer, "exit");
  expect(read).toEqual({ keys: ["a"], ...nothing });
});

test.each([
  ["utf16le", [0xff, 0xfe]],
  ["utf16be", [0xfe, 0xff]],
])("a file of %s is one error", async (name, mark) => {
  const text = Buffer.from(logLine(), "utf16le");
  const path = write(name, Buffer.concat([Buffer.from(mark), name === "utf16le" ? text : text.swap16()]));
  expect(await keysOf([path])).toEqual([
    `the log \`${path}\` cannot be read (it is UTF-16; only UTF-8 is read); write it as UTF-8`,
  ]);
});
