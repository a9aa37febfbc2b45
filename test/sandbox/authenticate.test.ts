import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { element, rawCall, seedOf, signed, signedCall, type SignedCall } from "../support/sandbox.ts";

const session = { id: "STS.session", secret: "s", token: "token" };
const stored = '{"Version":"1","Statement":[]}';

let sandbox: Sandbox;
beforeAll(async () => {
  const keys = [sandboxKey, session];
  const buckets = [{ name: "app", region: "cn-hangzhou", policy: stored }];
  sandbox = await startSandbox({ seed: { ...seedOf(), keys, buckets } });
});
afterAll(() => sandbox.close());

const get: SignedCall = { bucket: "app", query: [["policy", ""]] };
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

describe("accepted", () => {
  test.each<[string, SignedCall]>([
    ["virtual host", {}],
    ["internal host", { style: "internal" }],
    ["path style", { style: "path" }],
    ["a token with its key", { signer: session }],
    ["fields separated by comma and space", { separator: ", ", additional: ["host"] }],
    ["an additional header", { additional: ["range"], headers: { range: "bytes=0-1" } }],
    ["a clock 14 minutes behind", { date: minutes(-14) }],
    ["a clock 14 minutes ahead", { date: minutes(14) }],
  ])("%s", async (_name, change) => {
    const answer = await signedCall(sandbox.port, { ...get, ...change });
    expect([answer.status, answer.text]).toEqual([200, stored]);
  });

  test("`?policy` without the equals sign is the same request", async () => {
    const answer = await rawCall(sandbox.port, { ...signed(get), path: "/?policy" });
    expect(answer.status).toBe(200);
  });
});

describe("refused, each with OSS's own code", () => {
  test.each<[string, SignedCall, number, string, string | undefined]>([
    [
      "wrong secret",
      { signer: { ...sandboxKey, secret: "other" } },
      403,
      "SignatureDoesNotMatch",
      "0002-00000201",
    ],
    ["unknown key", { signer: { id: "nobody", secret: "s" } }, 403, "InvalidAccessKeyId", "0002-00000902"],
    ["clock behind", { date: minutes(-16) }, 403, "RequestTimeTooSkewed", "0002-00000504"],
    ["clock ahead", { date: minutes(16) }, 403, "RequestTimeTooSkewed", "0002-00000504"],
    [
      "a signed header changed on the way",
      { headers: { "x-oss-meta-a": "1" }, changed: { "x-oss-meta-a": "2" } },
      403,
      "SignatureDoesNotMatch",
      "0002-00000201",
    ],
    [
      "an x-oss header added on the way",
      { changed: { "x-oss-acl": "x" } },
      403,
      "SignatureDoesNotMatch",
      "0002-00000201",
    ],
    [
      "an additional header changed on the way",
      { additional: ["range"], headers: { range: "bytes=0-1" }, changed: { range: "bytes=0-2" } },
      403,
      "SignatureDoesNotMatch",
      "0002-00000201",
    ],
    [
      "token missing",
      { signer: { id: session.id, secret: "s" } },
      403,
      "InvalidSecurityToken",
      "0002-00000008",
    ],
    ["wrong token", { signer: { ...session, token: "other" } }, 403, "InvalidSecurityToken", "0002-00000008"],
    [
      "token with a plain key",
      { signer: { ...sandboxKey, token: "t" } },
      403,
      "SecurityTokenNotSupported",
      undefined,
    ],
    ["scope of another day", { scopeDate: "20200101" }, 400, "InvalidArgument", undefined],
    [
      "scope of another region than the host",
      { scopeRegion: "cn-beijing" },
      400,
      "InvalidArgument",
      "0002-00000226",
    ],
    ["no date", { changed: { "x-oss-date": "yesterday" } }, 400, "InvalidArgument", "0002-00000503"],
    [
      "a date that no calendar has",
      { changed: { "x-oss-date": "20261341T000000Z" } },
      400,
      "InvalidArgument",
      "0002-00000503",
    ],
    ["a signed payload", { headers: { "x-oss-content-sha256": "ab" } }, 400, "InvalidArgument", undefined],
    ["V1 without its parts", { changed: { authorization: "OSS ak" } }, 400, "InvalidArgument", undefined],
    [
      "malformed",
      { changed: { authorization: "OSS4-HMAC-SHA256 nonsense" } },
      400,
      "InvalidArgument",
      "0002-00000202",
    ],
    [
      "signature in the query without its version",
      { query: [["x-oss-signature", "a"]], changed: { authorization: "" } },
      400,
      "InvalidArgument",
      "0002-00000066",
    ],
    [
      "wrong Content-MD5",
      { headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" } },
      400,
      "InvalidDigest",
      undefined,
    ],
  ])("%s", async (_name, change, status, code, ec) => {
    const answer = await signedCall(sandbox.port, { ...get, ...change });
    expect([answer.status, element(answer, "Code"), element(answer, "EC")]).toEqual([status, code, ec]);
    expect(answer.headers["x-oss-ec"]).toBe(ec);
  });

  test("no signature at all: closed to anonymous callers", async () => {
    const answer = await rawCall(sandbox.port, {
      path: "/?policy",
      headers: { host: "app.oss-cn-hangzhou.aliyuncs.com" },
    });
    expect([answer.status, element(answer, "Code")]).toEqual([403, "AccessDenied"]);
  });

  test("a signature for another query or method is no signature for this one", async () => {
    const changed = [{ path: "/?bucketInfo=" }, { method: "DELETE" }];
    for (const change of changed) {
      const answer = await rawCall(sandbox.port, { ...signed(get), ...change });
      expect(element(answer, "Code")).toBe("SignatureDoesNotMatch");
    }
    expect(sandbox.policyOf("app")).toBe(stored);
  });
});

test("the error has OSS's elements in OSS's order, escaped, and its headers", async () => {
  const answer = await signedCall(sandbox.port, { ...get, signer: { id: "a&<b>", secret: "s" } });
  const names = [...answer.text.matchAll(/<(\w+)>/g)].map((match) => match[1]);
  expect(names).toEqual([
    "Error",
    "Code",
    "Message",
    "RequestId",
    "HostId",
    "OSSAccessKeyId",
    "EC",
    "RecommendDoc",
  ]);
  expect(element(answer, "OSSAccessKeyId")).toBe("a&amp;&lt;b&gt;");
  expect(element(answer, "HostId")).toBe("app.oss-cn-hangzhou.aliyuncs.com");
  expect(element(answer, "RecommendDoc")).toBe("https://api.aliyun.com/troubleshoot?q=0002-00000902");
  expect(element(answer, "RequestId")).toMatch(/^[0-9A-F]{24}$/);
  expect(answer.headers["x-oss-request-id"]).toBe(element(answer, "RequestId"));
  expect(answer.headers).toMatchObject({ server: "AliyunOSS", "content-type": "application/xml" });
});

test("a wrong signature comes back with the string that should have been signed", async () => {
  const answer = await signedCall(sandbox.port, { ...get, signer: { ...sandboxKey, secret: "other" } });
  expect(element(answer, "StringToSign")).toMatch(
    /^OSS4-HMAC-SHA256\n\d{8}T\d{6}Z\n\d{8}\/cn-hangzhou\/oss\/aliyun_v4_request\n[0-9a-f]{64}$/,
  );
  expect(element(answer, "StringToSignBytes")).toMatch(/^4F 53 53 34( [0-9A-F]{2})+$/);
  expect(element(answer, "SignatureProvided")).toMatch(/^[0-9a-f]{64}$/);
});

test("a HEAD has its error in a header", async () => {
  const answer = await signedCall(sandbox.port, { ...get, method: "HEAD" });
  expect([answer.status, answer.text]).toEqual([501, ""]);
  const error = Buffer.from(String(answer.headers["x-oss-err"]), "base64").toString();
  expect(error).toContain("<Code>NotImplemented</Code>");
});
