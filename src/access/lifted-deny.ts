import type { Policy } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { comparisonOf } from "./engine/diagram.ts";
import { forEachInterpretation } from "./interpretations.ts";
import { findWitness } from "./engine/witness.ts";
import { decidedOnce } from "./nameless.ts";
import type { Request } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";
import { sliced } from "./engine/slice.ts";

/** Result of the search for a lifted Deny. */
export type LiftedDeny =
  | { readonly kind: "none" }
  | { readonly kind: "some"; readonly witness: Request }
  | { readonly kind: "undecided"; readonly cause: string };

/**
 * Finds a request that a Deny refused before and none refuses now, under some interpretation. Both policies
 * must be supported.
 */
export function liftedDeny(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): LiftedDeny {
  return decideOnce({ policies: [before, after], bucket, kind: "lifted Deny" }, budget, () =>
    findLiftedDeny(before, after, bucket, budget),
  );
}

const decideOnce = decidedOnce(({ kind }: LiftedDeny) => kind !== "undecided");

function findLiftedDeny(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget: Budget,
): LiftedDeny {
  const [old, now] = [deniesOf(before), deniesOf(after)];
  if (old.statements.length === 0) return { kind: "none" };
  const isLifted = (was: string) => was === "deny";
  const slices = sliced(old, now, bucket);
  const comparison = comparisonOf(slices, bucket, budget, isLifted);
  const found = forEachInterpretation(slices, bucket, (interpretation, all) =>
    findWitness(comparison.under(interpretation, all)),
  );
  if (found.kind === "undecided") return found;
  const witness = found.answers.find(({ answer }) => answer !== undefined)?.answer;
  return witness === undefined ? { kind: "none" } : { kind: "some", witness };
}

/** Returns the policy's Deny statements: an Allow never affects what is denied. */
function deniesOf(policy: Policy | "none"): Policy {
  const statements = policy === "none" ? [] : policy.statements;
  return { version: "1", statements: statements.filter(({ effect }) => effect === "Deny"), other: [] };
}
