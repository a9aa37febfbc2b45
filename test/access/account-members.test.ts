import { describe, expect, test } from "vitest";
import { prove, requestSetOf } from "../../src/access/query.ts";
import type { Observations } from "../../src/policy/open-questions.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { runCli, writeTree } from "../support/run-cli.ts";

const owner = "1746495857600001";
const partner = "1746495857600002";
const alice = "202147604049351234";
const role = `arn:sts::${owner}:assumed-role/etl/*`;

const statement = (Effect: string, who: string, Action = "oss:GetObject") => ({
  Effect,
  Principal: [who],
  Action: [Action],
  Resource: ["acs:oss:*:*:web", "acs:oss:*:*:web/*"],
});
const policyOf = (...statements: readonly JsonObject[]): JsonObject => ({
  Version: "1",
  Statement: [...statements],
});

function asked(
  who: string,
  demand: "allowed" | "not allowed" | "not denied",
  statements: readonly JsonObject[],
  observed?: Observations,
) {
  const bucket = { name: "web", owner, ...(observed === undefined ? {} : { observed }) };
  const scene = requestSetOf([who], ["oss:GetObject"], ["acs:oss:*:*:web/*"], new Map());
  const answer = prove(canonicalPolicy(policyOf(...statements)), bucket, scene, demand);
  return answer.kind === "broken" ? answer.dependsOn : answer.kind;
}

const covered = [[{ name: "accountUid", position: "covers its RAM users" }]];
const alone = [[{ name: "accountUid", position: "stands for itself" }]];

describe("the UID of an account may cover its RAM users", () => {
  test.each([
    ["an Allow", "not allowed", [statement("Allow", owner)], covered],
    ["an Allow of another account", "not allowed", [statement("Allow", partner)], covered],
    ["a Deny", "not denied", [statement("Deny", owner)], covered],
    ["a Deny beside an own Allow", "allowed", [statement("Allow", alice), statement("Deny", owner)], covered],
    ["an Allow that is needed", "allowed", [statement("Allow", owner)], alone],
  ] as const)("%s", (_, demand, statements, dependsOn) => {
    expect(asked(alice, demand, statements)).toEqual(dependsOn);
  });

  test.each([
    ["a role session", role],
    ["another account", partner],
  ])("it does not cover %s", (_, who) => {
    expect(asked(who, "not allowed", [statement("Allow", owner)])).toBe("proved");
  });

  test("a RAM user with the same access of its own does not depend on it", () => {
    expect(asked(alice, "allowed", [statement("Allow", alice), statement("Allow", owner)])).toBe("proved");
  });

  test("an observation that it does not settles it", () => {
    const settled: Observations = new Map([
      ["accountUid", { position: "stands for itself", region: "cn-hangzhou", date: "2026-11-28" }],
    ]);
    expect(asked(alice, "not allowed", [statement("Allow", owner)], settled)).toBe("proved");
  });
});

describe("so no answer about a RAM user claims more", () => {
  const account = `account: "${owner}"\nregion: cn-hangzhou\nidentities: { alice: "${alice}" }\n`;
  const tree = (more: string, rest: string, ...statements: readonly JsonObject[]) =>
    writeTree({
      "account.yaml": account + more,
      "web.yaml": `bucket: web\npolicy: ${JSON.stringify(policyOf(...statements))}\n${rest}`,
    });
  const onlyIf = "only if the UID of an account covers its RAM users, of whom this is one";

  test("access can", async () => {
    const folder = tree("", "", statement("Allow", owner));
    const { stdout } = await runCli([
      "access",
      "can",
      "alice",
      "oss:GetObject",
      "web/a",
      "--policies",
      folder,
    ]);
    expect(stdout).toMatch(/^partly/);
    expect(stdout).toContain(onlyIf);
  });

  test("access what-can", async () => {
    const folder = tree("", "", statement("Allow", owner));
    const { stdout } = await runCli(["access", "what-can", "alice", "--policies", folder]);
    expect(stdout).not.toContain("nothing (proved)");
    expect(stdout).toContain("web");
  });

  test("a test", async () => {
    const folder = tree(
      "",
      "expect: [{ cannot: alice, do: oss:GetObject, to: '*' }]\n",
      statement("Allow", owner),
    );
    const { code, stdout } = await runCli(["validate", "--policies", folder]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(onlyIf)]);
  });

  test("a lockout", async () => {
    const folder = tree("operators: [{ principal: alice }]\n", "", statement("Deny", owner, "oss:*"));
    const words = ["plan", "--sandbox", "--policies", folder, "--accept", "locks-out-owner@web"];
    const { code, stdout } = await runCli(words);
    expect([code, stdout]).toEqual([3, expect.stringContaining("locks-out-operator")]);
    expect(stdout).toContain(onlyIf);
  });

  test("revoke", async () => {
    const folder = tree("", "", statement("Allow", owner));
    const { code, stdout } = await runCli(["revoke", "alice", "--policies", folder]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("undocumented")]);
    expect(stdout).toContain("is allowed this by no statement that names it");
  });
});
