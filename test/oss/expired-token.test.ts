import { describe, expect, onTestFinished, test } from "vitest";
import { openAliOssStore } from "../../src/oss/ali-oss-store.ts";
import type { CredentialRecipe } from "../../src/oss/credential-recipe.ts";
import { baseKeys, providerOf, roleRecipe } from "../support/credentials.ts";
import { answering, errorDocument, hostileOss } from "../support/hostile-oss.ts";
import { answerJson, givingSessions, sessionOf, startSts, type StsAnswer } from "../support/sts.ts";

const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };
const policy = '{"Version":"1","Statement":[]}';

/** OSS that takes these tokens alone, and the store over it. */
async function world(
  taken: readonly string[],
  {
    code = "SecurityTokenExpired",
    answer = givingSessions(),
    recipe = roleRecipe(),
  }: {
    readonly code?: string;
    readonly answer?: StsAnswer;
    readonly recipe?: CredentialRecipe;
  } = {},
) {
  const sts = await startSts(answer);
  const { provider, secrets, clock } = providerOf(recipe, sts.url);
  const tokens: string[] = [];
  const oss = await hostileOss((request, response) => {
    const token = String(request.headers["x-oss-security-token"]);
    tokens.push(token);
    const isTaken = taken.some((name) => token === sessionOf(name)["SecurityToken"]);
    const body = request.method === "GET" ? policy : "";
    answering(isTaken ? 200 : 403, isTaken ? body : errorDocument(code))(request, response);
  });
  const store = openAliOssStore({
    provider,
    secrets,
    endpoint: oss.url,
    listRegion: "cn-hangzhou",
    timeoutMs: 5_000,
  });
  onTestFinished(() => store.close());
  return { store, sts, oss, tokens, clock };
}

describe("a token that OSS refuses", () => {
  test.each(["SecurityTokenExpired", "InvalidSecurityToken"])(
    "%s: 50 reads get one new session, and are repeated",
    async (code) => {
      const { store, sts } = await world(["session1"], { code });
      const reads = await Promise.all(Array.from({ length: 50 }, () => store.get(bucket)));
      for (const { live } of reads) expect(live).toEqual({ state: "policy", body: policy });
      expect(sts.calls).toHaveLength(2);
    },
  );

  test("a write is not repeated, but left to a read of what happened", async () => {
    const { store, oss, sts } = await world(["session1"]);
    expect(await store.put(bucket, policy)).toMatchObject({
      kind: "unknown",
      problem: { code: "SecurityTokenExpired" },
    });
    expect(oss.requests).toHaveLength(1);
    expect(sts.calls).toHaveLength(2);
    expect(await store.get(bucket)).toMatchObject({ live: { state: "policy" } });
    expect(await store.put(bucket, policy)).toEqual({ kind: "done" });
  });

  test("a new session that is refused too is not renewed for each call", async () => {
    const { store, oss, sts } = await world([]);
    for (let at = 0; at < 20; at += 1)
      expect(await store.get(bucket)).toMatchObject({
        live: { state: "unreadable", problem: { code: "SecurityTokenExpired" } },
      });
    expect(sts.calls).toHaveLength(2);
    expect(oss.requests).toHaveLength(21);
  });

  test("another refusal renews nothing", async () => {
    const { store, sts } = await world([], { code: "AccessDenied" });
    await store.get(bucket);
    expect(await store.put(bucket, policy)).toMatchObject({ kind: "refused" });
    expect(sts.calls).toHaveLength(1);
  });

  test("a static token stays as it is, and its write is refused", async () => {
    const recipe = {
      kind: "keys" as const,
      credentials: { ...baseKeys, securityToken: "static-token-0123" },
    };
    const { store, oss, sts } = await world([], { recipe });
    expect(await store.put(bucket, policy)).toMatchObject({ kind: "refused" });
    expect([oss.requests.length, sts.calls.length]).toEqual([1, 0]);
  });
});

test("each call has the token of its time", async () => {
  const { store, tokens, clock } = await world(["session0", "session1"]);
  await store.get(bucket);
  clock.pass(56 * 60_000);
  await store.get(bucket);
  expect(tokens).toEqual([sessionOf("session0"), sessionOf("session1")].map((one) => one["SecurityToken"]));
});

test("without credentials nothing is sent to OSS, and a write is refused and not unknown", async () => {
  const { store, oss } = await world([], {
    answer: (_, response) => answerJson(response, 403, { Code: "NoPermission" }),
  });
  const problem = { message: "STS answered 403 NoPermission" };
  expect(await store.get(bucket)).toMatchObject({ live: { state: "unreadable", problem } });
  expect(await store.put(bucket, policy)).toMatchObject({ kind: "refused", problem });
  expect(await store.delete(bucket)).toMatchObject({ kind: "refused", problem });
  expect(oss.requests).toEqual([]);
});
