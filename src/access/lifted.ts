import type { Policy } from "../policy/policy.ts";
import { BudgetSpent, someDifference } from "./compare.ts";
import { pathsOf, witnessOf } from "./paths.ts";
import { readingsOf, switchesFelt } from "./readings.ts";
import type { Bucket, Request } from "./request.ts";
import { sliced } from "./slice.ts";

/**
 * A request that a Deny refused and that none refuses any more, under some reading; undefined where there
 * is none, or where finding out would take too much work. Both policies must be supported.
 */
export function liftedDeny(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
): Request | undefined {
  const [old, now] = [deniesOf(before), deniesOf(after)];
  if (old.statements.length === 0) return undefined;
  try {
    for (const reading of readingsOf(switchesFelt(sliced(old, now, bucket), bucket))) {
      const lifted = (was: string) => was === "deny";
      const [path] = pathsOf(someDifference(old, now, bucket, reading, lifted)).paths;
      if (path !== undefined) return witnessOf(path);
    }
  } catch (failure) {
    if (!(failure instanceof BudgetSpent)) throw failure;
  }
  return undefined;
}

/** What is allowed does not matter to what is denied. */
function deniesOf(policy: Policy | "none"): Policy {
  const statements = policy === "none" ? [] : policy.statements;
  return { version: "1", statements: statements.filter(({ effect }) => effect === "Deny"), other: [] };
}
