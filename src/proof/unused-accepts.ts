import type { Budget } from "../access/budget.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Accept } from "../desired/guards.ts";
import { compareText, type Diagnostic } from "../diagnostic.ts";
import { brokenGuardrails, isInForce } from "./guardrails.ts";

/**
 * Reports the accepts in force that accept nothing, and those of a guardrail that accept nothing beyond others. `holds`
 * returns true for the hazards of the bucket. An accept that the budget cannot decide counts as used.
 */
export function unusedAccepts(
  bucket: DesiredBucket,
  today: string,
  budget: Budget,
  holds: (hazard: string) => boolean,
): readonly Diagnostic[] {
  const inForce = bucket.accepts.filter((accept) => isInForce(accept, today));
  const used = usedAccepts(inForce, bucket, today, budget, holds);
  return inForce
    .filter((accept) => !used.includes(accept))
    .map((accept) => {
      const other = used.find((one) => isOfSameGuardrail(one, accept));
      const beyond = other === undefined ? "" : ` beyond the one in line ${other.span.start.line}`;
      return {
        code: "unused-accept",
        severity: "warning",
        message: `this accept accepts nothing${beyond}`,
        span: accept.span,
        help:
          other === undefined
            ? "remove it, or it accepts the next hazard of its kind unnoticed"
            : "remove it, and keep the other one",
      };
    });
}

/** Returns accepts without which something would block. Of two that accept the same, the one that ends first goes, or the later. */
function usedAccepts(
  inForce: readonly Accept[],
  bucket: DesiredBucket,
  today: string,
  budget: Budget,
  holds: (hazard: string) => boolean,
): readonly Accept[] {
  const never = "9999";
  const lastFirst = [...inForce].sort((a, b) => compareText(b.until ?? never, a.until ?? never)).reverse();
  return lastFirst.reduce<readonly Accept[]>((kept, accept) => {
    const others = kept.filter((one) => one !== accept);
    return isUsed(accept, { ...bucket, accepts: others }, today, budget, holds) ? kept : others;
  }, inForce);
}

function isUsed(
  { of }: Accept,
  without: DesiredBucket,
  today: string,
  budget: Budget,
  holds: (hazard: string) => boolean,
): boolean {
  if ("hazard" in of) return holds(of.hazard);
  const guardrails = without.guardrails.filter(({ name }) => name === of.guardrail);
  return brokenGuardrails({ ...without, guardrails }, today, budget).length > 0;
}

function isOfSameGuardrail({ of: one }: Accept, { of: other }: Accept): boolean {
  return "guardrail" in one && "guardrail" in other && one.guardrail === other.guardrail;
}
