import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  baseKeys,
  oidcProvider,
  oidcRecipe,
  planRole,
  providerOf,
  roleRecipe,
} from "../support/credentials.ts";
import { writeTree } from "../support/run-cli.ts";
import { answerJson, givingSessions, isSignedBy, sessionOf, startSts } from "../support/sts.ts";

const minute = 60_000;
const credentialsOf = (name: string) => {
  const session = sessionOf(name);
  return {
    credentials: {
      accessKeyId: session["AccessKeyId"],
      accessKeySecret: session["AccessKeySecret"],
      securityToken: session["SecurityToken"],
    },
  };
};

describe("exchanges", () => {
  test("a role is assumed by one signed call", async () => {
    const sts = await startSts(givingSessions());
    const { provider } = providerOf(roleRecipe(), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("session0"));
    const [call] = sts.calls;
    expect(sts.calls).toHaveLength(1);
    expect(call?.headers["x-acs-action"]).toBe("AssumeRole");
    expect(Object.fromEntries(call?.query ?? [])).toEqual({
      RoleArn: planRole,
      RoleSessionName: "oss-policy",
      DurationSeconds: "3600",
      ExternalId: "team-a",
      Format: "JSON",
    });
    expect(call !== undefined && isSignedBy(call, baseKeys.accessKeySecret)).toBe(true);
    expect(call !== undefined && isSignedBy(call, "another")).toBe(false);
  });

  test("a second role is assumed with the first, and its token", async () => {
    const sts = await startSts(givingSessions());
    const { provider } = providerOf(roleRecipe(roleRecipe()), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("session1"));
    expect(sts.calls[1]?.headers["x-acs-security-token"]).toBe(sessionOf("session0")["SecurityToken"]);
    expect(sts.calls[1] !== undefined && isSignedBy(sts.calls[1], "session0-session-secret-0123456789")).toBe(
      true,
    );
  });

  test("an OIDC token goes in the body of a call without a signature", async () => {
    const sts = await startSts(givingSessions());
    const folder = writeTree({ "..data/token": "first-oidc-token\n" });
    symlinkSync(join("..data", "token"), join(folder, "token"));
    const { provider, clock } = providerOf(oidcRecipe(join(folder, "token")), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("session0"));
    expect(Object.fromEntries(sts.calls[0]?.query ?? [])).toMatchObject({
      Action: "AssumeRoleWithOIDC",
      Version: "2015-04-01",
    });
    expect(sts.calls[0]?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(sts.calls[0]?.form ?? [])).toEqual({
      RoleArn: planRole,
      OIDCProviderArn: oidcProvider,
      OIDCToken: "first-oidc-token",
      RoleSessionName: "oss-policy",
      DurationSeconds: "3600",
    });
    writeFileSync(join(folder, "..data/token"), "second-oidc-token");
    clock.pass(56 * minute);
    expect(await provider.current()).toEqual(credentialsOf("session1"));
    expect(sts.calls[1]?.form.get("OIDCToken")).toBe("second-oidc-token");
  });

  test("an instance's role needs a session token of the metadata", async () => {
    const metadata = await startSts(({ method, path, headers }, response) => {
      if (method === "PUT" && path === "/latest/api/token") return response.end("metadata-token");
      const isAllowed = headers["x-aliyun-ecs-metadata-token"] === "metadata-token";
      const isRole = path === "/latest/meta-data/ram/security-credentials/oss-policy";
      if (!isAllowed || !isRole) return response.writeHead(404).end();
      return answerJson(response, 200, { Code: "Success", ...sessionOf("instance") });
    });
    const there = providerOf({ kind: "ecs", roleName: "oss-policy" }, metadata.url).provider;
    expect(await there.current()).toEqual(credentialsOf("instance"));
    const other = providerOf({ kind: "ecs", roleName: "other" }, metadata.url).provider;
    expect(await other.current()).toMatchObject({
      problem: { message: "the instance metadata has no credentials of the role `other` (status 404)" },
    });
  });

  test("a machine whose clock is wrong takes STS's time", async () => {
    const theirs = Date.now() + 5 * 3_600_000;
    const date = { date: new Date(theirs).toUTCString() };
    const sts = await startSts(({ headers }, response) => {
      const sent = Date.parse(String(headers["x-acs-date"]));
      if (Math.abs(sent - theirs) > minute)
        return answerJson(response, 400, { Code: "InvalidTimeStamp.Expired" }, date);
      return answerJson(response, 200, { Credentials: sessionOf("late", 3_600, theirs) }, date);
    });
    const { provider, clock } = providerOf(roleRecipe(), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("late"));
    clock.pass(54 * minute);
    await provider.current();
    expect(sts.calls).toHaveLength(2);
  });
});

describe("renewal", () => {
  test("50 calls at once make one exchange, at first and at each renewal", async () => {
    const sts = await startSts((call, response, index) => {
      setTimeout(() => givingSessions()(call, response, index), 50);
    });
    const { provider, clock } = providerOf(roleRecipe(), sts.url);
    const all = () => Promise.all(Array.from({ length: 50 }, () => provider.current()));
    expect(new Set((await all()).map((one) => JSON.stringify(one))).size).toBe(1);
    expect(sts.calls).toHaveLength(1);
    clock.pass(56 * minute);
    expect(new Set((await all()).map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify(credentialsOf("session1"))]),
    );
    expect(sts.calls).toHaveLength(2);
  });

  test.each([
    ["5 minutes before the end of an hour", 3_600, 54.9, 55.1],
    ["in the last quarter of the shortest life, which is no reason to call each time", 900, 11.2, 11.4],
  ])("%s", async (_, seconds, before, after) => {
    const sts = await startSts(givingSessions(seconds));
    const { provider, clock } = providerOf(roleRecipe(), sts.url);
    await provider.current();
    clock.pass(before * minute);
    await provider.current();
    expect(sts.calls).toHaveLength(1);
    clock.pass((after - before) * minute);
    await provider.current();
    await provider.current();
    expect(sts.calls).toHaveLength(2);
  });

  test("a renewal that fails leaves what is still valid in use, and is tried again later", async () => {
    const sts = await startSts((call, response, index) => {
      if (index === 0 || index === 4) return givingSessions()(call, response, index);
      return answerJson(response, 503, { Code: "ServiceUnavailable" });
    });
    const { provider, clock } = providerOf(roleRecipe(), sts.url);
    const first = await provider.current();
    clock.pass(56 * minute);
    expect(await provider.current()).toEqual(first);
    expect(sts.calls).toHaveLength(4);
    expect(await provider.current()).toEqual(first);
    expect(sts.calls).toHaveLength(4);
    clock.pass(minute);
    expect(await provider.current()).toEqual(credentialsOf("session4"));
  });

  test("an answer that the request took too long is no refusal: it is made again", async () => {
    const sts = await startSts((call, response, index) =>
      index === 0
        ? answerJson(response, 408, { Code: "RequestTimeout" })
        : givingSessions()(call, response, index),
    );
    const { provider } = providerOf(roleRecipe(), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("session1"));
    expect(sts.calls).toHaveLength(2);
  });

  test("credentials that have expired are never used", async () => {
    const sts = await startSts((call, response, index) => {
      if (index === 0) return givingSessions()(call, response, index);
      return answerJson(response, 403, { Code: "NoPermission" });
    });
    const { provider, clock } = providerOf(roleRecipe(), sts.url);
    await provider.current();
    clock.pass(61 * minute);
    const message = "STS answered 403 NoPermission";
    expect(await provider.current()).toMatchObject({ problem: { message, status: 403 } });
  });

  test("a refused token is renewed once for all calls that had it, and not again at once", async () => {
    const sts = await startSts(givingSessions());
    const { provider } = providerOf(roleRecipe(), sts.url);
    const held = await provider.current();
    if ("problem" in held) throw new Error("no credentials");
    const renewed = await Promise.all(Array.from({ length: 50 }, () => provider.renew(held.credentials)));
    expect(sts.calls).toHaveLength(2);
    const [second] = renewed;
    expect(second).toEqual(credentialsOf("session1"));
    expect(await provider.renew(held.credentials)).toEqual(second);
    if (second === undefined || "problem" in second) throw new Error("no credentials");
    expect(await provider.renew(second.credentials)).toBeUndefined();
    expect(sts.calls).toHaveLength(2);
  });

  test("static credentials cannot be renewed", async () => {
    const { provider } = providerOf({ kind: "keys", credentials: baseKeys }, "http://127.0.0.1:9");
    expect(await provider.renew(baseKeys)).toBeUndefined();
  });
});

describe("token files", () => {
  const folder = () => {
    const tree = writeTree({
      empty: " \n",
      large: "x".repeat(20_001),
      words: "a b",
      full: "x".repeat(20_000),
    });
    mkdirSync(join(tree, "folder"));
    return tree;
  };
  test.each([
    ["absent", "cannot be read (ENOENT)"],
    ["empty", "is empty"],
    ["large", "is larger than the limit of 20000 bytes"],
    ["words", "is not one word"],
    ["folder", "is not a regular file"],
  ])("%s: nothing is sent", async (name, why) => {
    const sts = await startSts(givingSessions());
    const { provider } = providerOf(oidcRecipe(join(folder(), name)), sts.url);
    expect(await provider.current()).toMatchObject({
      problem: { message: expect.stringContaining(why) as string },
    });
    expect(sts.calls).toEqual([]);
  });

  test("the longest token that STS takes is sent", async () => {
    const sts = await startSts(givingSessions());
    const { provider } = providerOf(oidcRecipe(join(folder(), "full")), sts.url);
    expect(await provider.current()).toEqual(credentialsOf("session0"));
  });
});
