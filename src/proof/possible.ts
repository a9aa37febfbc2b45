import { Budget, limits } from "../access/budget.ts";
import { prove, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy } from "../policy/policy.ts";

/**
 * Returns false if no request is in a set: whatever is asked of its requests would be proved. True where a small part of
 * the steps does not decide it.
 */
export function isPossible(scene: RequestSet, bucket: Bucket): boolean {
  const policy: Policy = { version: "1", statements: [{ ...scene, effect: "Allow" }], other: [] };
  return prove(policy, bucket, scene, "not allowed", [], new Budget(limits.hintSteps)).kind !== "proved";
}
