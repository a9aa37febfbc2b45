import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sign } from "../../src/sandbox/auth/signature.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import {
  boundary,
  fieldPart,
  filePart,
  postForm,
  postParts,
  signedFields,
  type PostedForm,
} from "../support/post-forms.ts";
import { element, rawCall, seedOf, signedCall, type RawAnswer } from "../support/sandbox.ts";

const session = { id: "STS.session", secret: "s", token: "token" };
const hour = 3_600_000;

let sandbox: Sandbox;
beforeEach(async () => {
  const buckets = [
    { name: "app", region: "cn-hangzhou" },
    { name: "open", region: "cn-hangzhou", acl: "public-read-write" as const },
  ];
  sandbox = await startSandbox({ seed: { ...seedOf(), keys: [sandboxKey, session], buckets } });
});
afterEach(() => sandbox.close());

const post = (form: PostedForm) => postForm(sandbox.port, form);
const read = (key: string, bucket = "app") => signedCall(sandbox.port, { bucket, key });

function verdict(answer: RawAnswer): readonly (string | number | undefined)[] {
  return [answer.status, element(answer, "Code"), element(answer, "EC")];
}

describe.each(["V1", "V4"] as const)("%s", (version) => {
  test("the file becomes an object with the headers of the form", async () => {
    const fields = {
      "Cache-Control": "no-cache",
      "x-oss-meta-Team": "数据",
      "x-oss-object-acl": "public-read",
      "X-Oss-Storage-Class": "IA",
    };
    const answer = await post({ version, fields, file: Buffer.from([0, 13, 10, 45, 45, 255]) });
    expect([answer.status, answer.text]).toEqual([204, ""]);
    const object = await read("up/a.txt");
    expect([object.status, [...object.body]]).toEqual([200, [0, 13, 10, 45, 45, 255]]);
    expect(object.headers).toMatchObject({
      "content-type": "text/plain",
      "cache-control": "no-cache",
      "x-oss-storage-class": "IA",
      etag: answer.headers["etag"],
    });
    expect(Buffer.from(String(object.headers["x-oss-meta-team"]), "latin1").toString()).toBe("数据");
    const anyone = await rawCall(sandbox.port, { path: "/up/a.txt", headers: { host: "app.localhost" } });
    expect(anyone.status).toBe(200);
  });

  // An object with such a header could be stored, and never be read.
  test("metadata that no header can name is refused", async () => {
    const answer = await post({ version, fields: { "x-oss-meta-a b": "1" } });
    expect(verdict(answer)).toEqual([400, "InvalidArgument", undefined]);
    expect((await read("up/a.txt")).status).toBe(404);
  });

  test("each part of the signature counts", async () => {
    const send = async (change: PostedForm) => verdict(await post({ version, ...change }));
    const mismatch = [403, "SignatureDoesNotMatch", "0002-00000705"];
    expect(await send({ signer: { ...sandboxKey, secret: "x" } })).toEqual(mismatch);
    const other = signedFields({ version, conditions: [{ key: "other" }] })["policy"];
    expect(await send({ changed: { policy: other } })).toEqual(mismatch);
    expect((await send({ signer: { id: "x", secret: "x" } }))[1]).toBe("InvalidAccessKeyId");
    expect((await send({ signer: session }))[0]).toBe(204);
    expect((await send({ signer: { id: session.id, secret: session.secret } }))[1]).toBe(
      "InvalidSecurityToken",
    );
    expect((await send({ changed: { policy: undefined } }))[2]).toBe("0002-00000702");
    const name = version === "V1" ? "Signature" : "x-oss-signature";
    expect((await send({ changed: { [name]: undefined } }))[2]).toBe("0002-00000703");
    expect((await send({ changed: { [name]: "" } }))[2]).toBe("0002-00000704");
  });

  test("an expired policy is refused, and stores nothing", async () => {
    const answer = await post({ version, expiresMs: Date.now() - 1 });
    expect(verdict(answer).slice(0, 2)).toEqual([403, "AccessDenied"]);
    expect(element(answer, "Message")).toBe("Invalid according to Policy: Policy expired.");
    expect((await read("up/a.txt")).status).toBe(404);
  });
});

test("a V4 form is for its region and its day, for a week, and its policy names what it must", async () => {
  const send = async (change: PostedForm) => verdict(await post({ version: "V4", ...change }));
  expect((await send({ region: "cn-beijing" }))[1]).toBe("InvalidArgument");
  expect((await send({ changed: { "x-oss-date": "20200101T000000Z" } }))[1]).toBe("InvalidArgument");
  expect((await send({ changed: { "x-oss-credential": "a/b/c" } }))[2]).toBe("0002-00000710");
  expect((await send({ changed: { "x-oss-signature-version": "2" } }))[2]).toBe("0002-00000701");
  expect((await send({ changed: { "x-oss-signature-version": "OSS2" } }))[0]).toBe(501);
  expect((await send({ nowMs: Date.now() + hour }))[1]).toBe("AccessDenied");
  const old = { nowMs: Date.now() - 169 * hour, expiresMs: Date.now() + hour };
  expect((await send(old))[1]).toBe("AccessDenied");
  expect((await send({ ...old, nowMs: Date.now() - 167 * hour }))[0]).toBe(204);
  const v1Policy = signedFields({})["policy"] ?? "";
  const day = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const signature = sign(v1Policy, "sandbox", { date: day, region: "cn-hangzhou", product: "oss" });
  const unnamed = await post({ version: "V4", changed: { policy: v1Policy, "x-oss-signature": signature } });
  expect(verdict(unnamed)).toEqual([403, "AccessDenied", "0006-00000228"]);
  expect(element(unnamed, "Message")).toContain("Extra input fields: x-oss-signature-version");
});

describe("the answer", () => {
  test.each([
    ["200", 200],
    ["204", 204],
    ["418", 204],
  ])("success_action_status %s", async (status, expected) => {
    expect((await post({ fields: { success_action_status: status } })).status).toBe(expected);
  });

  test("201 says where the object is", async () => {
    const answer = await post({ fields: { success_action_status: "201", key: "a b/中" } });
    expect(answer.status).toBe(201);
    expect(element(answer, "Bucket")).toBe("app");
    expect(element(answer, "Key")).toBe("a b/中");
    expect(element(answer, "ETag")).toBe(String(answer.headers["etag"]).replaceAll('"', "&quot;"));
  });

  test("a redirect is answered, and nobody is called", async () => {
    const own = `http://127.0.0.1:${sandbox.port}/app/?policy`;
    const answer = await post({ fields: { success_action_redirect: own, success_action_status: "200" } });
    expect([answer.status, answer.headers.location]).toEqual([303, own]);
    expect(sandbox.requests).toHaveLength(1);
    const split = await post({ fields: { success_action_redirect: "http://x/\r\nSet-Cookie: a" } });
    expect([split.status, split.headers["set-cookie"]]).toEqual([204, undefined]);
  });
});

test("the file may be a text without a name", async () => {
  const fields = Object.entries(signedFields({ fields: { key: "text${filename}" } }));
  const parts = fields.map(([name, value]) => fieldPart(name, value));
  const answer = await postParts(sandbox.port, {}, [...parts, fieldPart("File", "just text")]);
  expect(answer.status).toBe(204);
  const object = await read("text");
  expect([object.text, object.headers["content-type"]]).toEqual(["just text", "application/octet-stream"]);
});

test("fields after the file count for nothing", async () => {
  const parts = Object.entries(signedFields({})).map(([name, value]) => fieldPart(name, value));
  const late = fieldPart("success_action_status", "200");
  const answer = await postParts(sandbox.port, {}, [...parts, filePart("file", Buffer.from("x")), late]);
  expect(answer.status).toBe(204);
});

test("without a signature the ACL decides, and one in the header counts for nothing", async () => {
  expect((await post({ version: "none", bucket: "open" })).status).toBe(204);
  expect(verdict(await post({ version: "none" })).slice(0, 2)).toEqual([403, "AccessDenied"]);
  const headers = { authorization: "OSS sandbox:wrong", date: new Date().toUTCString() };
  expect((await post({ headers })).status).toBe(204);
});

test("a policy of the bucket decides about the key of the form", async () => {
  const deny = {
    Effect: "Deny",
    Principal: ["*"],
    Action: ["oss:PutObject"],
    Resource: ["acs:oss:*:*:app/up/*"],
    Condition: { Bool: { "acs:SecureTransport": ["true"] } },
  };
  sandbox.setPolicy("app", JSON.stringify({ Version: "1", Statement: [deny] }));
  expect(verdict(await post({}))).toEqual([403, "AccessDenied", "0003-00000101"]);
  expect((await post({ fields: { key: "other/a.txt" } })).status).toBe(204);
});

describe("a form that is wrong stores nothing", () => {
  const fields = () => Object.entries(signedFields({})).map(([name, value]) => fieldPart(name, value));
  const file = filePart("file", Buffer.alloc(200_000, 65));
  test.each<[string, () => readonly Buffer[], string]>([
    ["no file", () => fields(), "IncorrectNumberOfFilesInPOSTRequest"],
    [
      "a file of another name",
      () => [...fields(), filePart("upload", Buffer.from("x"))],
      "IncorrectNumberOfFilesInPOSTRequest",
    ],
    [
      "two files",
      () => [...fields(), file, filePart("file", Buffer.from("x"))],
      "IncorrectNumberOfFilesInPOSTRequest",
    ],
    [
      "fields after the file, which count for nothing",
      () => [file, ...fields()],
      "IncorrectNumberOfFilesInPOSTRequest",
    ],
    [
      "no key",
      () => [...fields().filter((part) => !part.includes('name="key"')), file],
      "IncorrectNumberOfFilesInPOSTRequest",
    ],
    [
      "a field that is too long",
      () => [fieldPart("x", "x".repeat(70_000)), ...fields(), file],
      "FieldItemTooLong",
    ],
    [
      "a form that ends early",
      () => [
        ...fields(),
        Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc`),
      ],
      "MalformedPOSTRequest",
    ],
    [
      "a key with a slash at its start",
      () => [fieldPart("key", "/a"), ...fields(), file],
      "InvalidObjectName",
    ],
    [
      "a key that is too long",
      () => [fieldPart("key", "中".repeat(342)), ...fields(), file],
      "InvalidObjectName",
    ],
    [
      "a header in a value",
      () => [fieldPart("x-oss-meta-a", "1\r\nb: 2"), ...fields(), file],
      "InvalidArgument",
    ],
    [
      "a callback, which the sandbox does not have",
      () => [fieldPart("callback", "e30="), ...fields(), file],
      "NotImplemented",
    ],
  ])("%s", async (_name, parts, code) => {
    const answer = await postParts(sandbox.port, {}, parts());
    expect(element(answer, "Code")).toBe(code);
    expect((await read("up/a.txt")).status).toBe(404);
  });

  test.each(["text/plain", "multipart/form-data", "multipart/form-data; boundary="])(
    "type %s",
    async (type) => {
      const answer = await post({ headers: { "content-type": type } });
      expect(element(answer, "Code")).toBe("MalformedPOSTRequest");
    },
  );
});

test("the real client signs forms that are taken, V1 and V4", async () => {
  interface RealClient {
    calculatePostSignature(policy: object): Readonly<Record<string, string>>;
    signPostObjectPolicyV4(policy: object, date: Date): string;
  }
  const OSS = createRequire(import.meta.url)("ali-oss") as new (options: object) => RealClient;
  const client = new OSS({ accessKeyId: "sandbox", accessKeySecret: "sandbox", region: "oss-cn-hangzhou" });
  const now = new Date();
  const expiration = new Date(now.getTime() + 60_000).toISOString();
  const v1 = client.calculatePostSignature({ expiration, conditions: [["starts-with", "$key", "up/"]] });
  expect((await post({ version: "none", fields: v1 })).status).toBe(204);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const v4 = {
    "x-oss-signature-version": "OSS4-HMAC-SHA256",
    "x-oss-credential": `sandbox/${stamp.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`,
    "x-oss-date": stamp,
  };
  const policy = { expiration, conditions: [v4, { bucket: "app" }] };
  const fields = {
    ...v4,
    policy: Buffer.from(JSON.stringify(policy)).toString("base64"),
    "x-oss-signature": client.signPostObjectPolicyV4(policy, now),
  };
  expect((await post({ version: "none", fields })).status).toBe(204);
});
