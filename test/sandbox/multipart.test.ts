import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { QueryPair } from "../../src/sandbox/auth/signature.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, contentOf, md5, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { element, elements, seedOf, type RawAnswer } from "../support/sandbox.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

const minBytes = 100 * 1024;

async function start(key: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const answer = await objectCall(port, key, { method: "POST", query: [["uploads", ""]], headers });
  return element(answer, "UploadId") ?? "";
}

function putPart(
  key: string,
  id: string,
  number: number | string,
  body: string | Buffer,
): Promise<RawAnswer> {
  return objectCall(port, key, { method: "PUT", query: partQuery(id, number), body });
}

function partQuery(id: string, number: number | string): readonly QueryPair[] {
  return [
    ["partNumber", String(number)],
    ["uploadId", id],
  ];
}

type Named = readonly (readonly [number: number | string, etag: string | undefined])[];

function complete(
  key: string,
  id: string,
  parts: Named,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const nodes = parts.map(
    ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload>${nodes.join("")}</CompleteMultipartUpload>`;
  return objectCall(port, key, { method: "POST", query: [["uploadId", id]], body, headers });
}

const big = Buffer.alloc(minBytes, "abcdefg");

test("an upload becomes the object of its parts, with what its start said", async () => {
  const id = await start("whole", {
    "content-type": "text/plain",
    "x-oss-meta-a": "b",
    "x-oss-tagging": "t=1",
  });
  const second = await putPart("whole", id, 7, "end");
  await putPart("whole", id, 2, "replaced");
  const first = await putPart("whole", id, 2, big);
  expect(first.headers).toMatchObject({
    "content-md5": md5(big),
    etag: `"${md5(big, "hex").toUpperCase()}"`,
  });

  const answer = await complete("whole", id, [
    [2, first.headers.etag],
    [7, second.headers.etag],
  ]);
  const bytes = Buffer.concat([big, Buffer.from("end")]);
  const put = await putObject(port, "same", bytes);
  const crc = "x-oss-hash-crc64ecma";
  expect([answer.status, element(answer, "Key"), answer.headers[crc]]).toEqual([
    200,
    "whole",
    put.headers[crc],
  ]);
  const get = await objectCall(port, "whole");
  expect(get.body.equals(bytes)).toBe(true);
  expect(get.headers).toMatchObject({
    "content-type": "text/plain",
    "x-oss-meta-a": "b",
    "x-oss-tagging-count": "1",
    "x-oss-object-type": "Multipart",
    [crc]: put.headers[crc],
  });
  expect(get.headers.etag).toMatch(/^"[0-9A-F]{32}-2"$/);
  // The MD5 of OSS is that of the content for a put only.
  expect(get.headers["content-md5"]).toBeUndefined();
  expect(outcomeOf(await complete("whole", id, []))).toEqual([404, "NoSuchUpload"]);
});

describe("a completion", () => {
  let id: string;
  let etags: readonly (string | undefined)[];
  beforeAll(async () => {
    id = await start("kept");
    const answers = [];
    for (const [number, body] of [
      [1, "small"],
      [2, big],
      [3, "small"],
    ] as const)
      answers.push(await putPart("kept", id, number, body));
    etags = answers.map(({ headers }) => headers.etag);
  });

  test.each<[string, (etags: readonly (string | undefined)[]) => Named, readonly (string | number)[]]>([
    [
      "with a small part before the last",
      ([one, two]) => [
        [1, one],
        [2, two],
      ],
      [400, "EntityTooSmall"],
    ],
    [
      "with parts in another order",
      ([, two, three]) => [
        [3, three],
        [2, two],
      ],
      [400, "InvalidPartOrder"],
    ],
    [
      "with a part twice",
      ([, two]) => [
        [2, two],
        [2, two],
      ],
      [400, "InvalidPartOrder"],
    ],
    ["with the ETag of another part", ([one]) => [[2, one]], [400, "InvalidPart"]],
    [
      "with a part that is not there",
      ([, two]) => [
        [2, two],
        [4, two],
      ],
      [400, "InvalidPart"],
    ],
    ["without parts", () => [], [400, "MalformedXML"]],
    ["with a part number that is none", ([, two]) => [["x", two]], [400, "MalformedXML"]],
  ])("%s is refused, and the upload stays", async (_name, named, expected) => {
    expect(outcomeOf(await complete("kept", id, named(etags)))).toEqual(expected);
    expect(await contentOf(port, "kept")).toBe("404 NoSuchKey");
  });

  test.each(["", "<Complete", "<Other/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><CompleteMultipartUpload/>"])(
    "with the body `%s` is refused",
    async (body) => {
      const answer = await objectCall(port, "kept", { method: "POST", query: [["uploadId", id]], body });
      expect(outcomeOf(answer)).toEqual([400, "MalformedXML"]);
    },
  );

  test("does not replace an object that may not be replaced", async () => {
    const other = await start("kept");
    const part = await putPart("kept", other, 1, "x");
    await putObject(port, "kept", "before");
    const answer = await complete("kept", other, [[1, part.headers.etag]], {
      "x-oss-forbid-overwrite": "true",
    });
    expect([...outcomeOf(answer), element(answer, "EC")]).toEqual([
      409,
      "FileAlreadyExists",
      "0042-00000214",
    ]);
    const again = {
      method: "POST",
      query: [["uploads", ""]],
      headers: { "x-oss-forbid-overwrite": "true" },
    } as const;
    expect(outcomeOf(await objectCall(port, "kept", again))).toEqual([409, "FileAlreadyExists"]);
    expect(await contentOf(port, "kept")).toBe("before");
    await objectCall(port, "kept", { method: "DELETE" });
  });

  test("can set the ACL, and keeps that of the start otherwise", async () => {
    for (const [headers, acl] of [
      [{ "x-oss-object-acl": "private" }, "private"],
      [{}, "public-read"],
    ] as const) {
      const other = await start("acl", { "x-oss-object-acl": "public-read" });
      const part = await putPart("acl", other, 1, "x");
      await complete("acl", other, [[1, part.headers.etag]], headers);
      expect(element(await objectCall(port, "acl", { query: [["acl", ""]] }), "Grant")).toBe(acl);
    }
  });

  test("of all parts needs no list, and takes none", async () => {
    const other = await start("all");
    await putPart("all", other, 2, "b");
    await putPart("all", other, 1, big);
    const query = [["uploadId", other]] as const;
    const call = { method: "POST", query, headers: { "x-oss-complete-all": "yes" } };
    expect(outcomeOf(await objectCall(port, "all", { ...call, body: "<a/>" }))).toEqual([
      400,
      "InvalidArgument",
    ]);
    expect((await objectCall(port, "all", call)).status).toBe(200);
    expect((await contentOf(port, "all")).endsWith("db")).toBe(true);
    expect((await objectCall(port, "all")).body.length).toBe(minBytes + 1);
  });
});

test.each(["0", "10001", "x", ""])("the part number `%s` is refused", async (number) => {
  const id = await start("numbers");
  expect(outcomeOf(await putPart("numbers", id, number, "x"))).toEqual([400, "InvalidArgument"]);
});

test("a part of an unknown upload, or of another key's, is refused", async () => {
  const id = await start("mine");
  for (const [key, upload] of [
    ["mine", "unknown"],
    ["other", id],
  ] as const)
    expect(outcomeOf(await putPart(key, upload, 1, "x"))).toEqual([404, "NoSuchUpload"]);
});

test("an aborted upload is gone with its parts", async () => {
  const id = await start("aborted");
  await putPart("aborted", id, 1, "x");
  const abort = () => objectCall(port, "aborted", { method: "DELETE", query: [["uploadId", id]] });
  expect((await abort()).status).toBe(204);
  expect(outcomeOf(await abort())).toEqual([404, "NoSuchUpload"]);
});

test("a part can be a range of an object, or all of it", async () => {
  await putObject(port, "source", "0123456789");
  const id = await start("copied");
  const copy = (number: number, headers: Record<string, string> = {}) =>
    objectCall(port, "copied", {
      method: "PUT",
      query: partQuery(id, number),
      headers: { "x-oss-copy-source": "/app/source", ...headers },
    });
  await putPart("copied", id, 1, big);
  const part = await copy(2, { "x-oss-copy-source-range": "bytes=2-4" });
  expect(element(part, "ETag")).toBe(`&quot;${md5("234", "hex").toUpperCase()}&quot;`);
  const whole = await copy(3);
  expect(element(whole, "ETag")).toBe(`&quot;${md5("0123456789", "hex").toUpperCase()}&quot;`);
  const refused = await copy(4, { "x-oss-copy-source-if-none-match": md5("0123456789", "hex") });
  expect(refused.status).toBe(304);
  const parts = await objectCall(port, "copied", { query: [["uploadId", id]] });
  expect(elements(parts, "Size")).toEqual([String(minBytes), "3", "10"]);
});

describe("lists", () => {
  test("of parts go by number, a page at a time", async () => {
    const id = await start("parts");
    for (const number of [3, 1, 2]) await putPart("parts", id, number, String(number));
    const list = (...query: readonly QueryPair[]) =>
      objectCall(port, "parts", { query: [["uploadId", id], ...query] });
    const all = await list();
    expect([elements(all, "PartNumber"), element(all, "IsTruncated")]).toEqual([["1", "2", "3"], "false"]);
    const page = await list(["max-parts", "2"]);
    expect([
      elements(page, "PartNumber"),
      element(page, "IsTruncated"),
      element(page, "NextPartNumberMarker"),
    ]).toEqual([["1", "2"], "true", "2"]);
    expect(elements(await list(["part-number-marker", "2"]), "PartNumber")).toEqual(["3"]);
    expect(outcomeOf(await list(["max-parts", "1001"]))).toEqual([400, "InvalidArgument"]);
  });

  test("of uploads go by key and ID, a page at a time", async () => {
    const other = await startSandbox({ seed: seedOf("app") });
    const begin = async (key: string) =>
      element(await objectCall(other.port, key, { method: "POST", query: [["uploads", ""]] }), "UploadId") ??
      "";
    const ids = [await begin("b"), await begin("b"), await begin("a"), await begin("dir/c")];
    const sorted = [ids[2], ...ids.slice(0, 2).sort(), ids[3]];
    const list = (...query: readonly QueryPair[]) => bucketCall(other.port, [["uploads", ""], ...query]);
    expect(elements(await list(), "UploadId")).toEqual(sorted);
    // Without a key the ID says nothing.
    expect(elements(await list(["upload-id-marker", "Z"]), "UploadId")).toEqual(sorted);
    const seen: string[] = [];
    let marker: readonly QueryPair[] = [];
    for (let count = 0; count < 4; count += 1) {
      const page = await list(["max-uploads", "1"], ["encoding-type", "url"], ...marker);
      seen.push(...elements(page, "UploadId"));
      expect(element(page, "IsTruncated")).toBe(String(count < 3));
      marker = [
        ["key-marker", decodeURIComponent(element(page, "NextKeyMarker") ?? "")],
        ["upload-id-marker", element(page, "NextUploadIdMarker") ?? ""],
      ];
    }
    expect(seen).toEqual(sorted);
    const grouped = await list(["delimiter", "/"], ["prefix", "d"]);
    expect([elements(grouped, "UploadId"), elements(grouped, "Prefix")]).toEqual([[], ["d", "dir/"]]);
    await other.close();
  });
});
