import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { CredentialRecipe } from "../../src/oss/credential-recipe.ts";
import {
  baseKeys,
  oidcProvider,
  oidcRecipe,
  planRole,
  providerOf,
  roleRecipe,
} from "../support/credentials.ts";
import { writeTree } from "../support/run-cli.ts";
import { oidcToken, startTrustingSts, type TrustedRole } from "../support/trusting-sts.ts";

const minute = 60_000;
const user = { id: baseKeys.accessKeyId, secret: baseKeys.accessKeySecret };
const trusted: TrustedRole = { arn: planRole, trusts: [user.id], externalId: "team-a" };
const claims = {
  iss: "https://oidc.example",
  aud: "sts.aliyuncs.com",
  sub: "system:serviceaccount:ops:oss-policy",
};
const oidc = { issuer: claims.iss, audience: claims.aud, subject: claims.sub };
const withSecret = (accessKeySecret: string): CredentialRecipe =>
  roleRecipe({ kind: "keys", credentials: { ...baseKeys, accessKeySecret } });

/** What a provider says when it asks for its first credentials. */
async function firstOf(recipe: CredentialRecipe, roles: readonly TrustedRole[]): Promise<string> {
  const sts = await startTrustingSts({ roles, users: [user], oidcProvider, nowMs: () => Date.now() });
  const answer = await providerOf(recipe, sts.url).provider.current();
  return "problem" in answer ? answer.problem.message : answer.credentials.accessKeyId;
}

describe("an STS that checks what it is sent", () => {
  const tokenFile = (token: string) => {
    const file = join(writeTree({}), "token");
    writeFileSync(file, token);
    return file;
  };
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  test.each<[string, () => CredentialRecipe, readonly TrustedRole[], string]>([
    ["a key that the role trusts", () => roleRecipe(), [trusted], "STS.given0KeyId"],
    [
      "a wrong secret",
      () => withSecret("another-secret-0123456789"),
      [trusted],
      "STS answered 400 SignatureDoesNotMatch",
    ],
    ["a role that does not exist", () => roleRecipe(), [], "STS answered 404 EntityNotExist.Role"],
    [
      "a role that trusts another",
      () => roleRecipe(),
      [{ ...trusted, trusts: ["x"] }],
      "STS answered 403 NoPermission",
    ],
    [
      "another external id",
      () => roleRecipe(),
      [{ ...trusted, externalId: "team-b" }],
      "STS answered 403 NoPermission",
    ],
    [
      "a session that is too long for the role",
      () => roleRecipe(),
      [{ ...trusted, longestSeconds: 900 }],
      "STS answered 400 InvalidParameter.DurationSeconds",
    ],
    [
      "a token",
      () => oidcRecipe(tokenFile(oidcToken({ ...claims, exp }))),
      [{ arn: planRole, oidc }],
      "STS.given0KeyId",
    ],
    [
      "a token that has expired",
      () => oidcRecipe(tokenFile(oidcToken({ ...claims, exp: exp - 7_200 }))),
      [{ arn: planRole, oidc }],
      "STS answered 400 AuthenticationFail.OIDCToken.Expired",
    ],
    [
      "a token of another subject",
      () => oidcRecipe(tokenFile(oidcToken({ ...claims, sub: "other", exp }))),
      [{ arn: planRole, oidc }],
      "STS answered 403 AuthenticationFail.NoPermission",
    ],
    [
      "a token that was changed",
      () => oidcRecipe(tokenFile(`${oidcToken({ ...claims, exp })}x`)),
      [{ arn: planRole, oidc }],
      "STS answered 400 AuthenticationFail.OIDCToken.Invalid",
    ],
  ])("%s", async (_, recipe, roles, expected) => {
    expect(await firstOf(recipe(), roles)).toBe(expected);
  });

  test("a chain of two roles is assumed again from the first, once the session between has expired", async () => {
    const between = "acs:ram::1746495857600001:role/between";
    const recipe: CredentialRecipe = {
      kind: "role",
      role: { arn: planRole, sessionName: "oss-policy", durationSeconds: 3_600 },
      from: {
        kind: "role",
        role: { arn: between, sessionName: "oss-policy", durationSeconds: 3_600 },
        from: { kind: "keys", credentials: baseKeys },
      },
    };
    let passed = 0;
    const sts = await startTrustingSts({
      roles: [
        { arn: between, trusts: [user.id] },
        { arn: planRole, trusts: [between] },
      ],
      users: [user],
      nowMs: () => Date.now() + passed,
    });
    const { provider, clock } = providerOf(recipe, sts.url);
    await provider.current();
    clock.pass(61 * minute);
    passed = 61 * minute;
    const answer = await provider.current();
    expect("problem" in answer ? answer.problem.message : "fine").toBe("fine");
    expect(sts.given.map(({ role }) => role)).toEqual([between, planRole, between, planRole]);
  });

  test("1,000 calls at once make one exchange", async () => {
    const sts = await startTrustingSts({ roles: [trusted], users: [user], nowMs: () => Date.now() });
    const { provider } = providerOf(roleRecipe(), sts.url);
    const all = await Promise.all(Array.from({ length: 1_000 }, () => provider.current()));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(sts.calls).toHaveLength(1);
  });
});
