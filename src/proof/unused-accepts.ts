import type { Budget } from "../access/budget.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Accept } from "../desired/guards.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { brokenGuardrails, isInForce } from "./guardrails.ts";

/**
 * Reports the accepts in force that accept nothing. `holds` returns true for the hazards of the bucket. An accept
 * that the budget cannot decide counts as used.
 */
export function unusedAccepts(
  bucket: DesiredBucket,
  today: string,
  budget: Budget,
  holds: (hazard: string) => boolean,
): readonly Diagnostic[] {
  return bucket.accepts
    .filter((accept) => isInForce(accept, today) && !isUsed(accept, bucket, today, budget, holds))
    .map(({ span }) => ({
      code: "unused-accept",
      severity: "warning",
      message: "this accept accepts nothing",
      span,
      help: "remove it, or it accepts the next hazard of its kind unnoticed",
    }));
}

function isUsed(
  accept: Accept,
  bucket: DesiredBucket,
  today: string,
  budget: Budget,
  holds: (hazard: string) => boolean,
): boolean {
  const { of } = accept;
  if ("hazard" in of) return holds(of.hazard);
  const guardrails = bucket.guardrails.filter(({ name }) => name === of.guardrail);
  const without = { ...bucket, guardrails, accepts: bucket.accepts.filter((one) => one !== accept) };
  return brokenGuardrails(without, today, budget).length > 0;
}
