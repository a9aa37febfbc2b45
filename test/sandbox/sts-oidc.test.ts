import { expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { parseSeed, type SeedRole } from "../../src/sandbox/seed/seed.ts";
import { rawCall, signedCall, type RawAnswer } from "../support/sandbox.ts";
import { sessionKey, verdictOf } from "../support/sts-calls.ts";
import { account, issuer, providerArn, reader, stsSeed, tokenOf, trustOf } from "../support/sts-seed.ts";

const now = Date.parse("2026-11-29T20:00:00Z");
const seconds = now / 1000;
const subject = "repo:team/app:ref:refs/heads/main";
const claims = { iss: issuer, aud: "sts.aliyuncs.com", sub: subject, exp: seconds + 600 };
const federated = { Federated: [providerArn] };
const conditions = (more: JsonObject = {}): JsonObject => ({
  Condition: { StringEquals: { "oidc:iss": issuer, "oidc:aud": "sts.aliyuncs.com" }, ...more },
});
const trusting: SeedRole = { ...reader, trust: trustOf(federated, conditions()) };

/** Sends a call as SDKs do: without a signature, the token in the form. */
async function assume(
  token: string,
  role: SeedRole = trusting,
  provider = providerArn,
): Promise<{ readonly answer: RawAnswer; readonly port: number }> {
  const { port, close } = await startSandbox({ seed: stsSeed(role), nowMs: () => now });
  onTestFinished(() => close());
  const form = new URLSearchParams({
    RoleArn: `acs:ram::${account}:role/reader`,
    OIDCProviderArn: provider,
    OIDCToken: token,
    RoleSessionName: "ci",
    DurationSeconds: "900",
  });
  const answer = await rawCall(port, {
    method: "POST",
    path: "/?Action=AssumeRoleWithOIDC&Format=JSON&Version=2015-04-01",
    headers: { host: "localhost", "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
  });
  return { answer, port };
}

test.each(["RS256", "ES256"] as const)("a token signed by %s gives a session of the role", async (alg) => {
  const { answer, port } = await assume(tokenOf(claims, alg));
  expect(verdictOf(answer)).toEqual([200, undefined]);
  const signer = sessionKey(answer);
  const get = { bucket: "app", query: [["policy", ""]] as const, signer, date: new Date(now) };
  expect((await signedCall(port, get)).status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({
    OIDCTokenInfo: { Issuer: issuer, Subject: subject, ClientIds: "sts.aliyuncs.com" },
  });
});

test.each<[string, string, string]>([
  ["signed by another key", tokenOf(claims, "unknown"), "AuthenticationFail.OIDCToken.InvalidSignature"],
  ["signed with a shared secret", tokenOf(claims, "HS256"), "AuthenticationFail.OIDCToken.Invalid"],
  ["no token", "abc", "AuthenticationFail.OIDCToken.Invalid"],
  [
    "signed by another algorithm than it says",
    tokenOf(claims, "ES256", "RS256"),
    "AuthenticationFail.OIDCToken.InvalidSignature",
  ],
  [
    "a signature that is too short",
    tokenOf(claims, "ES256").slice(0, -20),
    "AuthenticationFail.OIDCToken.InvalidSignature",
  ],
  [
    "a signature that is no base64",
    tokenOf(claims, "ES256").replace(/[^.]+$/, "!"),
    "AuthenticationFail.OIDCToken.InvalidSignature",
  ],
  ["parts that are no objects", "bnVsbA.bnVsbA.bnVsbA", "AuthenticationFail.OIDCToken.Invalid"],
  ["empty", "", "AuthenticationFail.OIDCToken.Invalid"],
  ["expired", tokenOf({ ...claims, exp: seconds }), "AuthenticationFail.OIDCToken.Expired"],
  ["without an end", tokenOf({ ...claims, exp: undefined }), "AuthenticationFail.OIDCToken.Invalid"],
  ["not valid yet", tokenOf({ ...claims, nbf: seconds + 1 }), "AuthenticationFail.OIDCToken.Invalid"],
  ["another issuer", tokenOf({ ...claims, iss: "https://x" }), "AuthenticationFail.OIDCToken.IssuerNotMatch"],
  ["another audience", tokenOf({ ...claims, aud: "x" }), "AuthenticationFail.OIDCToken.AudienceNotMatch"],
  [
    "claims changed after they were signed",
    tokenOf(claims).replace(
      /\.[^.]+\./,
      `.${Buffer.from(JSON.stringify({ ...claims, sub: "x" })).toString("base64url")}.`,
    ),
    "AuthenticationFail.OIDCToken.InvalidSignature",
  ],
])("refused: %s", async (_name, token, code) => {
  expect(verdictOf((await assume(token)).answer)).toEqual([401, code]);
});

test.each<[string, JsonObject, number]>([
  ["any subject", conditions(), 200],
  ["this subject", conditions({ StringLike: { "oidc:sub": ["repo:team/*:ref:refs/heads/main"] } }), 200],
  ["another subject", conditions({ StringLike: { "oidc:sub": "repo:other/*" } }), 401],
  [
    "a wildcard that StringEquals does not have",
    { Condition: { StringEquals: { "oidc:sub": "repo:*" } } },
    401,
  ],
  ["a condition on what OIDC does not say", { Condition: { StringEquals: { "sts:ExternalId": "a" } } }, 401],
  ["a condition that is not modelled", conditions({ StringNotLike: { "oidc:sub": "x" } }), 501],
])("a role that trusts %s", async (_name, more, status) => {
  const role = { ...reader, trust: trustOf(federated, more) };
  expect((await assume(tokenOf(claims), role)).answer.status).toBe(status);
});

test("one of several audiences is enough", async () => {
  const { answer } = await assume(tokenOf({ ...claims, aud: ["x", "sts.aliyuncs.com"] }));
  expect(answer.status).toBe(200);
});

test("a role of users trusts no token, and an unknown provider is none", async () => {
  const { answer } = await assume(tokenOf(claims), reader);
  expect(verdictOf(answer)).toEqual([401, "AuthenticationFail.NoPermission"]);
  const other = await assume(tokenOf(claims), trusting, `${providerArn}2`);
  expect(verdictOf(other.answer)).toEqual([401, "AuthenticationFail.NoPermission"]);
});

test("a seed file says where roles and providers are wrong", () => {
  const text = `accounts:
  - uid: "1"
    roles:
      - { name: "a b", trust: {} }
      - { name: long, trust: {}, maxSessionSeconds: 86400 }
      - { name: none }
      - { name: exact, trust: { Statement: [{ Condition: { StringEquals: { "sts:ExternalId": 12345678901234567890 } } }] } }
    oidcProviders:
      - { name: ci, issuer: "https://x", clientIds: [], keys: [{ kty: oct, k: YQ }] }
buckets: []
`;
  const problems = (source: string) => {
    const read = parseSeed(source, "seed.yaml");
    return "problems" in read ? read.problems : [];
  };
  expect(problems(text)).toEqual([expect.stringContaining("seed.yaml:7:") as string]);
  expect(problems(text.replace("12345678901234567890", "a"))).toEqual([
    expect.stringMatching(/^seed.yaml:4:.*name of a role/),
    expect.stringMatching(/^seed.yaml:5:.*at most 43200/),
    expect.stringMatching(/^seed.yaml:6:.*trust. is missing/),
    expect.stringMatching(/^seed.yaml:9:.*client ID/),
    expect.stringMatching(/^seed.yaml:9:.*public key/),
  ]);
});
