import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { contentOf, md5, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { element, seedOf, type RawAnswer } from "../support/sandbox.ts";
import { withFolder } from "../support/state.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  const far = { name: "far", region: "cn-beijing" };
  const { buckets, ...seed } = seedOf("app", "other");
  sandbox = await startSandbox({ seed: { ...seed, buckets: [...buckets, far] } });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

describe("a copy", () => {
  const copy = (key: string, source: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    objectCall(port, key, { method: "PUT", headers: { "x-oss-copy-source": source, ...headers } });
  beforeAll(() =>
    putObject(port, "source", "hello", {
      "content-type": "text/plain",
      "x-oss-meta-a": "old",
      "x-oss-tagging": "team=data",
      "x-oss-object-acl": "public-read",
    }),
  );

  test("takes the bytes, the metadata and the tags, and not the ACL", async () => {
    const answer = await copy("target", "/app/source");
    const etag = `"${md5("hello", "hex").toUpperCase()}"`;
    expect([answer.status, element(answer, "ETag"), answer.headers.etag]).toEqual([
      200,
      etag.replaceAll('"', "&quot;"),
      etag,
    ]);
    expect(element(answer, "LastModified")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    const get = await objectCall(port, "target");
    expect([get.text, get.headers["content-type"], get.headers["x-oss-meta-a"]]).toEqual([
      "hello",
      "text/plain",
      "old",
    ]);
    expect(element(await objectCall(port, "target", { query: [["tagging", ""]] }), "Value")).toBe("data");
    expect(element(await objectCall(port, "target", { query: [["acl", ""]] }), "Grant")).toBe("default");
  });

  test("takes new metadata and tags where it says so", async () => {
    const headers = {
      "x-oss-metadata-directive": "REPLACE",
      "x-oss-tagging-directive": "Replace",
      "x-oss-meta-b": "new",
      "x-oss-tagging": "team=other",
    };
    await copy("replaced", "/app/source", headers);
    const get = await objectCall(port, "replaced");
    expect([get.headers["x-oss-meta-a"], get.headers["x-oss-meta-b"]]).toEqual([undefined, "new"]);
    expect(element(await objectCall(port, "replaced", { query: [["tagging", ""]] }), "Value")).toBe("other");
  });

  test("onto itself replaces the metadata and keeps the bytes", async () => {
    await putObject(port, "self", "bytes", { "x-oss-meta-a": "old" });
    await copy("self", "/app/self", { "x-oss-meta-b": "new" });
    const get = await objectCall(port, "self");
    expect([get.text, get.headers["x-oss-meta-a"], get.headers["x-oss-meta-b"]]).toEqual([
      "bytes",
      undefined,
      "new",
    ]);
  });

  test("survives its source", async () => {
    const bytes = Buffer.alloc(2 * 1024 ** 2, "x");
    await putObject(port, "large", bytes);
    await copy("large-copy", "/app/large");
    await objectCall(port, "large", { method: "DELETE" });
    expect((await objectCall(port, "large-copy")).body.equals(bytes)).toBe(true);
  });

  // Version 1 of the Go SDK writes a blank as a plus sign; the others encode both.
  test.each(["/app/a+b%2Bc", "/app/a%20b%2Bc", "app/a%20b%2bc"])(
    "finds the key `a b+c` in %s",
    async (source) => {
      await putObject(port, "a b+c", "odd");
      expect((await copy("from-odd", source)).status).toBe(200);
      expect(await contentOf(port, "from-odd")).toBe("odd");
    },
  );

  test.each<[string, string, Record<string, string>, readonly (number | string | undefined)[]]>([
    ["of a key that is not there", "/app/absent", {}, [404, "NoSuchKey"]],
    ["of a bucket that is not there", "/absent/a", {}, [404, "NoSuchBucket"]],
    ["from another region", "/far/a", {}, [403, "AccessDenied"]],
    ["without a key", "/app", {}, [400, "InvalidArgument"]],
    ["of a broken encoding", "/app/%ff", {}, [400, "InvalidArgument"]],
    ["of a version", "/app/source?versionId=1", {}, [501, "NotImplemented"]],
    ["with another ETag", "/app/source", { "x-oss-copy-source-if-match": "0" }, [412, "PreconditionFailed"]],
    [
      "if it changed",
      "/app/source",
      { "x-oss-copy-source-if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT" },
      [304, undefined],
    ],
    [
      "if it stayed",
      "/app/source",
      { "x-oss-copy-source-if-unmodified-since": "Sat, 01 Jan 2000 00:00:00 GMT" },
      [412, "PreconditionFailed"],
    ],
    [
      "with an unknown directive",
      "/app/source",
      { "x-oss-metadata-directive": "MERGE" },
      [400, "InvalidArgument"],
    ],
    [
      "over an object that may not be replaced",
      "/app/source",
      { "x-oss-forbid-overwrite": "true" },
      [409, "FileAlreadyExists"],
    ],
  ])("%s is refused", async (_name, source, headers, expected) => {
    await putObject(port, "untouched", "before");
    expect(outcomeOf(await copy("untouched", source, headers))).toEqual(expected);
    expect(await contentOf(port, "untouched")).toBe("before");
  });

  test("of an archived object is refused", async () => {
    await putObject(port, "frozen", "x", { "x-oss-storage-class": "Archive" });
    expect(outcomeOf(await copy("thawed", "/app/frozen"))).toEqual([403, "InvalidObjectState"]);
  });

  test("of an object that was uploaded in parts is a normal one, with the same ETag", async () => {
    const start = await objectCall(port, "parts", { method: "POST", query: [["uploads", ""]] });
    const id = ["uploadId", element(start, "UploadId") ?? ""] as const;
    await objectCall(port, "parts", { method: "PUT", query: [["partNumber", "1"], id], body: "part" });
    const headers = { "x-oss-complete-all": "yes" };
    const whole = await objectCall(port, "parts", { method: "POST", query: [id], headers });
    await copy("parts-copy", "/app/parts");
    const get = await objectCall(port, "parts-copy");
    expect([get.text, get.headers["x-oss-object-type"], get.headers.etag]).toEqual([
      "part",
      "Normal",
      whole.headers.etag,
    ]);
  });

  test("of an object that was appended to is refused", async () => {
    await objectCall(port, "log", {
      method: "POST",
      query: [
        ["append", ""],
        ["position", "0"],
      ],
      body: "x",
    });
    expect(outcomeOf(await copy("log-copy", "/app/log"))).toEqual([400, "OperationNotSupported"]);
  });
});

describe("an append", () => {
  const append = (
    key: string,
    position: number | string,
    body: string,
    headers: Record<string, string> = {},
  ) =>
    objectCall(port, key, {
      method: "POST",
      query: [
        ["append", ""],
        ["position", String(position)],
      ],
      body,
      headers,
    });

  test("makes an object, and adds to its end", async () => {
    const first = await append("appended", 0, "1234", { "content-type": "text/plain", "x-oss-meta-a": "b" });
    const second = await append("appended", 4, "56789");
    expect([first, second].map(({ headers }) => headers["x-oss-next-append-position"])).toEqual(["4", "9"]);
    expect(second.headers["x-oss-hash-crc64ecma"]).toBe("11051210869376104954");
    const get = await objectCall(port, "appended");
    expect([get.text, get.headers["content-type"], get.headers["x-oss-meta-a"]]).toEqual([
      "123456789",
      "text/plain",
      "b",
    ]);
    expect(get.headers).toMatchObject({
      "x-oss-object-type": "Appendable",
      "x-oss-next-append-position": "9",
      etag: second.headers.etag,
    });
    expect(first.headers.etag).not.toBe(second.headers.etag);
    // Its ETag looks like an MD5, and is none.
    expect(get.headers["content-md5"]).toBeUndefined();
  });

  test("at another position is refused, with the right one", async () => {
    await append("positioned", 0, "abc");
    for (const [key, position, next] of [
      ["positioned", 2, "3"],
      ["absent", 1, "0"],
    ] as const) {
      const answer = await append(key, position, "x");
      expect([...outcomeOf(answer), answer.headers["x-oss-next-append-position"]]).toEqual([
        409,
        "PositionNotEqualToLength",
        next,
      ]);
    }
    expect(await contentOf(port, "positioned")).toBe("abc");
  });

  test("to an object that was put is refused", async () => {
    await putObject(port, "normal", "abc");
    expect(outcomeOf(await append("normal", 3, "x"))).toEqual([409, "ObjectNotAppendable"]);
  });

  test.each(["", "-1", "x", "1e3"])("at the position `%s` is refused", async (position) => {
    expect(outcomeOf(await append("appended", position, "x"))).toEqual([400, "InvalidArgument"]);
  });

  // Each append shares the bytes before it; a thousand pieces would make each read slow, and a lost one changes the text.
  test("of many small pieces is the whole text", async () => {
    let text = "";
    for (let index = 0; index < 150; index += 1) {
      const piece = `${index},`;
      expect((await append("pieces", text.length, piece)).status).toBe(200);
      text += piece;
    }
    const get = await objectCall(port, "pieces");
    expect(get.text).toBe(text);
    const put = await putObject(port, "pieces-put", text);
    expect(get.headers["x-oss-hash-crc64ecma"]).toBe(put.headers["x-oss-hash-crc64ecma"]);
  });

  test("at the same place by two calls at once happens once", async () => {
    await append("raced", 0, "start");
    const answers = await Promise.all(["a", "b", "c"].map((text) => append("raced", 5, text)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await contentOf(port, "raced")).toMatch(/^start[abc]$/);
  });

  // The bytes of many pieces are joined while other calls go on.
  test("at the same place happens once, also where the pieces are joined", async () => {
    const large = "x".repeat(8 * 1024 ** 2);
    await append("joined", 0, large);
    let size = large.length;
    for (; size < large.length + 63; size += 1) await append("joined", size, "x");
    const answers = await Promise.all(["a", "b", "c"].map((text) => append("joined", size, text)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await objectCall(port, "joined")).body.length).toBe(size + 1);
  });

  test("of many pieces does not keep a file for each", () =>
    withFolder(async (stateDir) => {
      const own = await startSandbox({ seed: seedOf("app"), stateDir });
      for (let size = 0; size < 70; size += 1) {
        const query = [
          ["append", ""],
          ["position", String(size)],
        ] as const;
        await objectCall(own.port, "log", { method: "POST", query, body: "x" });
      }
      expect((await objectCall(own.port, "log")).text).toBe("x".repeat(70));
      expect(readdirSync(join(stateDir, "bodies")).length).toBeLessThan(10);
      await own.close();
    }));
});
