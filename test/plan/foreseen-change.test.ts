import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Budget, limits } from "../../src/access/budget.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { foreseenChange, planChange, type PlanInput } from "../../src/plan/plan-change.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { policyDocument } from "../support/arbitraries.ts";
import { openGate } from "../support/gate.ts";
import { runs } from "../support/runs.ts";
import { accountText, alice, allow, bob, get } from "./statements.ts";

const document = (...statements: readonly JsonObject[]): JsonObject => ({
  Version: "1",
  Statement: [...statements],
});

/** A bucket with this policy, whose live policy is another one. */
function inputOf(live: JsonObject | "none", desired: JsonObject): PlanInput {
  const { buckets } = parseDesired([
    { path: "account.yaml", text: accountText },
    { path: "one.yaml", text: `bucket: one\npolicy: ${JSON.stringify(desired)}\n` },
  ]);
  const [bucket] = buckets;
  if (bucket === undefined) throw new Error("the tree has no bucket");
  return {
    bucket,
    reading: {
      live: live === "none" ? { state: "none" } : { state: "policy", body: JSON.stringify(live) },
      region: bucket.region,
    },
    findings: [],
    gate: openGate,
  };
}

const inTree = new Set([alice, "1746495857600001"]);
/** Principals of any policies that are read later. */
const later = fc.subarray([bob, "202147604049350001", "arn:sts::1:assumed-role/r/*", "1234567890123456"]);

describe("a change that is foreseen", () => {
  test("is the change that is planned when all is known, with the most steps", () => {
    let foreseen = 0;
    const live = fc.option(policyDocument, { nil: "none" as const });
    const law = fc.property(live, policyDocument, later, (before, after, more) => {
      const input = inputOf(before, after);
      const early = foreseenChange({ ...input, known: inTree });
      if (early === undefined) return;
      foreseen += 1;
      const known = new Set([...inTree, ...more]);
      expect(early).toEqual(planChange({ ...input, known, budget: new Budget(limits.bucketSteps) }));
    });
    fc.assert(law, { numRuns: runs(150, 500) });
    expect(foreseen).toBeGreaterThan(10);
  });

  test("is none while a principal that gains may still become known", () => {
    const input = inputOf("none", document(allow(bob, get, "/*")));
    expect(foreseenChange({ ...input, known: inTree })).toBeUndefined();
    expect(foreseenChange({ ...input, known: new Set([...inTree, bob]) })).toMatchObject({
      action: "create",
    });
  });

  test("is none where more steps may decide what the least ones do not", () => {
    const wide = `/*a${"?".repeat(14)}`;
    const input = inputOf(document(allow(alice, get, wide)), document(allow(alice, get, `${wide}*`)));
    const least = planChange({ ...input, known: inTree, budget: new Budget(limits.leastBucketSteps) });
    const most = planChange({ ...input, known: inTree, budget: new Budget(limits.bucketSteps) });
    expect([least, most]).toMatchObject([
      { access: { verdict: "undecided" } },
      { access: { verdict: "different" } },
    ]);
    expect(foreseenChange({ ...input, known: inTree })).toBeUndefined();
  });
});
