import { afterAll, beforeAll, expect, test } from "vitest";
import { operationRow, operations, type OperationRow } from "../../src/sandbox/operations/table.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { exchange, isAlive, requestBytes, signedBytes, statuses } from "../support/raw-socket.ts";
import { seedOf, signed, type SignedCall } from "../support/sandbox.ts";

const count = 10_000;
const atOnce = 32;

let sandbox: Sandbox;
beforeAll(async () => {
  const objects = [
    { key: "a", body: "hello" },
    { key: "dir/b", tags: { team: "data" } },
  ];
  sandbox = await startSandbox({
    seed: { ...seedOf(), buckets: [{ name: "app", region: "cn-hangzhou", objects }] },
  });
});
afterAll(() => sandbox.close());

const rows: readonly OperationRow[] = operations
  .filter((name) => name !== "Unsupported")
  // Either would end the bucket that the others need.
  .filter((name) => name !== "DeleteBucket" && name !== "PutBucketPolicy")
  .map((name) => operationRow(name));

const oddTexts = [
  "",
  "0",
  "1",
  "-1",
  "2",
  "1000",
  "99999999999999999999",
  "NaN",
  "a",
  "dir/",
  "url",
  "\0",
  "\u{10ffff}",
  "é",
  "%",
  "%00",
  "%FF",
  "..",
  "../../x",
  "<",
  "&amp;",
  "]]>",
  "a".repeat(2_000),
  "true",
  "bytes=0-",
  "bytes=-1",
  "/app/a",
  "/app/dir%2Fb",
  "app",
  "team=data",
  "a=b&c",
  "public-read",
  "yes",
  "REPLACE",
  '"',
  "*",
  "Fri, 01 Jan 2100 00:00:00 GMT",
  "constructor",
  "__proto__",
];

const oddBodies = [
  "",
  "x",
  "<",
  "<a>",
  "<a/>",
  "<Delete><Object><Key>a</Key></Object></Delete>",
  "<Delete><Quiet>true</Quiet></Delete>",
  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
  "<Tagging><TagSet><Tag><Key>__proto__</Key><Value>x</Value></Tag></TagSet></Tagging>",
  "<Tagging><TagSet/></Tagging>",
  "<PublicAccessBlockConfiguration/>",
  "<CreateBucketConfiguration/>",
  "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
  "<a>".repeat(5_000),
  "&#0;",
  "\ufeff<a/>",
  "{}",
  "null",
  "[]",
];

const oddHeaders = [
  "range",
  "x-oss-range-behavior",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "content-md5",
  "content-type",
  "x-oss-acl",
  "x-oss-object-acl",
  "x-oss-tagging",
  "x-oss-storage-class",
  "x-oss-copy-source",
  "x-oss-copy-source-range",
  "x-oss-copy-source-if-match",
  "x-oss-metadata-directive",
  "x-oss-tagging-directive",
  "x-oss-symlink-target",
  "x-oss-forbid-overwrite",
  "x-oss-complete-all",
  "x-oss-meta-",
  "x-oss-meta-a",
  "expect",
  "x-oss-date",
  "authorization",
  "host",
  "transfer-encoding",
  "content-length",
  "x-sandbox-context",
  "x-oss-security-token",
];

// A request that no client sends must not end the sandbox, keep it waiting, or meet a bug of it (an InternalError).
test(`${count} odd requests each get an answer or a closed connection`, async () => {
  const random = generator(1);
  let [hangs, answers] = [0, 0];
  const bugs: string[] = [];
  for (let start = 0; start < count; start += atOnce) {
    const requests = Array.from({ length: Math.min(atOnce, count - start) }, () => oddRequest(random));
    const received = await Promise.all(requests.map((bytes) => exchange(sandbox.port, bytes)));
    for (const [index, text] of received.entries()) {
      if (text === "hang") hangs += 1;
      answers += statuses(text).length;
      if (statuses(text).includes(500))
        bugs.push(`${requests[index]?.toString("latin1").slice(0, 500)}\n-> ${text}`);
    }
    expect(bugs.slice(0, 1)).toEqual([]);
  }
  expect([hangs, await isAlive(sandbox.port)]).toEqual([0, true]);
  expect(answers).toBeGreaterThan(count / 2);
});

/** Half are signed, so that they get past the signature; others are damaged after that, or are parts of a request. */
function oddRequest(random: (below: number) => number): Buffer {
  const call = oddCall(random);
  switch (random(4)) {
    case 0:
    case 1:
      return signedBytes(call);
    case 2:
      return damaged(signedBytes(call), random);
    default: {
      const { method = "GET", path = "/", headers = {}, body = "" } = signed(call);
      const bytes = requestBytes({
        method: pick(["", "GET", "PROPFIND", "get", method], random),
        path,
        headers,
        body,
      });
      return damaged(bytes.subarray(random(bytes.length)), random);
    }
  }
}

function oddCall(random: (below: number) => number): SignedCall {
  const row = pick(rows, random);
  const names = [...(row.query ?? []), ...(row.takes ?? []).filter(() => random(2) === 0)];
  const body = pick(oddBodies, random);
  const header = (name: string): [string, string] => [name, headerText(pick(oddTexts, random))];
  const headers = Object.fromEntries([
    ...(row.header === undefined ? [] : [header(row.header)]),
    ...Array.from({ length: random(4) }, () => header(pick(oddHeaders, random))),
    ...(random(8) === 0 ? [] : [["content-length", String(Buffer.byteLength(body))]]),
  ]) as Record<string, string>;
  return {
    method: row.method,
    ...(row.on === "service" ? {} : { bucket: "app" }),
    ...(row.on === "object"
      ? { key: encodeURIComponent(pick(["a", "dir/b", "new", ...oddTexts.slice(6)], random)) }
      : {}),
    query: names.map((name) => [name, pick(oddTexts, random)] as const),
    headers,
    body,
  };
}

/** What a header can hold at all: it is sent as bytes. */
function headerText(text: string): string {
  return Buffer.from(text)
    .toString("latin1")
    .replaceAll(/[\0\r\n]/g, "")
    .slice(0, 300);
}

function damaged(bytes: Buffer, random: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes);
  for (let times = random(4) + 1; times > 0 && copy.length > 0; times -= 1)
    copy[random(copy.length)] = random(256);
  return copy;
}

function pick<T>(items: readonly T[], random: (below: number) => number): T {
  return items[random(items.length)] as T;
}

/** Pseudo-random whole numbers, the same in each run (mulberry32). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % Math.max(below, 1);
  };
}
