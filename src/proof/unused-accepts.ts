import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Accept } from "../desired/guards.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { brokenGuardrails, isInForce } from "./guardrails.ts";

/** The accepts in force that accept nothing: `holds` says which hazards the bucket has. */
export function unusedAccepts(
  bucket: DesiredBucket,
  today: string,
  holds: (hazard: string) => boolean,
): readonly Diagnostic[] {
  return bucket.accepts
    .filter((accept) => isInForce(accept, today) && !isOfUse(accept, bucket, today, holds))
    .map(({ span }) => ({
      code: "unused-accept",
      severity: "warning",
      message: "this accept accepts nothing",
      span,
      help: "remove it: the next hazard of its kind would pass unseen",
    }));
}

function isOfUse(
  accept: Accept,
  bucket: DesiredBucket,
  today: string,
  holds: (hazard: string) => boolean,
): boolean {
  const { of } = accept;
  if ("hazard" in of) return holds(of.hazard);
  const without = { ...bucket, accepts: bucket.accepts.filter((one) => one !== accept) };
  return brokenGuardrails(without, today).some(({ guardrail }) => guardrail.name === of.guardrail);
}
