import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { contentOf, md5, objectCall, outcomeOf } from "../support/objects.ts";
import { alice, guardedSeed, root } from "../support/guarded-objects.ts";
import { element, elements, rawCall, seedOf } from "../support/sandbox.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: guardedSeed() });
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

  test("cannot be public where Block Public Access of the account is on", async () => {
    const own = await startSandbox({ seed: { ...seedOf("app"), blockPublicAccess: true } });
    const headers = { "x-oss-object-acl": "public-read" };
    const answer = await objectCall(own.port, "a", { method: "PUT", headers, body: "x" });
    expect(outcomeOf(answer)).toEqual([403, "AccessDenied"]);
    await own.close();
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
    ["a document type", `<!DOCTYPE Tagging>${tagging([])}`, [400, "MalformedXML"]],
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

test("tags that are no UTF-8 are refused", async () => {
  const body = Buffer.from(tagging([["a", "\xff"]]), "latin1");
  const answer = await objectCall(port, "tags", {
    method: "PUT",
    query: [["tagging", ""]],
    signer: root,
    body,
  });
  expect(outcomeOf(answer)).toEqual([400, "MalformedXML"]);
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
