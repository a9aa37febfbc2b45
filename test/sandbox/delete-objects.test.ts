import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { alice, guardedSeed, root } from "../support/guarded-objects.ts";
import { bucketCall, contentOf, md5, objectCall, outcomeOf } from "../support/objects.ts";
import { element, elements, type RawAnswer } from "../support/sandbox.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: guardedSeed() });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

const put = (key: string, body = "x", headers: Record<string, string> = {}) =>
  objectCall(port, key, { method: "PUT", body, headers, signer: root });
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
