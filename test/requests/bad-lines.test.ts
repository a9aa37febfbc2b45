import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseWindowTime } from "../../src/requests/window.ts";
import {
  loggedHeadersField,
  logLine,
  logOwner,
  readLines,
  slsLine,
  type LoggedFields,
} from "../support/log-lines.ts";
import { runs } from "../support/runs.ts";

const day = (text: string) => ({ time: `${text}/Nov/2026:10:00:00 +0000` });

test.each([
  [logLine({ syncRequest: "lifecycle", operation: "ExpireObject" }), "lifecycle"],
  [logLine({ status: "404" }), "failed"],
  [logLine({ status: "-" }), "broken line"],
  [logLine({ time: "31/Foo/2026:10:00:00 +0800" }), "broken line"],
  [logLine({ time: "16/Nov/2026:10:00:00" }), "broken line"],
  // The times of a clock that is not set, of a row in milliseconds, and of the year 10000.
  [logLine({ time: "01/Jan/1970:00:00:00 +0000" }), "broken line"],
  [slsLine({ __time__: "0" }), "broken line"],
  [slsLine({ __time__: "1794794400000" }), "broken line"],
  [slsLine({ __time__: "253402300800" }), "broken line"],
  [slsLine({ __time__: "-1" }), "broken line"],
  [slsLine({ user_agent: "u".repeat(70_000) }), "too long"],
  [logLine({ bucket: "-", object: "-", operation: "GetService" }), "no bucket"],
  [logLine({ count: 25 }), "broken line"],
  [`${logLine({ count: 29 })} 1 2 3 4`, "broken line"],
  [Array.from({ length: 29 }, () => "-").join(" "), "broken line"],
  [Array.from({ length: 29 }, () => '"-"').join(" "), "broken line"],
  ['"'.repeat(1_000), "broken line"],
  ["[", "broken line"],
  ["{", "broken line"],
  ["{}", "broken line"],
  ['{"bucket":"data"}', "broken line"],
  ["x".repeat(70_000), "too long"],
  [logLine({ object: "k".repeat(70_000) }), "too long"],
])("%.80s is counted as %s", (line, reason) => {
  for (const text of [line, `${logLine()}\n${line}\n${logLine()}`]) {
    const around = text === line ? 0 : 2;
    for (const size of [1 << 20, 100, 1_000])
      expect(readLines(text, {}, size).counts).toMatchObject({
        read: 1 + around,
        used: around,
        skipped: { [reason]: 1 },
      });
  }
});

test("a field of 60 KB, NUL bytes and line ends of Windows break nothing", () => {
  const long = "u".repeat(60_000);
  const lines = [
    logLine({ userAgent: long }),
    slsLine({ user_agent: long }),
    `\0\0\0${logLine()}\0`,
    "\0".repeat(1_000),
  ];
  for (const size of [1 << 20, 1_000])
    expect(readLines(lines.join("\r\n"), {}, size).counts).toMatchObject({
      read: 3,
      used: 3,
      skipped: {},
    });
});

test("clocks out of order: the window of the used requests is from the first to the last", () => {
  const lines = ["17", "15", "19", "16"].map((text) => logLine(day(text)));
  const { fromMs = 0, toMs = 0 } = readLines(
    [...lines, logLine({ ...day("25"), status: "500" })].join("\n"),
  ).counts;
  expect([fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 10))).toEqual([
    "2026-11-15",
    "2026-11-19",
  ]);
});

const deletedKey = (fields: object) =>
  slsLine({ __topic__: "oss_batch_delete_log", operation: "DeleteObjects", object: "a", ...fields });

describe("what is not wanted is counted", () => {
  const mixed = [
    logLine(),
    logLine({ bucket: "other", owner: "1999999999999999" }),
    slsLine({ bucket: "third" }),
  ].join("\n");

  test("buckets and accounts may be mixed", () => {
    const { requests, counts } = readLines(mixed, { buckets: new Map([["data", logOwner]]) });
    expect(requests.map(({ bucket }) => bucket)).toEqual(["data"]);
    expect(counts).toMatchObject({ read: 3, used: 1, skipped: { "other bucket": 2 } });
  });

  test.each([
    ["a line", logLine({ owner: "1999999999999999" }), { "other account": 1 }],
    ["a row", slsLine({ owner_id: "1999999999999999" }), { "other account": 1 }],
    ["a line without an owner", logLine({ owner: "-" }), {}],
    ["a row without an owner", slsLine({ owner_id: undefined }), {}],
    // As the samples of the documentation are.
    ["a line whose owner is hidden", logLine({ owner: "17464958576****" }), {}],
    ["a key of a delete", deletedKey({ owner_id: "1999999999999999" }), { "other account": 1 }],
  ])("%s on a bucket of that name, of another account, is not weighed", (_, text, skipped) => {
    const { counts } = readLines(text, { buckets: new Map([["data", logOwner]]) });
    expect([counts.read, counts.skipped]).toEqual([1, skipped]);
    expect(readLines(logLine({ owner: "1999999999999999" })).counts.used).toBe(1);
  });

  test("a log of another bucket only has no requests and no window", () => {
    expect(readLines(mixed, { buckets: new Map([["mine", logOwner]]) }).counts).toEqual({
      read: 3,
      used: 0,
      skipped: { "other bucket": 3 },
      unmapped: new Map(),
      fromMs: undefined,
      toMs: undefined,
      sources: { files: 0, sls: 0 },
      copySources: 0,
    });
  });

  test("the start of a window belongs to it, the end does not", () => {
    const lines = ["15", "16", "17"].map((text) => logLine(day(text))).join("\n");
    const [sinceMs, untilMs] = [Date.UTC(2026, 10, 15, 10), Date.UTC(2026, 10, 17, 10)];
    expect(readLines(lines, { sinceMs, untilMs }).counts).toMatchObject({
      used: 2,
      skipped: { "outside of the window": 1 },
    });
  });
});

const nowMs = Date.UTC(2026, 10, 29, 12);
test.each([
  ["7d", "2026-11-22T12:00:00.000Z"],
  ["24h", "2026-11-28T12:00:00.000Z"],
  ["0d", "2026-11-29T12:00:00.000Z"],
  ["2026-11-01", "2026-11-01T00:00:00.000Z"],
  ["2026-11-01T08:00:00+08:00", "2026-11-01T00:00:00.000Z"],
  ["2026-11-01T08:00Z", "2026-11-01T08:00:00.000Z"],
  ...["", "7", "7w", "-7d", "2026-11-31", "2026-11-01T08:00", "now", "7d "].map((text) => [text, undefined]),
])("the time %j is %s", (text = "", wanted) => {
  const ms = parseWindowTime(text, nowMs);
  expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(wanted);
});

/** Texts that a header or a key may have, with what matters to a parser. */
const hostile = fc.string({
  unit: fc.constantFrom('"', " ", '" "', "%20", "%", "\\", "[", "]", "-", "a", "日", "{", ":", "HTTP/"),
  maxLength: 12,
});

const fields: fc.Arbitrary<LoggedFields> = fc.record(
  {
    userAgent: hostile,
    referer: hostile,
    object: hostile.map((text) => text.replaceAll('"', "")),
    target: hostile.map((text) => `/${text}`),
    method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "", "get"),
    status: fc.constantFrom("200", "204", "304", "403", "500", "-", "x"),
    requester: fc.constantFrom("-", "202147604049350001", "300024016803281053", "*", ""),
    operation: hostile,
    time: fc.constantFrom("16/Nov/2026:10:00:00 +0800", "-", "99/Nov/2026:10:00:00 +0800"),
    count: fc.integer({ min: 20, max: 31 }),
  },
  { requiredKeys: [] },
);

/** Headers that a row may have, in a field that may be cut off anywhere. */
const headersField = fc
  .record({
    headers: fc.dictionary(
      fc.constantFrom("x-oss-acl", "X-Oss-Object-Acl", "x-oss-tagging", "x-oss-copy-source"),
      fc.oneof(hostile, fc.webPath(), fc.webQueryParameters(), fc.constant("/data/a")),
    ),
    cut: fc.nat(400),
  })
  .map(({ headers, cut }) => loggedHeadersField(headers).slice(0, 400 - cut));

const line: fc.Arbitrary<string> = fc.oneof(
  headersField.map((field) =>
    slsLine({ http_method: "PUT", operation: "CopyObject", user_defined_log_fields: field }),
  ),
  fields.map(logLine),
  fields.map((some) => slsLine(some as Record<string, unknown>)),
  // A line that lost or gained something.
  fc.tuple(fields.map(logLine), fc.nat(), hostile).map(([text, at, more]) => {
    const place = at % text.length;
    return text.slice(0, place) + more + text.slice(place + (at % 40));
  }),
  fc.string(),
  fc.json(),
);

describe("any log", () => {
  test("gives one request or one counted reason for each line, however it comes in parts", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (lines, size) => {
        // Only lines that have something are lines, and a delete of many keys may need two.
        const text = lines.map((each) => each.replaceAll(/[\r\n]/g, "")).join("\n");
        const held = text.split("\n").filter((each) => /[^\x00-\x20\ufeff]/.test(each)).length;
        const whole = readLines(text);
        expect(whole.counts.read).toBe(held);
        expect(whole.requests).toHaveLength(whole.counts.used + whole.counts.copySources);
        const skipped = Object.values(whole.counts.skipped).reduce((sum, count) => sum + count, 0);
        expect(whole.counts.used + skipped).toBe(held);
        expect(readLines(text, {}, size)).toEqual(whole);
      }),
      { numRuns: runs(300) },
    );
  });

  test("of random bytes throws nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 400 }), (bytes, size) => {
        const { counts } = readLines(Buffer.from(bytes), {}, size);
        expect(counts).toMatchObject({ used: 0, read: counts.skipped["broken line"] ?? 0 });
      }),
      { numRuns: runs(200) },
    );
  });

  test("says of a User-Agent, a Referer and an agent with marks the same request", () => {
    const plain = readLines(logLine()).requests[0];
    fc.assert(
      fc.property(hostile, hostile, fc.integer({ min: 26, max: 31 }), (userAgent, referer, count) => {
        const { requests } = readLines(logLine({ userAgent, referer, count }));
        expect(requests).toHaveLength(1);
        expect(requests[0]).toMatchObject({ ...plain, context: expect.anything() as unknown });
        const agent = requests[0]?.context.get("acs:UserAgent");
        if (agent !== undefined) expect(agent).toBe(userAgent);
      }),
      { numRuns: runs(300) },
    );
  });
});
