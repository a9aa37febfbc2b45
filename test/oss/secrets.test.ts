import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openAliOssStore } from "../../src/oss/ali-oss-store.ts";
import { fixedCredentials } from "../../src/oss/credential-provider.ts";
import { secretsOf } from "../../src/oss/credentials.ts";
import { openSecrets, removed } from "../../src/oss/secrets.ts";
import { runs } from "../support/runs.ts";
import { answering, hostileOss, type Behaviour } from "../support/hostile-oss.ts";

const keyId = "LTAI5tNeutralKeyId01";
const secret = "k3yS3cr3tOfThisTest/+=&<x>0Zz";
const token = `CAISneutral${"AbC3dEf6+/".repeat(20)}tail==`;
const secrets = openSecrets([secret, token], [keyId]);
const encode = (text: string) => [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, "0"));

/** Every way in which a server may hand a text back. */
const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ["plain", (text) => text],
  ["between other letters", (text) => `abc${text}def`],
  ["in upper case", (text) => text.toUpperCase()],
  ["percent-encoded", encodeURIComponent],
  ["percent-encoded twice", (text) => encodeURIComponent(encodeURIComponent(text))],
  [
    "every byte percent-encoded",
    (text) =>
      encode(text)
        .map((hex) => `%${hex}`)
        .join(""),
  ],
  ["in hex", (text) => encode(text).join("")],
  ["in hex with colons", (text) => encode(text).join(":")],
  ["in base64", (text) => Buffer.from(text).toString("base64")],
  ["in base64 for addresses", (text) => Buffer.from(text).toString("base64url")],
  ["in base64 behind one byte", (text) => Buffer.from(`x${text}y`).toString("base64")],
  ["in base64 behind two bytes", (text) => Buffer.from(`xx${text}yyy`).toString("base64")],
  ["as entities", (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
  ["as numbers of characters", (text) => [...Buffer.from(text)].map((byte) => `&#${byte};`).join("")],
  ["split by lines", (text) => (text.match(/.{1,7}/g) ?? []).join("\n    ")],
  ["split by invisible characters", (text) => [...text].join("\u200b")],
  [
    "in base64, split by lines",
    (text) =>
      (
        Buffer.from(text)
          .toString("base64")
          .match(/.{1,16}/g) ?? []
      ).join("\r\n"),
  ],
  ["from its end", (text) => [...text].reverse().join("")],
  ["half of it", (text) => text.slice(0, text.length / 2 + 5)],
  ["the other half", (text) => text.slice(text.length / 2 - 5)],
];

/** Whether a text still has ten letters of a spelling in a row. */
function tells(text: string, spelt: string): boolean {
  const plain = text.replaceAll(/[\s\u200b]/g, "");
  const wanted = spelt.replaceAll(/[\s\u200b]/g, "");
  for (let at = 0; at + 14 <= wanted.length; at += 1)
    if (plain.includes(wanted.slice(at, at + 14))) return true;
  return false;
}

describe.each([
  ["secret", secret],
  ["token", token],
])("a %s is removed from a message", (_, value) => {
  test.each(spellings)("%s", (_name, spell) => {
    const text = `refused: ${spell(value)}; end`;
    const clean = secrets.clean(text);
    expect(clean).toContain(removed);
    expect(clean.startsWith("refused: ")).toBe(true);
    expect(clean.endsWith("end")).toBe(true);
    expect(tells(clean, spell(value).replace(/^abc|def$/g, ""))).toBe(false);
  });

  test.each(spellings.slice(0, -2))("%s, it is found in a policy", (_name, spell) => {
    expect(secrets.isIn(`{"Statement":[{"Sid":${JSON.stringify(spell(value))}}]}`)).toBe(true);
  });
});

describe("signatures", () => {
  const signature = "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe";
  const header = `OSS4-HMAC-SHA256 Credential=${keyId}/20260601/cn-hangzhou/oss/aliyun_v4_request,Signature=${signature}`;

  test.each([
    ["a header", header],
    ["a header with spaces", header.replaceAll(",", ", ")],
    ["a header of version 1", "OSS LTAI5tNeutralKeyId01:bmV1dHJhbCBzaWduYXR1cmU="],
    ["a bearer token", "Authorization: Bearer ghs_neutral0123456789"],
    ["the signature alone", signature],
    ["a header in base64", Buffer.from(header).toString("base64")],
    ["a header, percent-encoded", encodeURIComponent(header)],
    ["a signature on two lines", `${signature.slice(0, 32)}\n${signature.slice(32)}`],
  ])("%s is removed from a message", (_, text) => {
    const clean = secrets.clean(`not so: ${text}; stop`);
    expect(clean).toMatch(/^not so: .* stop$/s);
    expect(clean).toContain(removed);
    expect(clean).not.toMatch(/e21d18da|284afe|ghs_neutral|bmV1dHJh/);
  });

  test("a policy with one of this run's is known by it, and other hashes are not", () => {
    const own = openSecrets([secret]);
    expect(own.isIn(`{"Resource":"b/${signature}/*"}`)).toBe(false);
    own.addSignature(header);
    expect(own.isIn(`{"Resource":"b/${signature}/*"}`)).toBe(true);
    expect(own.isIn(`{"Resource":"b/${[...signature].reverse().join("")}/*"}`)).toBe(false);
  });
});

describe("recent signatures", () => {
  const signatureOf = (number: number) => createHash("sha256").update(String(number)).digest("hex");
  const headerOf = (number: number) => `Credential=x,Signature=${signatureOf(number)}`;
  const [first, added] = [10_000, 1_000];
  const own = openSecrets([]);
  for (let number = first; number < first + added; number += 1) own.addSignature(headerOf(number));

  test("any 16 letters of one of the last 256 are found, wherever they are", () => {
    const last = fc.integer({ min: first + added - 256, max: first + added - 1 });
    const law = fc.property(last, fc.integer({ min: 0, max: 48 }), fc.boolean(), (number, at, isUpper) => {
      const part = signatureOf(number).slice(at, at + 16);
      const text = `{"Id":"${isUpper ? part.toUpperCase() : part}"}`;
      expect(own.isIn(text)).toBe(true);
      expect(own.clean(text)).not.toContain(part);
    });
    fc.assert(law, { numRuns: runs(500) });
  });

  test("the whole of an older one is found", () => {
    expect(own.isIn(`{"Id":"${signatureOf(first)}"}`)).toBe(true);
    expect(own.isIn(`{"Id":"${signatureOf(first - 1)}"}`)).toBe(false);
  });

  test("15 letters of one, and parts of other hashes, are no signature", () => {
    const law = fc.property(fc.nat(added - 1), fc.integer({ min: 0, max: 49 }), (index, at) => {
      const part = signatureOf(first + index).slice(at, at + 15);
      expect(own.isIn(`{"Id":"${part}-${signatureOf(index).slice(0, 40)}"}`)).toBe(false);
    });
    fc.assert(law, { numRuns: runs(500) });
  });
});

describe("what is no secret stays", () => {
  test.each([
    "OSS answered 403 AccessDenied (EC 0003-00000001): You have no right to access this object",
    "0123456789ABCDEF01234567 is a request id",
    "acs:oss:*:1746495857600001:web/public/*",
    `${keyId.slice(0, 8)} is no key id`,
    "短い文, ＊ and résumé",
    "",
  ])("%s", (text) => {
    expect(secrets.clean(text)).toBe(text);
    expect(secrets.isIn(text)).toBe(false);
  });

  test("a key id is removed from messages, and may be in a policy", () => {
    expect(secrets.clean(`the key ${keyId} is unknown`)).toBe(`the key ${removed} is unknown`);
    expect(secrets.isIn(`{"acs:AccessId":"${keyId}"}`)).toBe(false);
  });

  test("words shorter than a secret is are never taken for one", () => {
    expect(openSecrets(["sandbox", "S", "", undefined]).clean("the sandbox is a Sandbox")).toBe(
      "the sandbox is a Sandbox",
    );
  });
});

describe("a server that sends back what it got", () => {
  async function storeFor(behave: Behaviour) {
    const oss = await hostileOss(behave);
    const credentials = { accessKeyId: keyId, accessKeySecret: secret, securityToken: token };
    const store = openAliOssStore({
      provider: fixedCredentials(credentials),
      secrets: secretsOf(credentials),
      endpoint: oss.url,
      listRegion: "cn-hangzhou",
      timeoutMs: 5_000,
    });
    onTestFinished(() => store.close());
    return store;
  }
  const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const echo = (status: number, wrap: (text: string) => string): Behaviour => {
    return (request, response) =>
      answering(status, wrap(escaped(JSON.stringify(request.headers))))(request, response);
  };
  const marks = [token.slice(20, 60), /[\da-f]{40}/, keyId];

  test.each(["Code", "Message", "EC"])("in %s of an error", async (name) => {
    const store = await storeFor(echo(403, (text) => `<Error><${name}>${text}</${name}></Error>`));
    const all = JSON.stringify([
      await store.get(bucket),
      await store.list(),
      await store.exposure(bucket),
      await store.put(bucket, "{}"),
      await store.delete(bucket),
    ]);
    expect(all).toContain(removed);
    for (const mark of marks) expect(all).not.toMatch(mark);
  });

  test.each<[string, (text: string) => string]>([
    ["a policy", (text) => JSON.stringify({ Version: "1", Statement: [{ Sid: text }] })],
    ["a policy that does not parse", (text) => `{"Statement":[],"a":${JSON.stringify(text)},"a":1}`],
    ["a broken one", (text) => `{"Statement":[${JSON.stringify(text)}`],
  ])("in %s", async (_, wrap) => {
    const all = JSON.stringify(await (await storeFor(echo(200, wrap))).get(bucket));
    expect(all).toContain('"state":"unreadable"');
    for (const mark of marks) expect(all).not.toMatch(mark);
  });

  test("as the name of a bucket or a region", async () => {
    const nameOf = (authorization = "") => /Signature=([\da-f]+)/.exec(authorization)?.[1] ?? "";
    const list = (bucketName: string, region: string) =>
      `<ListAllMyBucketsResult><Owner><ID>1</ID></Owner><Buckets><Bucket><Name>${bucketName}</Name><Region>${region}</Region></Bucket></Buckets></ListAllMyBucketsResult>`;
    for (const wrap of [(mark: string) => list(mark, "cn-x"), (mark: string) => list("a-b", mark)]) {
      const store = await storeFor((request, response) =>
        answering(200, wrap(nameOf(request.headers.authorization)))(request, response),
      );
      const listing = await store.list();
      expect(listing).toHaveProperty("problem");
      expect(JSON.stringify(listing)).not.toMatch(/[\da-f]{40}/);
    }
  });
});
