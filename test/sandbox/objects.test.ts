import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, contentOf, md5, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { element, elements, rawCall, seedOf } from "../support/sandbox.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

test("an object comes back with everything that was put", async () => {
  const headers = {
    "content-type": "text/plain",
    "cache-control": "no-cache",
    "content-disposition": "attachment",
    "content-encoding": "identity",
    "content-language": "en",
    expires: "Fri, 01 Jan 2027 00:00:00 GMT",
    "x-oss-meta-author": "alice",
    "x-oss-tagging": "team=data&year=2026",
    "x-oss-storage-class": "IA",
    "content-md5": md5("123456789"),
  };
  const put = await putObject(port, "a.txt", "123456789", headers);
  const digests = {
    etag: `"${md5("123456789", "hex").toUpperCase()}"`,
    "x-oss-hash-crc64ecma": "11051210869376104954",
    "content-md5": md5("123456789"),
  };
  expect(put).toMatchObject({ status: 200, text: "", headers: digests });

  const expected = {
    ...Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "x-oss-tagging")),
    ...digests,
    "x-oss-object-type": "Normal",
    "x-oss-tagging-count": "2",
    "accept-ranges": "bytes",
    "content-length": "9",
  };
  const get = await objectCall(port, "a.txt");
  expect(get).toMatchObject({ status: 200, text: "123456789", headers: expected });
  expect(get.headers["last-modified"]).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  const head = await objectCall(port, "a.txt", { method: "HEAD" });
  expect(head).toMatchObject({ status: 200, text: "", headers: expected });
});

test("an object without headers has the type of OSS, and GetObjectMeta the size and the ETag only", async () => {
  await putObject(port, "plain", "x", { "x-oss-meta-a": "b" });
  const get = await objectCall(port, "plain");
  expect(get.headers["content-type"]).toBe("application/octet-stream");
  const meta = await objectCall(port, "plain", { method: "HEAD", query: [["objectMeta", ""]] });
  expect(meta).toMatchObject({ status: 200, headers: { "content-length": "1", etag: get.headers.etag } });
  expect(meta.headers["x-oss-meta-a"]).toBeUndefined();
});

test.each(["GET", "HEAD"])("%s of an object that is not there is NoSuchKey", async (method) => {
  expect(outcomeOf(await objectCall(port, "absent", { method }))).toEqual([404, "NoSuchKey"]);
});

test("a deleted object is gone, and may be deleted again", async () => {
  await putObject(port, "gone", "x");
  const remove = () => objectCall(port, "gone", { method: "DELETE" });
  expect([(await remove()).status, (await remove()).status]).toEqual([204, 204]);
  expect(await contentOf(port, "gone")).toBe("404 NoSuchKey");
});

describe("a put", () => {
  test.each<[string, Record<string, string>, readonly (number | string)[]]>([
    ["with the MD5 of another body", { "content-md5": md5("yet another") }, [400, "InvalidDigest"]],
    ["with an MD5 that is none", { "content-md5": "x" }, [400, "InvalidDigest"]],
    ["with an unknown ACL", { "x-oss-object-acl": "open" }, [400, "InvalidArgument"]],
    ["with an unknown storage class", { "x-oss-storage-class": "Cold" }, [400, "InvalidArgument"]],
    ["with a word in x-oss-forbid-overwrite", { "x-oss-forbid-overwrite": "abc" }, [400, "InvalidArgument"]],
    [
      "over an object that may not be replaced",
      { "x-oss-forbid-overwrite": "true" },
      [409, "FileAlreadyExists"],
    ],
    ["with a tag twice", { "x-oss-tagging": "a=1&a=2" }, [400, "InvalidTag"]],
    ["with a character that no tag has", { "x-oss-tagging": "a=%3C" }, [400, "InvalidTag"]],
    [
      "with eleven tags",
      {
        "x-oss-tagging": "abcdefghijk"
          .split("")
          .map((each) => `${each}=1`)
          .join("&"),
      },
      [400, "InvalidTag"],
    ],
    [
      "with encryption, which is not modelled",
      { "x-oss-server-side-encryption": "AES256" },
      [501, "NotImplemented"],
    ],
    ["with a callback, which is not modelled", { "x-oss-callback": "e30=" }, [501, "NotImplemented"]],
    ["with more than 8 KB of metadata", { "x-oss-meta-a": "x".repeat(8192) }, [400, "InvalidArgument"]],
  ])("%s is refused and changes nothing", async (_name, headers, expected) => {
    await putObject(port, "kept", "kept");
    expect(outcomeOf(await putObject(port, "kept", "other", headers))).toEqual(expected);
    expect(await contentOf(port, "kept")).toBe("kept");
  });

  test("that forbids overwriting makes an object that was not there", async () => {
    expect((await putObject(port, "first", "x", { "x-oss-forbid-overwrite": "true" })).status).toBe(200);
  });

  test("drops what the object before it had", async () => {
    await putObject(port, "again", "one", { "x-oss-meta-a": "b", "x-oss-tagging": "a=b" });
    await putObject(port, "again", "two");
    const get = await objectCall(port, "again");
    expect([get.text, get.headers["x-oss-meta-a"], get.headers["x-oss-tagging-count"]]).toEqual([
      "two",
      undefined,
      undefined,
    ]);
  });
});

describe("a range of 1,000 bytes", () => {
  const text = Array.from({ length: 1_000 }, (_, index) => String(index % 10)).join("");
  beforeAll(() => putObject(port, "thousand", text));

  // The table of OSS's documentation, and its neighbours.
  test.each<[string, string, number, number]>([
    ["bytes=0-499", "206", 0, 499],
    ["bytes=500-", "206", 500, 999],
    ["bytes=-500", "206", 500, 999],
    ["bytes=999-999", "206", 999, 999],
    ["bytes=500-2000", "200", 0, 999],
    ["bytes=1000-2000", "200", 0, 999],
    ["bytes=-2000", "200", 0, 999],
    ["bytes=5-4", "200", 0, 999],
    ["bytes=0-1,5-6", "200", 0, 999],
    ["bytes=-", "200", 0, 999],
    ["bytes=-0", "200", 0, 999],
    ["lines=0-4", "200", 0, 999],
    ["bytes=0x1-2", "200", 0, 999],
  ])("%s answers %s", async (range, status, first, last) => {
    const answer = await objectCall(port, "thousand", { headers: { range } });
    expect([String(answer.status), answer.text]).toEqual([status, text.slice(first, last + 1)]);
    expect(answer.headers["content-range"]).toBe(
      status === "206" ? `bytes ${first}-${last}/1000` : undefined,
    );
  });

  test.each<[string, string]>([
    ["bytes=500-2000", text.slice(500)],
    ["bytes=-2000", text],
    ["bytes=1000-2000", "416 InvalidRange"],
  ])("%s, with the standard behaviour", async (range, expected) => {
    const headers = { range, "x-oss-range-behavior": "standard" };
    expect(await contentOf(port, "thousand", { headers })).toBe(expected);
  });
});

describe("a condition", () => {
  const [past, future] = ["Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"];
  const etag = `"${md5("x", "hex").toUpperCase()}"`;
  beforeAll(() => putObject(port, "conditional", "x"));

  test.each<[string, string, number]>([
    ["if-match", etag, 200],
    ["if-match", etag.replaceAll('"', "").toLowerCase(), 200],
    ["if-match", '"0"', 412],
    ["if-none-match", etag, 304],
    ["if-none-match", '"0"', 200],
    ["if-none-match", `"0", ${etag}`, 304],
    ["if-match", "*", 200],
    ["if-modified-since", past, 200],
    ["if-modified-since", future, 304],
    ["if-modified-since", "never", 200],
    ["if-unmodified-since", past, 412],
    ["if-unmodified-since", future, 200],
  ])("%s: %s answers %d to GET and HEAD", async (name, value, status) => {
    for (const method of ["GET", "HEAD"]) {
      const answer = await objectCall(port, "conditional", { method, headers: { [name]: value } });
      expect(answer.status).toBe(status);
      if (status === 304) expect([answer.text, answer.headers.etag]).toEqual(["", etag]);
    }
  });
});

test("the time of the object itself meets If-Unmodified-Since, and not If-Modified-Since", async () => {
  const put = await putObject(port, "timed", "x");
  expect(put.status).toBe(200);
  const time = (await objectCall(port, "timed")).headers["last-modified"] ?? "";
  expect((await objectCall(port, "timed", { headers: { "if-unmodified-since": time } })).status).toBe(200);
  expect((await objectCall(port, "timed", { headers: { "if-modified-since": time } })).status).toBe(304);
});

describe("headers that a read sets", () => {
  beforeAll(async () => {
    await putObject(port, "public", "x", { "x-oss-object-acl": "public-read", "content-type": "text/plain" });
  });
  const query = [
    ["response-content-type", "text/html"],
    ["response-content-disposition", 'attachment; filename="中.txt"'],
  ] as const;

  test("are in the answer to a signed call", async () => {
    const { status, headers } = await objectCall(port, "public", { query });
    expect([status, headers["content-type"]]).toEqual([200, "text/html"]);
    const disposition = Buffer.from(headers["content-disposition"] ?? "", "latin1").toString();
    expect(disposition).toBe('attachment; filename="中.txt"');
  });

  test("are refused to an anonymous one, which may read otherwise", async () => {
    const host = "app.oss-cn-hangzhou.aliyuncs.com";
    const read = await rawCall(port, { path: "/public", headers: { host } });
    expect([read.status, read.text]).toEqual([200, "x"]);
    const path = "/public?response-content-type=text/html";
    expect(outcomeOf(await rawCall(port, { path, headers: { host } }))).toEqual([400, "InvalidRequest"]);
  });

  // A line break would start a header, or the body, of the attacker's choice.
  test("cannot hold a line break", async () => {
    const broken = await objectCall(port, "public", { query: [["response-content-type", "a\r\nx-evil: 1"]] });
    expect([...outcomeOf(broken), broken.headers["x-evil"]]).toEqual([400, "InvalidArgument", undefined]);
  });
});

test.each([
  "a b+c&d=e?f#g%h",
  "é/中/😀",
  "../../etc/passwd",
  "a/../b",
  "a//b",
  "a\0b",
  "%2F",
  "k".repeat(1_023),
])("the key %j is a key like any other", async (key) => {
  expect((await putObject(port, key, key)).status).toBe(200);
  expect(await contentOf(port, key)).toBe(key);
  const list = await bucketCall(port, [
    ["prefix", key],
    ["encoding-type", "url"],
  ]);
  expect(elements(list, "Key").map(decodeURIComponent)).toEqual([key]);
  expect((await objectCall(port, key, { method: "DELETE" })).status).toBe(204);
});

test("a key of 1,024 bytes of UTF-8 is refused", async () => {
  expect(outcomeOf(await putObject(port, "é".repeat(512), ""))).toEqual([400, "InvalidObjectName"]);
});

test("a large object streams both ways, and a range of it", async () => {
  const bytes = Buffer.alloc(3 * 1024 ** 2 + 7, "0123456789abcdef");
  const put = await putObject(port, "large", bytes);
  expect(put.headers["content-md5"]).toBe(md5(bytes));
  const get = await objectCall(port, "large");
  expect(get.body.equals(bytes)).toBe(true);
  const range = await objectCall(port, "large", { headers: { range: "bytes=2000000-2000099" } });
  expect([range.status, range.text]).toEqual([206, bytes.toString("latin1", 2_000_000, 2_000_100)]);
});

test("a bucket with an object or an upload is not deleted", async () => {
  const other = await startSandbox({ seed: seedOf("app") });
  const deletion = () => bucketCall(other.port, [], { method: "DELETE" }).then(outcomeOf);
  await putObject(other.port, "a", "x");
  expect(await deletion()).toEqual([409, "BucketNotEmpty"]);
  await objectCall(other.port, "a", { method: "DELETE" });
  const upload = await objectCall(other.port, "a", { method: "POST", query: [["uploads", ""]] });
  expect(await deletion()).toEqual([409, "BucketNotEmpty"]);
  const query = [["uploadId", element(upload, "UploadId") ?? ""]] as const;
  await objectCall(other.port, "a", { method: "DELETE", query });
  expect(await deletion()).toEqual([204, undefined]);
  await other.close();
});

test("an archived object is not read before it is restored", async () => {
  await putObject(port, "frozen", "x", { "x-oss-storage-class": "Archive" });
  expect(await contentOf(port, "frozen")).toBe("403 InvalidObjectState");
  expect((await objectCall(port, "frozen", { method: "HEAD" })).status).toBe(200);
});

test.each(["GET", "HEAD", "DELETE"])("%s of a version is not modelled", async (method) => {
  const answer = await objectCall(port, "a.txt", { method, query: [["versionId", "null"]] });
  expect(answer.status).toBe(501);
});
