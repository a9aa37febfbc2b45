import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, contentOf, md5, objectCall, outcomeOf } from "../support/objects.ts";
import { element, elements, rawCall, seedOf, type RawAnswer } from "../support/sandbox.ts";

const account = "1746495857600001";
const root: SandboxKey = { id: "root", secret: "root-secret" };
const alice: SandboxKey = { id: "alice", secret: "alice-secret" };
const uid = "202147604049350001";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  const statement = (effect: string, action: string, resource: string) => ({
    Effect: effect,
    Principal: [uid],
    Action: [`oss:${action}`],
    Resource: [`acs:oss:*:*:${resource}`],
  });
  const policy = {
    Version: "1",
    Statement: [
      statement("Allow", "PutObject", "app/*"),
      statement("Allow", "GetObject", "app/open/*"),
      statement("Allow", "DeleteObject", "app/open/*"),
      statement("Deny", "DeleteObject", "app/open/kept"),
      statement("Allow", "GetObject", "app/link"),
      statement("Allow", "PutObjectTagging", "app/copy-of-tags"),
      statement("Allow", "GetObjectTagging", "app/open/tags-too"),
      {
        ...statement("Deny", "DeleteObject", "app/*"),
        Condition: { StringEquals: { "oss:ExistingObjectTag/keep": ["yes"] } },
      },
    ],
  };
  sandbox = await startSandbox({
    seed: {
      ...seedOf(),
      keys: [],
      accounts: [{ uid: account, keys: [root], users: [{ name: "alice", uid, keys: [alice] }] }],
      buckets: [
        { name: "app", region: "cn-hangzhou", policy: JSON.stringify(policy) },
        { name: "blocked", region: "cn-hangzhou", blockPublicAccess: true },
      ],
    },
  });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

const put = (key: string, body = "x", headers: Record<string, string> = {}) =>
  objectCall(port, key, { method: "PUT", body, headers, signer: root });
const asRoot = (
  key: string,
  method: string,
  name: string,
  more: { body?: string; headers?: Record<string, string> } = {},
) => objectCall(port, key, { method, query: [[name, ""]], signer: root, ...more });

describe("the ACL of an object", () => {
  const anonymous = async (key: string) => {
    const answer = await rawCall(port, {
      path: `/${key}`,
      headers: { host: "app.oss-cn-hangzhou.aliyuncs.com" },
    });
    return answer.status;
  };

  test("opens and closes it, and stays when the tags change", async () => {
    await put("acl");
    expect(await anonymous("acl")).toBe(403);
    expect(
      outcomeOf(await asRoot("acl", "PUT", "acl", { headers: { "x-oss-object-acl": "public-read" } })),
    ).toEqual([200, undefined]);
    expect([await anonymous("acl"), element(await asRoot("acl", "GET", "acl"), "Grant")]).toEqual([
      200,
      "public-read",
    ]);
    await asRoot("acl", "PUT", "tagging", { body: tagging([["a", "b"]]) });
    expect(await anonymous("acl")).toBe(200);
    await asRoot("acl", "PUT", "acl", { headers: { "x-oss-object-acl": "private" } });
    expect(await anonymous("acl")).toBe(403);
  });

  test("needs an object and a known word", async () => {
    const acl = (key: string, word?: string) =>
      asRoot(key, "PUT", "acl", word === undefined ? {} : { headers: { "x-oss-object-acl": word } }).then(
        outcomeOf,
      );
    expect(await acl("absent", "private")).toEqual([404, "NoSuchKey"]);
    expect(await acl("acl", "open")).toEqual([400, "InvalidArgument"]);
    expect(await acl("acl")).toEqual([400, "MissingArgument"]);
  });

  test("cannot be public where Block Public Access is on", async () => {
    const call = { bucket: "blocked", signer: root, method: "PUT" };
    const headers = { "x-oss-object-acl": "public-read" };
    expect(outcomeOf(await objectCall(port, "a", { ...call, headers, body: "x" }))).toEqual([
      403,
      "AccessDenied",
    ]);
    await objectCall(port, "a", { ...call, body: "x" });
    expect(outcomeOf(await objectCall(port, "a", { ...call, headers, query: [["acl", ""]] }))).toEqual([
      403,
      "AccessDenied",
    ]);
  });
});

function tagging(tags: readonly (readonly [string, string])[]): string {
  const nodes = tags.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`);
  return `<?xml version="1.0"?><Tagging><TagSet>${nodes.join("")}</TagSet></Tagging>`;
}

describe("tags of an object", () => {
  test("are put, read and deleted", async () => {
    await put("tags", "x", { "x-oss-tagging": "old=1" });
    const read = async () => {
      const answer = await asRoot("tags", "GET", "tagging");
      return [elements(answer, "Key"), elements(answer, "Value")];
    };
    expect(await read()).toEqual([["old"], ["1"]]);
    expect(
      (
        await asRoot("tags", "PUT", "tagging", {
          body: tagging([
            ["team", "a b"],
            ["year", ""],
          ]),
        })
      ).status,
    ).toBe(200);
    expect(await read()).toEqual([
      ["team", "year"],
      ["a b", ""],
    ]);
    expect((await asRoot("tags", "DELETE", "tagging")).status).toBe(204);
    expect(await read()).toEqual([[], []]);
  });

  test.each<[string, string, readonly (string | number)[]]>([
    ["no XML", "x", [400, "MalformedXML"]],
    ["another root", "<Tags/>", [400, "MalformedXML"]],
    ["no set", "<Tagging/>", [400, "MalformedXML"]],
    ["an entity", `<!DOCTYPE t [<!ENTITY e "x">]>${tagging([["&e;", "1"]])}`, [400, "MalformedXML"]],
    [
      "deep nesting",
      `<Tagging><TagSet/>${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}</Tagging>`,
      [400, "MalformedXML"],
    ],
    ["an empty key", tagging([["", "1"]]), [400, "InvalidTag"]],
    [
      "a key twice",
      tagging([
        ["a", "1"],
        ["a", "2"],
      ]),
      [400, "InvalidTag"],
    ],
    ["a long value", tagging([["a", "x".repeat(257)]]), [400, "InvalidTag"]],
    [
      "eleven tags",
      tagging(Array.from({ length: 11 }, (_, index) => [`t${index}`, "1"] as const)),
      [400, "InvalidTag"],
    ],
  ])("of %s are refused", async (_name, body, expected) => {
    expect(outcomeOf(await asRoot("tags", "PUT", "tagging", { body }))).toEqual(expected);
  });
});

describe("a symlink", () => {
  const link = (key: string, target: string) =>
    asRoot(key, "PUT", "symlink", { headers: { "x-oss-symlink-target": target } });

  test("is read as its target, and shows where it points", async () => {
    await put("é target", "bytes", { "content-type": "text/plain" });
    expect((await link("link", "%C3%A9%20target")).status).toBe(200);
    const get = await objectCall(port, "link", { signer: root });
    expect([get.text, get.headers["x-oss-object-type"], get.headers["content-length"]]).toEqual([
      "bytes",
      "Symlink",
      "5",
    ]);
    expect(get.headers.etag).toBe(`"${md5("bytes", "hex").toUpperCase()}"`);
    expect((await asRoot("link", "GET", "symlink")).headers["x-oss-symlink-target"]).toBe("%C3%A9%20target");
  });

  test("has the time of its target, if that is the newer one", async () => {
    await link("timed", "timed-target");
    await wait(1_100);
    await put("timed-target");
    const times = await Promise.all(
      ["timed", "timed-target"].map((key) => objectCall(port, key, { signer: root, method: "HEAD" })),
    );
    expect(times[0]?.headers["last-modified"]).toBe(times[1]?.headers["last-modified"]);
  });

  // A link must not open what its reader may not read.
  test("does not open its target to whoever may read the link only", async () => {
    await put("secret", "secret");
    await put("open/a", "open");
    await link("link", "secret");
    expect(await contentOf(port, "link", { signer: alice })).toBe("403 AccessDenied");
    await link("link", "open/a");
    expect(await contentOf(port, "link", { signer: alice })).toBe("open");
  });

  test("to nothing, or to a symlink, is made and cannot be read", async () => {
    await link("dangling", "nothing");
    expect(await contentOf(port, "dangling", { signer: root })).toBe("404 SymlinkTargetNotExist");
    await link("chained", "dangling");
    expect(await contentOf(port, "chained", { signer: root })).toBe("400 InvalidTargetType");
  });

  // Version 1 of the Go SDK writes a blank as a plus sign.
  test.each(["a+b%2Bc", "a%20b%2Bc"])("to %s points to `a b+c`", async (target) => {
    await link("odd-link", target);
    expect((await asRoot("odd-link", "GET", "symlink")).headers["x-oss-symlink-target"]).toBe("a%20b%2Bc");
  });

  test("needs a target, and an object is none", async () => {
    expect(outcomeOf(await asRoot("empty", "PUT", "symlink"))).toEqual([400, "InvalidArgument"]);
    await put("object");
    expect(outcomeOf(await asRoot("object", "GET", "symlink"))).toEqual([400, "NotSymlink"]);
  });

  test("is copied as a symlink", async () => {
    await link("to-copy", "object");
    await objectCall(port, "copied", {
      method: "PUT",
      signer: root,
      headers: { "x-oss-copy-source": "/app/to-copy" },
    });
    expect((await asRoot("copied", "GET", "symlink")).headers["x-oss-symlink-target"]).toBe("object");
  });
});

describe("a copy needs the right to read its source", () => {
  const copy = (source: string, target = "copy") =>
    objectCall(port, target, { method: "PUT", signer: alice, headers: { "x-oss-copy-source": source } });

  test("which is decided by the source, not by the target", async () => {
    await put("secret", "secret");
    await put("open/b", "open");
    expect(outcomeOf(await copy("/app/secret"))).toEqual([403, "AccessDenied"]);
    // Whoever may not read does not find out what is there.
    expect(outcomeOf(await copy("/app/absent"))).toEqual([403, "AccessDenied"]);
    expect((await copy("/app/open/b")).status).toBe(200);
  });

  test.each([
    ["the source lets no tags be read", "open/tagged", "copy-of-tags", 403],
    ["the target lets no tags be written", "open/tags-too", "copy", 403],
    ["both let it", "open/tags-too", "copy-of-tags", 200],
  ])("and the rights on its tags: %s", async (_name, source, target, status) => {
    await put(source, "x", { "x-oss-tagging": "a=b" });
    expect((await copy(`/app/${source}`, target)).status).toBe(status);
  });
});

describe("a deletion of many", () => {
  const remove = (
    body: string,
    signer = root,
    headers: Record<string, string> = { "content-md5": md5(body) },
  ): Promise<RawAnswer> => bucketCall(port, [["delete", ""]], { method: "POST", body, headers, signer });
  const named = (keys: readonly string[], quiet = "false") =>
    `<Delete><Quiet>${quiet}</Quiet>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")}</Delete>`;

  test("deletes what it names, there or not, and says so unless it is quiet", async () => {
    await put("d1");
    await put(" d&2 ");
    const answer = await remove(named(["d1", " d&amp;2 ", "absent"]));
    expect([answer.status, elements(answer, "Key")]).toEqual([200, ["d1", " d&amp;2 ", "absent"]]);
    expect(await contentOf(port, " d&2 ", { signer: root })).toBe("404 NoSuchKey");
    const quiet = await remove(named(["d1"], "true"));
    expect([quiet.status, quiet.text]).toEqual([200, ""]);
  });

  // A decision on the bucket alone would let a policy on keys be passed.
  test("is decided by key, and does nothing if one may not be deleted", async () => {
    await put("open/1");
    await put("open/kept");
    const denied = await remove(named(["open/1", "open/kept"]), alice);
    expect([...outcomeOf(denied), element(denied, "EC")]).toEqual([403, "AccessDenied", "0003-00000204"]);
    const other = await remove(named(["open/1", "secret"]), alice);
    expect([...outcomeOf(other), element(other, "EC")]).toEqual([403, "AccessDenied", "0003-00000202"]);
    expect(await contentOf(port, "open/1", { signer: root })).toBe("x");
    expect((await remove(named(["open/1"]), alice)).status).toBe(200);
    expect(await contentOf(port, "open/1", { signer: root })).toBe("404 NoSuchKey");
  });

  // The tags that count are those of each object, not of the bucket or of the last one.
  test("is decided by the tags of each object", async () => {
    await put("open/plain");
    await put("open/tagged-to-keep", "x", { "x-oss-tagging": "keep=yes" });
    const denied = await remove(named(["open/plain", "open/tagged-to-keep"]), alice);
    expect([...outcomeOf(denied), element(denied, "EC")]).toEqual([403, "AccessDenied", "0003-00000204"]);
    expect((await remove(named(["open/plain"]), alice)).status).toBe(200);
  });

  test("may name 1,000 keys of any length", async () => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `${index}${"k".repeat(1_000)}`);
    expect((await remove(named(keys, "true"))).status).toBe(200);
    expect(outcomeOf(await remove(named([...keys, "one more"])))).toEqual([400, "MalformedXML"]);
  });

  test.each<[string, string, Record<string, string> | undefined, readonly (string | number)[]]>([
    ["without an MD5", named(["a"]), {}, [400, "MissingArgument"]],
    ["with another MD5", named(["a"]), { "content-md5": md5("x") }, [400, "InvalidDigest"]],
    ["of no key", named([]), undefined, [400, "MalformedXML"]],
    ["of an empty key", named([""]), undefined, [400, "MalformedXML"]],
    ["that is no XML", "a", undefined, [400, "MalformedXML"]],
    [
      "of a version",
      "<Delete><Object><Key>a</Key><VersionId>1</VersionId></Object></Delete>",
      undefined,
      [501, "NotImplemented"],
    ],
  ])("%s is refused", async (_name, body, headers, expected) => {
    expect(outcomeOf(await remove(body, root, headers))).toEqual(expected);
  });
});
