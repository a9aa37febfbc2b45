import { describe, expect, onTestFinished, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import type { SeedRole } from "../../src/sandbox/seed/seed.ts";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { element, rawCall, signedCall } from "../support/sandbox.ts";
import { acs3, callSts, sessionKey, stsForms, verdictOf, type SignedStsCall } from "../support/sts-calls.ts";
import {
  account,
  keys,
  otherAccount,
  ownRoot,
  policyOf,
  reader,
  stsSeed,
  trustOf,
} from "../support/sts-seed.ts";

interface Clock {
  now: number;
}

async function started(roles: readonly SeedRole[] = [reader], clock?: Clock): Promise<Sandbox> {
  const nowMs = clock === undefined ? {} : { nowMs: () => clock.now };
  const sandbox = await startSandbox({ seed: stsSeed(...roles), ...nowMs });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

const roleArn = (name = "reader", uid = account) => `acs:ram::${uid}:role/${name}`;
const request = { RoleArn: roleArn(), RoleSessionName: "ci" };
const byAlice: SignedStsCall = { signer: keys.alice, parameters: request };
const noPermission = [403, "NoPermission"];

describe.each(stsForms)("%s", (form) => {
  test("a session has the permissions of its role, from its own key, secret and token", async () => {
    const { port } = await started();
    const answer = await callSts(port, form, byAlice);
    expect(verdictOf(answer)).toEqual([200, undefined]);
    const signer = sessionKey(answer);
    expect(signer.id).toMatch(/^STS\./);
    const get = { bucket: "app", query: [["policy", ""]] as const, signer };
    expect((await signedCall(port, get)).status).toBe(200);
    const put = await signedCall(port, { ...get, method: "PUT", body: "{}" });
    expect([put.status, element(put, "EC")]).toEqual([403, "0003-00000202"]);
    const { id, secret } = signer;
    expect(element(await signedCall(port, { ...get, signer: { id, secret } }), "Code")).toBe(
      "InvalidSecurityToken",
    );
  });

  test("each part of the signature counts", async () => {
    const { port } = await started();
    const verdict = async (change: Partial<SignedStsCall>) =>
      verdictOf(await callSts(port, form, { ...byAlice, ...change }));
    const now = Date.now();
    expect(await verdict({ signer: { ...keys.alice, secret: "x" } })).toEqual([400, "SignatureDoesNotMatch"]);
    expect(await verdict({ signer: { id: "x", secret: "x" } })).toEqual([404, "InvalidAccessKeyId.NotFound"]);
    expect(await verdict({ nowMs: now - 16 * 60_000 })).toEqual([400, "InvalidTimeStamp.Expired"]);
    expect(await verdict({ nowMs: now + 16 * 60_000 })).toEqual([400, "InvalidTimeStamp.Expired"]);
    expect((await verdict({ nowMs: now - 14 * 60_000 }))[0]).toBe(200);
    expect((await verdict({ nonce: "once" }))[0]).toBe(200);
    expect(await verdict({ nonce: "once" })).toEqual([400, "SignatureNonceUsed"]);
    expect((await verdict({ nonce: "twice" }))[0]).toBe(200);
  });

  test("a value that must be encoded is signed as it is read", async () => {
    const { port } = await started();
    const { parameters = {} } = byAlice;
    const answer = await callSts(port, form, {
      ...byAlice,
      parameters: { ...parameters, RoleSessionName: "a&b" },
    });
    expect(verdictOf(answer)).toEqual([400, "InvalidParameter.RoleSessionName"]);
  });
});

test("an unsigned header of version 3 is refused, for it could be anything", async () => {
  const { port } = await started();
  const call = acs3(byAlice);
  const headers = { ...call.headers, "x-acs-security-token": "t" };
  const answer = await rawCall(port, { ...call, headers });
  expect(verdictOf(answer)).toEqual([400, "IncompleteSignature"]);
  const body = await rawCall(port, { ...call, body: "x" });
  expect(verdictOf(body)).toEqual([400, "IncompleteSignature"]);
});

test("names that every object of the language has are no headers", async () => {
  const { port } = await started();
  const { headers = {}, ...call } = acs3(byAlice);
  const authorization = (headers["authorization"] ?? "").replace(
    "SignedHeaders=",
    "SignedHeaders=constructor;",
  );
  const answer = await rawCall(port, { ...call, headers: { ...headers, authorization } });
  expect(verdictOf(answer)).toEqual([400, "SignatureDoesNotMatch"]);
});

describe("who may assume a role", () => {
  const cases: readonly [string, JsonObject, keyof typeof keys, readonly [number, string | undefined]][] = [
    ["the account trusts its users", trustOf(ownRoot), "alice", [200, undefined]],
    ["a user without sts:AssumeRole", trustOf(ownRoot), "bob", [403, "NoPermission"]],
    ["the account itself, which can assume nothing", trustOf(ownRoot), "root", [403, "NoPermission"]],
    ["a user of another account", trustOf(ownRoot), "carol", [403, "NoPermission"]],
    [
      "a user of a trusted account",
      trustOf({ RAM: [`acs:ram::${otherAccount}:root`] }),
      "carol",
      [200, undefined],
    ],
    ["a user by its name", trustOf({ RAM: `acs:ram::${account}:user/alice` }), "alice", [200, undefined]],
    ["another user", trustOf({ RAM: `acs:ram::${account}:user/bob` }), "alice", [403, "NoPermission"]],
    ["a service only", trustOf({ Service: ["ecs.aliyuncs.com"] }), "alice", [403, "NoPermission"]],
    [
      "a Deny beside the Allow",
      policyOf(
        { Effect: "Allow", Action: "sts:*", Principal: ownRoot },
        { Effect: "Deny", Action: ["sts:AssumeRole"], Principal: { RAM: `acs:ram::${account}:user/alice` } },
      ),
      "alice",
      [403, "NoPermission"],
    ],
    [
      "another action",
      policyOf({ Effect: "Allow", Action: "sts:TagSession", Principal: ownRoot }),
      "alice",
      [403, "NoPermission"],
    ],
    [
      "a condition that is not modelled",
      trustOf(ownRoot, { Condition: { IpAddress: { "acs:SourceIp": "10.0.0.0/8" } } }),
      "alice",
      [501, "NotImplemented"],
    ],
    ["a principal with a wildcard", trustOf({ RAM: ["acs:ram::*:root"] }), "alice", [501, "NotImplemented"]],
    [
      "a Deny with a part that is not modelled",
      policyOf(
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: ownRoot },
        { Effect: "Deny", Action: "sts:AssumeRole", Principal: ownRoot, NotAction: "a" },
      ),
      "alice",
      [501, "NotImplemented"],
    ],
    [
      "an Allow with a part that is not modelled, beside one that is enough",
      policyOf(
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: ownRoot },
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: ownRoot, Condition: { Bool: {} } },
      ),
      "alice",
      [200, undefined],
    ],
  ];
  test.each(cases)("%s", async (_name, trust, signer, expected) => {
    const { port } = await started([{ ...reader, trust }]);
    const answer = await callSts(port, "ACS3", { signer: keys[signer], parameters: request });
    expect(verdictOf(answer)).toEqual(expected);
  });

  test("an external ID, if the role asks for one", async () => {
    const trust = trustOf(ownRoot, {
      Condition: { StringEquals: { "sts:ExternalId": ["team-a", "team-b"] } },
    });
    const { port } = await started([{ ...reader, trust }]);
    const verdict = async (more: Readonly<Record<string, string>>) =>
      verdictOf(await callSts(port, "ACS3", { signer: keys.alice, parameters: { ...request, ...more } }));
    expect(await verdict({ ExternalId: "team-b" })).toEqual([200, undefined]);
    expect(await verdict({ ExternalId: "team-c" })).toEqual(noPermission);
    expect(await verdict({})).toEqual(noPermission);
  });

  test("a session of a role assumes another, if both say so", async () => {
    const first = { ...reader, name: "first", policies: [] };
    const assumer = {
      ...first,
      name: "assumer",
      policies: [policyOf({ Effect: "Allow", Action: "sts:AssumeRole", Resource: roleArn("second") })],
    };
    const trust = trustOf({ RAM: [roleArn("assumer"), roleArn("first")] });
    const roles = [first, assumer, { ...reader, name: "second", trust }, { ...reader, name: "third", trust }];
    const { port } = await started(roles);
    const assume = async (name: string, signer: SignedStsCall["signer"], more = {}) =>
      callSts(port, "ACS3", {
        signer,
        parameters: { RoleArn: roleArn(name), RoleSessionName: "ci", ...more },
      });
    const session = sessionKey(await assume("assumer", keys.alice));
    expect(verdictOf(await assume("second", session))).toEqual([200, undefined]);
    expect(verdictOf(await assume("third", session))).toEqual(noPermission);
    expect(verdictOf(await assume("second", sessionKey(await assume("first", keys.alice))))).toEqual(
      noPermission,
    );
    const Policy = JSON.stringify(policyOf({ Effect: "Allow", Action: "oss:*", Resource: "*" }));
    const narrowed = sessionKey(await assume("assumer", keys.alice, { Policy }));
    expect(verdictOf(await assume("second", narrowed))).toEqual(noPermission);
  });
});

test("the policy of a session takes from what the role has", async () => {
  const { port } = await started([
    { ...reader, policies: [policyOf({ Effect: "Allow", Action: "oss:*", Resource: "*" })] },
  ]);
  const Policy = JSON.stringify(policyOf({ Effect: "Allow", Action: "oss:GetBucketInfo", Resource: "*" }));
  const answer = await callSts(port, "ACS3", { ...byAlice, parameters: { ...request, Policy } });
  const signer = sessionKey(answer);
  const read = (name: string) => signedCall(port, { bucket: "app", query: [[name, ""]], signer });
  expect((await read("bucketInfo")).status).toBe(200);
  expect(element(await read("policy"), "EC")).toBe("0003-00000301");
});

test.each([
  [{ RoleArn: "reader" }, [400, "InvalidParameter.RoleArn"]],
  [{ RoleArn: roleArn("nobody") }, [404, "EntityNotExist.Role"]],
  [{ RoleSessionName: "" }, [400, "InvalidParameter.RoleSessionName"]],
  [{ RoleSessionName: "a" }, [400, "InvalidParameter.RoleSessionName"]],
  [{ DurationSeconds: "899" }, [400, "InvalidParameter.DurationSeconds"]],
  [{ DurationSeconds: "3601" }, [400, "InvalidParameter.DurationSeconds"]],
  [{ DurationSeconds: "an hour" }, [400, "InvalidParameter.DurationSeconds"]],
  [{ Policy: "{" }, [400, "InvalidParameter.PolicyGrammar"]],
  [{ Policy: '{"Version":"2","Statement":[]}' }, [400, "InvalidParameter.PolicyGrammar"]],
  [{ Policy: "x".repeat(2049) }, [400, "InvalidParameter.PolicySize"]],
])("wrong parameter: %j", async (wrong, expected) => {
  const { port } = await started();
  const answer = await callSts(port, "ACS3", { ...byAlice, parameters: { ...request, ...wrong } });
  expect(verdictOf(answer)).toEqual(expected);
});

test("a session ends when it must, for OSS and for STS", async () => {
  const clock = { now: Date.parse("2026-11-29T20:00:00.400Z") };
  const { port } = await started([{ ...reader, maxSessionSeconds: 7_200 }], clock);
  const call = { ...byAlice, parameters: { ...request, DurationSeconds: "7200" }, nowMs: clock.now };
  const answer = await callSts(port, "ACS3", call);
  expect(answer.text).toContain('"Expiration":"2026-11-29T22:00:00Z"');
  expect(answer.headers["date"]).toBe("Sun, 29 Nov 2026 20:00:00 GMT");
  const signer = sessionKey(answer);
  const get = () =>
    signedCall(port, { bucket: "app", query: [["policy", ""]], signer, date: new Date(clock.now) });
  clock.now = Date.parse("2026-11-29T21:59:59Z");
  expect((await get()).status).toBe(200);
  clock.now = Date.parse("2026-11-29T22:00:00Z");
  const late = await get();
  expect([late.status, element(late, "Code"), element(late, "EC")]).toEqual([
    403,
    "SecurityTokenExpired",
    "0002-00000007",
  ]);
  const again = await callSts(port, "ACS3", { ...byAlice, signer, nowMs: clock.now });
  expect(verdictOf(again)).toEqual([400, "InvalidSecurityToken.Expired"]);
});

describe("GetCallerIdentity", () => {
  const whoIs = async (port: number, signer: SignedStsCall["signer"], format: "JSON" | "XML" = "JSON") =>
    callSts(port, "RPC in the query", { action: "GetCallerIdentity", signer, format });

  test("says account, user and session, in JSON and XML", async () => {
    const { port } = await started([{ ...reader, id: "300000000000000529" }]);
    expect(JSON.parse((await whoIs(port, keys.root)).text)).toMatchObject({
      IdentityType: "Account",
      AccountId: account,
      PrincipalId: account,
      UserId: account,
      Arn: `acs:ram::${account}:root`,
    });
    expect(JSON.parse((await whoIs(port, keys.alice)).text)).toMatchObject({
      IdentityType: "RAMUser",
      AccountId: account,
      PrincipalId: "202147604049350001",
      UserId: "202147604049350001",
      Arn: `acs:ram::${account}:user/alice`,
    });
    const session = await whoIs(port, sessionKey(await callSts(port, "ACS3", byAlice)), "XML");
    expect(session.headers["content-type"]).toContain("text/xml");
    expect(session.text).toContain("<GetCallerIdentityResponse>");
    expect(element(session, "IdentityType")).toBe("AssumedRoleUser");
    expect(element(session, "RoleId")).toBe("300000000000000529");
    expect(element(session, "PrincipalId")).toBe("300000000000000529:ci");
    expect(element(session, "Arn")).toBe(`acs:ram::${account}:assumed-role/reader/ci`);
  });

  test("the id of a role without one is the same in every run", async () => {
    const ids = [await started(), await started()].map(async ({ port }) => {
      const answer = await callSts(port, "ACS3", byAlice);
      return /"AssumedRoleId":"(3\d{17}):ci"/.exec(answer.text)?.[1];
    });
    const [one, two] = await Promise.all(ids);
    expect(one).toMatch(/^\d{18}$/);
    expect(two).toBe(one);
  });
});

test("what STS has and the sandbox has not, it says", async () => {
  const { port } = await started();
  const answer = await callSts(port, "ACS3", { action: "AssumeRoleWithSAML", signer: keys.alice });
  expect(verdictOf(answer)).toEqual([501, "NotImplemented"]);
  const error = await rawCall(port, { path: "/?Action=AssumeRole", headers: { host: "localhost" } });
  expect([error.status, element(error, "Code")]).toEqual([400, "InvalidVersion"]);
});
