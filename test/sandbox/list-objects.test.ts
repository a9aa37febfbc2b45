import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryPair } from "../../src/sandbox/auth/signature.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, outcomeOf, putObject } from "../support/objects.ts";
import { element, elements, seedOf, type RawAnswer } from "../support/sandbox.ts";

const keys = ["a", "b c+d", "fun/", "fun/1", "fun/movie/1", "fun/movie/2", "z\u0001", "z\uffee", "z😀"];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "empty") });
  for (const key of [...keys].reverse()) await putObject(sandbox.port, key, key);
});
afterAll(() => sandbox.close());

const list = (...query: readonly QueryPair[]): Promise<RawAnswer> => bucketCall(sandbox.port, query);
const v2: QueryPair = ["list-type", "2"];
const url: QueryPair = ["encoding-type", "url"];

/** Prefixes of the groups; the first Prefix is that of the call. */
const groups = (answer: RawAnswer): readonly string[] => elements(answer, "Prefix").slice(1);

test.each<[string, readonly QueryPair[]]>([
  ["version 1", []],
  ["version 2", [v2]],
  ["versions", [["versions", ""]]],
])("%s lists all keys in the order of their bytes, in a form that XML can hold", async (_name, query) => {
  const answer = await list(...query, url);
  expect(elements(answer, "Key").map(decodeURIComponent)).toEqual(keys);
  expect([element(answer, "EncodingType"), element(answer, "IsTruncated")]).toEqual(["url", "false"]);
});

test("a list has what clients read of each object", async () => {
  const answer = await list(["prefix", "a"]);
  expect(answer.headers["content-type"]).toBe("application/xml");
  expect(
    ["Name", "Prefix", "MaxKeys", "Key", "Type", "Size", "StorageClass", "ID"].map((name) =>
      element(answer, name),
    ),
  ).toEqual(["app", "a", "100", "a", "Normal", "1", "Standard", "1746495857600001"]);
  expect(element(answer, "LastModified")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(element(answer, "ETag")).toMatch(/^&quot;[0-9A-F]{32}&quot;$/);
});

test("version 2 counts its keys, and names the owner on request only", async () => {
  const query = [v2, ["prefix", "fun/"], ["delimiter", "/"]] as const;
  const plain = await list(...query);
  expect([elements(plain, "Key"), groups(plain), element(plain, "KeyCount"), element(plain, "ID")]).toEqual([
    ["fun/", "fun/1"],
    ["fun/movie/"],
    "3",
    undefined,
  ]);
  expect(element(await list(...query, ["fetch-owner", "true"]), "ID")).toBe("1746495857600001");
});

test("versions are those of a bucket that never had versioning", async () => {
  const answer = await list(["versions", ""], ["prefix", "a"]);
  expect(["VersionId", "IsLatest", "Key"].map((name) => element(answer, name))).toEqual([
    "null",
    "true",
    "a",
  ]);
});

describe.each<[string, readonly QueryPair[], string, string]>([
  ["version 1", [], "marker", "NextMarker"],
  ["version 2", [v2], "continuation-token", "NextContinuationToken"],
  ["versions", [["versions", ""]], "key-marker", "NextKeyMarker"],
])("the pages of %s", (_name, query, marker, next) => {
  test.each(["", "/"])("are all entries, each once, with the delimiter `%s`", async (delimiter) => {
    const whole = await list(...query, url, ["delimiter", delimiter]);
    for (const size of [1, 2, 4]) {
      const [found, prefixes]: [string[], string[]] = [[], []];
      let after = "";
      for (let count = 0; count < 20; count += 1) {
        const page = await list(
          ...query,
          url,
          ["delimiter", delimiter],
          ["max-keys", String(size)],
          [marker, after],
        );
        found.push(...elements(page, "Key"));
        prefixes.push(...groups(page));
        after = decodeURIComponent(element(page, next) ?? "");
        if (element(page, "IsTruncated") === "false") break;
      }
      expect([found, prefixes]).toEqual([elements(whole, "Key"), groups(whole)]);
    }
  });
});

test("start-after is a place and not a prefix, and a token is stronger", async () => {
  expect(elements(await list(v2, ["start-after", "fun/1"], ["prefix", "fun"]), "Key")).toEqual([
    "fun/movie/1",
    "fun/movie/2",
  ]);
  const page = await list(v2, ["max-keys", "1"], ["start-after", "fun"]);
  const token = element(page, "NextContinuationToken") ?? "";
  expect(
    elements(await list(v2, ["continuation-token", token], ["start-after", "z"], ["max-keys", "1"]), "Key"),
  ).toEqual(["fun/1"]);
});

// oss2 sends every parameter, also the empty ones.
test("empty parameters count as absent", async () => {
  const names = [
    "prefix",
    "delimiter",
    "start-after",
    "continuation-token",
    "fetch-owner",
    "encoding-type",
    "max-keys",
  ];
  const answer = await list(v2, ...names.map((name): QueryPair => [name, ""]));
  expect([answer.status, elements(answer, "Key").length]).toEqual([200, keys.length]);
});

test("an empty bucket is an empty list", async () => {
  const answer = await bucketCall(sandbox.port, [], { bucket: "empty" });
  expect([answer.status, elements(answer, "Key"), element(answer, "IsTruncated")]).toEqual([
    200,
    [],
    "false",
  ]);
});

test.each<[string, readonly QueryPair[]]>([
  ["no keys", [["max-keys", "0"]]],
  ["1,001 keys", [["max-keys", "1001"]]],
  ["a word", [["max-keys", "all"]]],
  ["a negative number", [["max-keys", "-1"]]],
  ["an unknown encoding", [["encoding-type", "base64"]]],
  ["an unknown type", [["list-type", "3"]]],
  ["a token of another server", [v2, ["continuation-token", "ChR1c2VyL2VyaWMvZGVtbzMuanNvbhAA=="]]],
])("a list of %s is refused", async (_name, query) => {
  expect(outcomeOf(await list(...query))).toEqual([400, "InvalidArgument"]);
});
