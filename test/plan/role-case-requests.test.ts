import { describe, expect, test } from "vitest";
import { replay } from "../../src/plan/replay.ts";
import { searchGrants } from "../../src/plan/unused-grants.ts";
import type { Observation } from "../../src/policy/open-questions.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { allow, bucket, owner, policyOf, seen } from "./replay-worlds.ts";

/** The account of a role may be another one than that of the bucket. */
const roleOf = (name: string) => `arn:sts::1746495857600002:assumed-role/${name}`;
const request = (role: string) =>
  seen({ caller: { kind: "role session", arn: roleOf(role), account: "1746495857600002" } });
const lower = allow({ Principal: [roleOf("ci/job-*")] });
const seenAs = (position: "counts" | "is left aside") => {
  const found: Observation = { position, region: "cn-hangzhou", date: "2026-11-28" };
  return { ...bucket, observed: new Map([["roleCase", found] as const]) };
};

describe("a request of a role with capitals, of which policies have the lower case", () => {
  const unseen = (statement: JsonObject, role: string) => {
    const search = searchGrants(policyOf(statement), bucket);
    search.add(request(role));
    return search.result().grants.map(({ part }) => part);
  };

  test("may have met a grant", () => {
    expect(unseen(lower, "CI/job-7")).toEqual([]);
    expect(unseen(lower, "ci/job-7")).toEqual([]);
    expect(unseen(lower, "ops/job-7")).toEqual(["statement"]);
  });

  test("may not have met one of another session, whose case counts", () => {
    expect(unseen(lower, "CI/JOB-7")).toEqual(["statement"]);
  });

  const effectsOf = (after: readonly JsonObject[], role = "CI/job-7", where = bucket) => {
    const running = replay({
      before: policyOf(lower),
      after: policyOf(...after),
      bucket: where,
      names: new Map(),
      acls: "nothing",
    });
    running.add(request(role));
    return running.result();
  };

  test("depends on whether the case counts, where that decides", () => {
    expect(effectsOf([]).effects).toMatchObject([
      { effect: "depends", points: ["roleCase"], may: ["refused", "unchanged"] },
    ]);
    expect(effectsOf([], "ci/job-7").effects).toMatchObject([{ effect: "refused" }]);
    expect(effectsOf([lower, allow({ Principal: [owner] })]).effects).toEqual([]);
  });

  test("is as certain as without capitals where the case does not decide", () => {
    const deny = { ...allow({ Principal: ["*"] }), Effect: "Deny" };
    expect(effectsOf([lower, deny]).effects).toMatchObject([{ effect: "refused" }]);
  });

  test("follows what was observed, and says so", () => {
    const observed = [{ name: "roleCase", position: "is left aside" }];
    expect(effectsOf([], "CI/job-7", seenAs("is left aside"))).toMatchObject({
      effects: [{ effect: "refused", observed }],
    });
    expect(effectsOf([], "CI/job-7", seenAs("counts"))).toMatchObject({
      effects: [],
      observed: [{ name: "roleCase", position: "counts" }],
    });
  });
});
