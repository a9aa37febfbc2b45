import { describe, expect, onTestFinished, test } from "vitest";
import type { SeedBucket } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { element, seedOf, signedCall, type RawAnswer, type SignedCall } from "../support/sandbox.ts";

interface Opened {
  readonly sandbox: Sandbox;
  readonly call: (operation: string, change?: SignedCall) => Promise<RawAnswer>;
}

/** Calls such as `PUT acl` to the bucket `app`. */
async function open(bucket: Partial<SeedBucket> = {}): Promise<Opened> {
  const seed = { ...seedOf(), buckets: [{ name: "app", region: "cn-hangzhou", ...bucket }] };
  const sandbox = await startSandbox({ seed });
  onTestFinished(() => sandbox.close());
  const call: Opened["call"] = (operation, change) => {
    const [method = "", name = ""] = operation.split(" ");
    return signedCall(sandbox.port, { bucket: "app", method, query: [[name, ""]], ...change });
  };
  return { sandbox, call };
}

const blockXml = (inner: string): SignedCall => ({
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<PublicAccessBlockConfiguration>${inner}</PublicAccessBlockConfiguration>\n`,
});
const on = blockXml("<BlockPublicAccess>true</BlockPublicAccess>");
const acl = (word: string): SignedCall => ({ headers: { "x-oss-acl": word } });
const refusal = (answer: RawAnswer): unknown[] => [
  answer.status,
  element(answer, "Code"),
  element(answer, "Message"),
];

describe("the ACL", () => {
  test("is private until it is put, and replaced by what is put", async () => {
    const { call } = await open();
    expect(element(await call("GET acl"), "Grant")).toBe("private");
    for (const word of ["public-read", "public-read-write", "private"]) {
      const put = await call("PUT acl", acl(word));
      expect([put.status, put.text]).toEqual([200, ""]);
      expect(element(await call("GET acl"), "Grant")).toBe(word);
      expect(element(await call("GET bucketInfo"), "Grant")).toBe(word);
    }
  });

  test("comes in OSS's form", async () => {
    const { call } = await open({ acl: "public-read" });
    const { text } = await call("GET acl");
    expect(text.replace(/\s*\n\s*/g, "")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><AccessControlPolicy>' +
        "<Owner><ID>1746495857600001</ID><DisplayName>1746495857600001</DisplayName></Owner>" +
        "<AccessControlList><Grant>public-read</Grant></AccessControlList></AccessControlPolicy>",
    );
  });

  test("that OSS does not have is refused by name, and the old one stays", async () => {
    const { call } = await open({ acl: "public-read" });
    const answer = await call("PUT acl", acl("default"));
    expect(refusal(answer)).toEqual([400, "InvalidArgument", "no such bucket access control exists"]);
    expect([element(answer, "ArgumentName"), element(answer, "ArgumentValue")]).toEqual([
      "x-oss-acl",
      "default",
    ]);
    expect(element(await call("GET acl"), "Grant")).toBe("public-read");
  });

  test("stays where the header is left out", async () => {
    const { call } = await open({ acl: "public-read" });
    expect((await call("PUT acl")).status).toBe(200);
    expect(element(await call("GET acl"), "Grant")).toBe("public-read");
  });

  test("of a bucket that is not there makes it, as OSS does; so does creating one with an ACL", async () => {
    const { call } = await open();
    expect((await call("PUT acl", { bucket: "made", ...acl("public-read") })).status).toBe(200);
    expect((await call("PUT", { bucket: "made-too", query: [], ...acl("public-read") })).status).toBe(200);
    expect(element(await call("GET acl", { bucket: "made" }), "Grant")).toBe("public-read");
    expect(element(await call("GET acl", { bucket: "made-too" }), "Grant")).toBe("public-read");
    const refused = await call("PUT", { bucket: "not-made", query: [], ...acl("open") });
    expect(refused.status).toBe(400);
    expect(element(await call("GET acl", { bucket: "not-made" }), "Code")).toBe("NoSuchBucket");
  });

  test("leaves the policy, and the policy leaves the ACL", async () => {
    const policy = '{"Version":"1","Statement":[]}';
    const { sandbox, call } = await open({ policy });
    await call("PUT acl", acl("public-read"));
    expect(sandbox.policyOf("app")).toBe(policy);
    await call("PUT policy", { body: policy });
    await call("DELETE policy");
    expect(element(await call("GET acl"), "Grant")).toBe("public-read");
  });
});

describe("Block Public Access of a bucket", () => {
  test("is put, read, and off again after a delete, which is no 404", async () => {
    const { call } = await open();
    const seen: unknown[] = [];
    for (const operation of [
      "PUT publicAccessBlock",
      "DELETE publicAccessBlock",
      "DELETE publicAccessBlock",
    ]) {
      const { status, text } = await call(operation, operation.startsWith("PUT") ? on : {});
      const read = await call("GET publicAccessBlock");
      seen.push([status, text, read.status, element(read, "BlockPublicAccess")]);
    }
    expect(seen).toEqual([
      [200, "", 200, "true"],
      [204, "", 200, "false"],
      [204, "", 200, "false"],
    ]);
  });

  test("comes in OSS's form, and GetBucketInfo tells the same", async () => {
    const { call } = await open({ blockPublicAccess: true });
    const { text } = await call("GET publicAccessBlock");
    expect(text.replace(/\s*\n\s*/g, "")).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><PublicAccessBlockConfiguration>' +
        "<BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>",
    );
    expect(element(await call("GET bucketInfo"), "BlockPublicAccess")).toBe("true");
  });

  // A document that is misread as "off" would open every bucket that sends it.
  test.each<[string, string, unknown]>([
    ["true", on.body as string, "true"],
    ["spaces", "<PublicAccessBlockConfiguration>\n <BlockPublicAccess> true </BlockPublicAccess>\n</PublicAccessBlockConfiguration>", "true"], // prettier-ignore
    ["a name space", '<PublicAccessBlockConfiguration xmlns="x"><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>', "true"], // prettier-ignore
    ["false", blockXml("<BlockPublicAccess>false</BlockPublicAccess>").body as string, "false"],
    ["no inner element: off, as OSS has it", blockXml("").body as string, "false"],
    ["nothing but the element", "<PublicAccessBlockConfiguration/>", "false"],
    ["an empty body", "", 400],
    ["another word", blockXml("<BlockPublicAccess>yes</BlockPublicAccess>").body as string, 400],
    ["another element", blockXml("<BlockPublicAcls>true</BlockPublicAcls>").body as string, 400],
    ["it twice", blockXml("<BlockPublicAccess>true</BlockPublicAccess>".repeat(2)).body as string, 400],
    ["another root", "<BlockPublicAccess>true</BlockPublicAccess>", 400],
    ["half a document", "<PublicAccessBlockConfiguration><BlockPublicAccess>true", 400],
    ["JSON", '{"BlockPublicAccess":true}', 400],
  ])("put with %s", async (_name, body, expected) => {
    const { call } = await open({ blockPublicAccess: expected !== "true" });
    const answer = await call("PUT publicAccessBlock", { body });
    const after = element(await call("GET publicAccessBlock"), "BlockPublicAccess");
    if (expected === 400) {
      expect([...refusal(answer).slice(0, 2), after]).toEqual([400, "MalformedXML", "true"]);
    } else expect([answer.status, after]).toEqual([200, expected]);
  });

  const policyFor = (...principals: string[]): string =>
    JSON.stringify({
      Version: "1",
      Statement: [{ Effect: "Allow", Principal: principals, Action: "oss:GetObject", Resource: "*" }],
    });

  test("refuses a public policy and a public ACL, and takes private ones", async () => {
    const { sandbox, call } = await open({ blockPublicAccess: true, acl: "public-read" });
    expect(refusal(await call("PUT policy", { body: policyFor("*") }))).toEqual([
      403,
      "AccessDenied",
      "Put public bucket policy is not allowed",
    ]);
    expect(refusal(await call("PUT acl", acl("public-read")))).toEqual([
      403,
      "AccessDenied",
      "Put public bucket acl is not allowed",
    ]);
    expect(sandbox.policyOf("app")).toBeUndefined();
    expect((await call("PUT policy", { body: policyFor("1") })).status).toBe(200);
    expect((await call("PUT acl", acl("private"))).status).toBe(200);
  });

  test("is not passed by a policy that its reader does not understand", async () => {
    const { call } = await open({ blockPublicAccess: true });
    const body = policyFor("*").replace('"Version":"1"', '"Version":"1","x":1,"x":2');
    expect((await call("PUT policy", { body })).status).toBe(403);
    const strange = policyFor("1").replace('"Version":"1"', '"Version":"1","__proto__":1');
    expect((await call("PUT policy", { body: strange })).status).toBe(403);
  });

  test("lets what stands there stand, and lets it be public again after the delete", async () => {
    const { sandbox, call } = await open({ policy: policyFor("*"), acl: "public-read" });
    await call("PUT publicAccessBlock", on);
    expect(sandbox.policyOf("app")).toBe(policyFor("*"));
    expect(element(await call("GET acl"), "Grant")).toBe("public-read");
    await call("DELETE publicAccessBlock");
    expect((await call("PUT policy", { body: policyFor("*") })).status).toBe(200);
  });
});

test.each<[string, string | undefined, string]>([
  ["no policy", undefined, "false"],
  ["a private policy", '{"Version":"1","Statement":[]}', "false"],
  ["a public policy", '{"Version":"1","Statement":[{"Effect":"Allow","Principal":"*"}]}', "true"],
  ["a policy that does not parse", "old", "true"],
])("GetBucketPolicyStatus of %s", async (_name, policy, expected) => {
  const { call } = await open(policy === undefined ? {} : { policy });
  const answer = await call("GET policyStatus");
  expect([answer.status, element(answer, "IsPublic")]).toEqual([200, expected]);
});

test.each(["GET acl", "GET publicAccessBlock", "PUT publicAccessBlock", "DELETE publicAccessBlock"])(
  "%s of no bucket, through another region, and unsigned",
  async (operation) => {
    const { call } = await open();
    expect(refusal(await call(operation, { bucket: "gone" })).slice(0, 2)).toEqual([404, "NoSuchBucket"]);
    expect(element(await call(operation, { region: "cn-shanghai" }), "EC")).toBe("0003-00001403");
    expect((await call(operation, { changed: { authorization: "" } })).status).toBe(403);
  },
);
