import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readEvents } from "../../src/pipeline/read-events.ts";
import { file, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { event, jsonLines } from "../support/events.ts";
import { account, plannedWith } from "../support/planned-with-events.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

describe("the forms of events", () => {
  const two = [event({ eventTime: "2026-05-30T00:00:00Z" }), event({ eventId: "E" })];
  const page = {
    EndTime: "2026-06-01T00:00:00Z",
    Events: two,
    NextToken: "",
    RequestId: "R",
    StartTime: "2026-05-01T00:00:00Z",
  };
  test.each<[string, string, string | Uint8Array]>([
    ["JSON lines", "a.jsonl", jsonLines(...two)],
    ["an array, gzipped, as a trail delivers it", "a.gz", gzipSync(JSON.stringify(two))],
    ["JSON lines, gzipped, under any name", "events", gzipSync(jsonLines(...two))],
    ["gzip files one after the other", "a.gz", Buffer.concat(two.map((one) => gzipSync(jsonLines(one))))],
    ["a page of LookupEvents, as the CLI prints it", "a.json", JSON.stringify(page, null, 2)],
    [
      "several pages in one file",
      "a.json",
      `${JSON.stringify({ ...page, Events: [two[0]] })}\n${JSON.stringify({ ...page, Events: [two[1]] })}`,
    ],
    [
      "rows of a Logstore",
      "a.json",
      two
        .map((one) => JSON.stringify({ __topic__: "actiontrail_audit_event", event: JSON.stringify(one) }))
        .join("\n"),
    ],
    ["rows whose event is an object", "a.json", JSON.stringify(two.map((one) => ({ event: one })))],
  ])("%s", async (_, name, events) => {
    const { line, document, stderr } = await plannedWith({ events, name });
    expect([line, stderr]).toEqual([expect.stringMatching(/, event E$/), expect.not.stringContaining("[")]);
    expect(document).toMatchObject({ events: { count: 2, unread: 0 } });
  });

  test("a folder with links that lead up to it", async () => {
    const folder = writeTree({ "a.json": JSON.stringify([two[1]]) });
    for (const name of ["up.json", "again.json"]) symlinkSync(".", join(folder, name));
    const trail = await readEvents(folder, { openStreams: () => expect.unreachable() });
    expect(trail).toMatchObject({ trail: { count: 1, unread: 0 } });
  });

  test("a folder with a link that leads nowhere", async () => {
    const folder = writeTree({ "a.json": JSON.stringify([two[1]]) });
    symlinkSync("nowhere", join(folder, "b.json"));
    const trail = await readEvents(folder, { openStreams: () => expect.unreachable() });
    expect(trail).toMatchObject({ trail: { count: 1, unread: 0 } });
  });

  test("a folder of them, with other files in it", async () => {
    const folder = writeTree({ "README.md": "no events", "2026/05/30/a.json": JSON.stringify([two[0]]) });
    mkdirSync(join(folder, "2026/05/31"));
    writeFileSync(join(folder, "2026/05/31/b.gz"), gzipSync(JSON.stringify([two[1]])));
    const { stdout, document } = await planned({
      repository: newRepository(tree(file(reads), account)),
      live: policy(writes),
      words: ["--events", folder],
    });
    expect(stdout).toMatch(/last change in the events: .*, event E\n/);
    expect(document).toMatchObject({ events: { count: 2 } });
  });
});

describe("what cannot be read", () => {
  const good = event({ eventId: "E" });
  test.each<[string, string | Uint8Array, string]>([
    ["a line that is cut off", `{"eventId":"x","user\n${jsonLines(good)}`, ":1` is not JSON"],
    ["an object that is no event", `${jsonLines(good)}{"a":1}\n`, ":2` is no event of ActionTrail"],
    ["an event without a time", jsonLines(good, event({ eventTime: "yesterday" })), ":2` has no time in UTC"],
    [
      "an event with a time of another zone",
      jsonLines(good, event({ eventTime: "2026-05-31T08:24:43+08:00" })),
      ":2` has no time in UTC",
    ],
    [
      "a change of a policy without a bucket",
      jsonLines(good, event({ referencedResources: {} })),
      ":2` records PutBucketPolicy and names no bucket",
    ],
    ["an event of a page", JSON.stringify({ Events: [good, { a: 1 }] }), ":1` is no event of ActionTrail"],
    ["a row with text for an event", `${jsonLines(good)}{"event":"hello"}`, ":2` is no event of ActionTrail"],
    [
      "a gzip file that is cut off",
      gzipSync(jsonLines(good, ...Array.from({ length: 200 }, () => event()))).subarray(0, -200),
      "` is not a complete gzip file (Z_BUF_ERROR)",
    ],
  ])("%s is one warning, and the rest is used", async (_, events, problem) => {
    const { stderr, stdout, document, code } = await plannedWith({ events });
    expect(stderr.match(/\[unread-events\]/g)).toHaveLength(1);
    expect(stderr).toMatch(/^warning: (a part|2 parts) of the events cannot be read: `/m);
    expect(stderr).toContain(problem);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("last change in the events: PutBucketPolicy"),
    ]);
    expect(document).toHaveProperty("events.unread");
  });

  test("many are counted, and three named", async () => {
    const { stderr, path } = await plannedWith({ events: `${jsonLines(good)}${"oops\n".repeat(50)}` });
    expect(stderr).toContain(
      `50 parts of the events cannot be read: \`${path}:2\` is not JSON, \`${path}:3\` is not JSON, \`${path}:4\` is not JSON, and 47 more`,
    );
  });

  test("a file without events is a warning", async () => {
    const { stderr, line } = await plannedWith({ events: '{"Events":[],"NextToken":""}' });
    expect([stderr, line]).toEqual([expect.stringContaining("holds no events [unread-events]"), "none"]);
  });

  test.each<[string, (folder: string) => string, string]>([
    ["no such path", (folder) => join(folder, "none"), "cannot be read (ENOENT)"],
    [
      "a folder without event files",
      (folder) => folder,
      "has no file whose name ends with .json, .jsonl or .gz",
    ],
    ["a policy file", (folder) => join(folder, "data.yaml"), "holds no events of ActionTrail: "],
    [
      "a binary file",
      (folder) => {
        writeFileSync(join(folder, "x"), Buffer.from([0x1f, 0x8b, 8, 0, 255, 7]));
        return join(folder, "x");
      },
      "holds no events of ActionTrail: ",
    ],
  ])("%s ends the run with one error, before anything is contacted", async (_, pathIn, problem) => {
    const sandbox = await sandboxWith({ buckets: [{ name: "data", region: "cn-hangzhou" }] });
    const folder = writeTree({ "account.yaml": accountFile, "data.yaml": file(reads) });
    const { code, stderr } = await runCli(["plan", "--policies", folder, "--events", pathIn(folder)], {
      env: environmentOf(sandbox),
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining(problem)]);
    expect(stderr.match(/\[events\]/g)).toHaveLength(1);
    expect(sandbox.requests).toEqual([]);
  });

  test("a report is not written over the events", async () => {
    const folder = writeTree({ "account.yaml": accountFile, "e.json": "" });
    const { code, stderr } = await runCli([
      "plan",
      "--policies",
      folder,
      "--events",
      join(folder, "e.json"),
      "--json",
      join(folder, "e.json"),
    ]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("--json would overwrite")]);
  });
});
