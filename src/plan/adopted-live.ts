import equal from "fast-deep-equal";
import { accessDifference } from "../access/difference.ts";
import { Budget, limits } from "../access/budget.ts";
import { changeSentence } from "../access/sentences.ts";
import { namesOf } from "../desired/account-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { canonicalLive } from "../policy/live.ts";
import type { PlanInput } from "./plan-change.ts";

/** Code of the finding, by which the verdict knows it. */
export const adoptsLive = "adopts-live";

/**
 * Warns of a file that asks for what OSS has already, where the base asked for less: someone set it in OSS, as in the
 * console, and the revision makes it lasting. There is no change to write, so the plan shows none.
 */
export function adoptionFinding({ bucket, reading: { live }, base }: PlanInput): readonly Diagnostic[] {
  if (live.state !== "policy" || base === undefined) return [];
  if (base.policy === "absent" || base.policy === "unknown") return [];
  const desired = desiredPolicy(bucket);
  if (!equal(canonicalLive(live), desired) || equal(base.policy, desired)) return [];
  const access = accessDifference(base.policy, desired, bucketOf(bucket), new Budget(limits.bucketSteps));
  const finding = (message: string): Diagnostic => ({
    code: adoptsLive,
    severity: "warning",
    message,
    span: bucket.policySpan,
    help: "review it as if the file granted it: it was set in OSS, and no revision before asked for it",
  });
  if (access.verdict === "equal") return [];
  if (access.verdict === "undecided")
    return [
      finding(`the file takes over what OSS has already, and it cannot be decided what: ${access.cause}`),
    ];
  const gained = access.regions.filter(({ effect }) => effect === "gains" || effect === "blockLifted");
  const [first, ...others] = gained;
  if (first === undefined) return [];
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  const sentence = changeSentence(first, namesOf(bucket.account));
  return [finding(`the file takes over what OSS has already: ${sentence}${more}`)];
}
