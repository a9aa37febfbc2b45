import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { element, rawCall, seedOf, type RawCall } from "../support/sandbox.ts";
import { signedAs, signedForms, type FormCall, type SignedForm } from "../support/signed-forms.ts";

const session = { id: "STS.session", secret: "s", token: "to/ken+=" };
const stored = '{"Version":"1","Statement":[]}';

let sandbox: Sandbox;
beforeAll(async () => {
  const keys = [sandboxKey, session];
  const buckets = [
    { name: "app", region: "cn-hangzhou", policy: stored },
    { name: "far", region: "cn-beijing", policy: stored },
  ];
  sandbox = await startSandbox({ seed: { ...seedOf(), keys, buckets } });
});
afterAll(() => sandbox.close());

const get: FormCall = { bucket: "app", query: [["policy", ""]] };
const minutes = (count: number): number => Date.now() + count * 60_000;

/** Status, code and EC of an answer; its text if it is a success. */
async function answerTo(call: RawCall): Promise<readonly (string | number | undefined)[]> {
  const answer = await rawCall(sandbox.port, call);
  if (answer.status === 200) return [200, answer.text];
  return [answer.status, element(answer, "Code"), element(answer, "EC")];
}

describe.each(signedForms)("%s", (form) => {
  const isUrl = form.endsWith("URL");
  const mismatch = [403, "SignatureDoesNotMatch", form.startsWith("V4") ? "0002-00000201" : "0002-00000040"];
  const send = (change: FormCall = {}) => answerTo(signedAs(form, { ...get, ...change }));

  test.each<[string, FormCall]>([
    ["in the host name", {}],
    ["in the path", { inPath: true }],
    ["a token with its key", { signer: session }],
    ["signed headers", { headers: { "x-oss-meta-a": "1", "content-type": "text/plain" } }],
    ["a header of another encoding", { headers: { "x-oss-meta-a": Buffer.from("中").toString("latin1") } }],
    ["a clock 14 minutes behind", { nowMs: minutes(-14), seconds: 3600 }],
    ["a clock 14 minutes ahead", { nowMs: minutes(14) }],
  ])("accepted: %s", async (_name, change) => {
    expect(await send(change)).toEqual([200, stored]);
  });

  test("refused: another secret, with the string that should have been signed", async () => {
    expect(await send({ signer: { ...sandboxKey, secret: "other" } })).toEqual(mismatch);
  });

  test("refused: an unknown key", async () => {
    expect(await send({ signer: { id: "nobody", secret: "s" } })).toEqual([
      403,
      "InvalidAccessKeyId",
      "0002-00000902",
    ]);
  });

  test("refused: a token that is missing, wrong, or of no use", async () => {
    const bare = { id: session.id, secret: session.secret };
    expect((await send({ signer: bare }))[1]).toBe("InvalidSecurityToken");
    expect((await send({ signer: { ...session, token: "x" } }))[1]).toBe("InvalidSecurityToken");
    expect((await send({ signer: { ...sandboxKey, token: "x" } }))[1]).toBe("SecurityTokenNotSupported");
  });

  test("refused: a header changed or added on the way", async () => {
    const call = signedAs(form, { ...get, headers: { "x-oss-meta-a": "1" } });
    for (const header of [{ "x-oss-meta-a": "2" }, { "x-oss-meta-b": "" }, { "content-type": "a/b" }])
      expect(await answerTo({ ...call, headers: { ...call.headers, ...header } })).toEqual(mismatch);
  });

  test("refused: another method, another bucket, another parameter", async () => {
    const call = signedAs(form, { ...get, inPath: true });
    const path = call.path ?? "";
    expect(await answerTo({ ...call, method: "DELETE" })).toEqual(mismatch);
    expect(await answerTo({ ...call, path: path.replace("app", "far") })).toEqual(mismatch);
    expect(await answerTo({ ...call, path: path.replace("policy=", "bucketInfo=") })).toEqual(mismatch);
    expect(await answerTo({ ...call, path: path.replace("policy=", "policy=1") })).toEqual(mismatch);
    expect(sandbox.policyOf("app")).toBe(stored);
  });

  test("the region of a bucket is that of the host, or of the scope, or not known", async () => {
    const far = { ...get, bucket: "far" };
    const elsewhere = [403, "AccessDenied", "0003-00001403"];
    expect(await answerTo(signedAs(form, far))).toEqual(elsewhere);
    const inPath = await answerTo(signedAs(form, { ...far, inPath: true }));
    expect(inPath).toEqual(form.startsWith("V4") ? elsewhere : [200, stored]);
  });

  if (!isUrl)
    test("refused: a clock that differs by more than 15 minutes", async () => {
      for (const nowMs of [minutes(-16), minutes(16)])
        expect(await send({ nowMs })).toEqual([403, "RequestTimeTooSkewed", "0002-00000504"]);
    });

  if (!isUrl)
    test("refused: no date, or one that is none", async () => {
      const call = signedAs(form, get);
      const undated = Object.entries(call.headers ?? {}).filter(([name]) => !/^(x-oss-)?date$/.test(name));
      const headers = Object.fromEntries(undated);
      for (const date of ["", "yesterday", "20261341T000000Z", "Sun, 6 Nov 1994 08:49:37 GMT"])
        expect(
          (await answerTo({ ...call, headers: { ...headers, ...(date === "" ? {} : { date }) } }))[2],
        ).toBe("0002-00000503");
    });

  if (isUrl)
    test("refused: an expired URL, whoever signed it", async () => {
      const expired = [403, "AccessDenied", form === "V4 URL" ? "0002-00000236" : "0002-00000069"];
      expect(await send({ nowMs: minutes(-11) })).toEqual(expired);
      expect(await send({ nowMs: minutes(-11), signer: { id: "nobody", secret: "s" } })).toEqual(expired);
    });

  test("refused: a signature in the header and another in the URL", async () => {
    const [header, url] = isUrl ? ["V1 header" as const, form] : [form, "V4 URL" as const];
    const both = signedAs(url, get);
    const { authorization = "" } = signedAs(header, get).headers ?? {};
    expect(await answerTo({ ...both, headers: { ...both.headers, authorization } })).toEqual([
      400,
      "InvalidArgument",
      "0002-00000039",
    ]);
  });
});

describe("a signed URL that lacks a part", () => {
  const without = (form: SignedForm, part: RegExp, put = ""): RawCall => {
    const call = signedAs(form, get);
    return { ...call, path: (call.path ?? "").replace(part, put) };
  };
  test.each([
    [/&OSSAccessKeyId=[^&]*/, "", 403, "AccessDenied", undefined],
    [/&Expires=[^&]*/, "", 403, "AccessDenied", "0002-00000067"],
    [/Expires=[^&]*/, "Expires=", 403, "AccessDenied", "0002-00000068"],
    [/Expires=[^&]*/, "Expires=abc", 403, "AccessDenied", "0002-00000070"],
    [/&Signature=[^&]*/, "", 403, "AccessDenied", "0002-00000074"],
  ])("V1: %s", async (part, put, ...expected) => {
    expect(await answerTo(without("V1 URL", part, put))).toEqual(expected);
  });

  test.each([
    [/version=[^&]*/, "version=OSS5", 400, "InvalidArgument", "0002-00000066"],
    [/version=[^&]*/, "version=OSS2", 501, "NotImplemented", undefined],
    [/expires=[^&]*/, "expires=0", 400, "InvalidArgument", "0002-00000232"],
    [/expires=[^&]*/, "expires=604801", 400, "InvalidArgument", "0002-00000232"],
    [/expires=[^&]*/, "expires=-1", 400, "InvalidArgument", "0002-00000232"],
    [/expires=[^&]*/, "expires=1e3", 400, "InvalidArgument", "0002-00000232"],
    [/aliyun_v4_request/, "aws4_request", 400, "InvalidArgument", "0002-00000213"],
    [/%2Foss%2F/, "%2Fs3%2F", 400, "InvalidArgument", "0002-00000227"],
    [/cn-hangzhou/, "cn-beijing", 400, "InvalidArgument", "0002-00000226"],
    [/&x-oss-signature=[^&]*/, "", 403, "SignatureDoesNotMatch", "0002-00000201"],
  ])("V4: %s", async (part, put, ...expected) => {
    expect(await answerTo(without("V4 URL", part, put))).toEqual(expected);
  });

  test("V4: it lasts a week at most, and does not begin more than 15 minutes from now", async () => {
    const ok = await answerTo(signedAs("V4 URL", { ...get, seconds: 604_800 }));
    expect(ok).toEqual([200, stored]);
    expect(await answerTo(signedAs("V4 URL", { ...get, nowMs: minutes(16) }))).toEqual([
      403,
      "AccessDenied",
      "0002-00000235",
    ]);
  });
});

describe("headers that name more headers", () => {
  const signed: FormCall = { ...get, headers: { range: "bytes=0-1" }, additional: ["range"] };
  test.each(["V4 header", "V4 URL"] as const)("%s", async (form) => {
    const call = signedAs(form, signed);
    expect(await answerTo(call)).toEqual([200, stored]);
    const changed = { ...call, headers: { ...call.headers, range: "bytes=0-2" } };
    expect((await answerTo(changed))[1]).toBe("SignatureDoesNotMatch");
  });
});

test("schemes of OSS that the sandbox does not have are named", async () => {
  for (const scheme of ["OSS2 AccessKeyId:a,Signature:b", "AWS a:b", "AWS4-HMAC-SHA256 Credential=a"]) {
    const { headers = {}, ...call } = signedAs("V1 header", get);
    const answer = await answerTo({ ...call, headers: { ...headers, authorization: scheme } });
    expect(answer.slice(0, 2)).toEqual([501, "NotImplemented"]);
  }
});
