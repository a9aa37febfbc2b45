import equal from "fast-deep-equal";
import { Budget, limits } from "../access/budget.ts";
import { accessDifference } from "../access/difference.ts";
import { requestText } from "../access/render.ts";
import { reopened } from "../access/reopened.ts";
import { changeSentence } from "../access/sentences.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { canonicalLive } from "../policy/live.ts";
import type { Policy } from "../policy/policy.ts";
import { provePrivate } from "../proof/access-queries.ts";
import type { PlanInput } from "./plan-change.ts";

/** Code of the finding, by which the verdict knows it. */
export const adoptsLive = "adopts-live";

/**
 * Warns of a file that asks for access that OSS gives already, where the base asked for less: someone set it in OSS, as
 * in the console, and the revision makes it lasting. There is nothing to write of it, so the plan shows no change.
 */
export function adoptionFinding({ bucket, reading, base }: PlanInput): readonly Diagnostic[] {
  if (reading.live.state !== "policy" || base === undefined || base.policy === "unknown") return [];
  const [live, desired] = [canonicalLive(reading.live), desiredPolicy(bucket)];
  if (live === "none" || desired === "none" || equal(base.policy, live)) return [];
  const what =
    base.policy === "absent"
      ? publicText(live, desired, bucket)
      : adoptedText({ before: base.policy, live, desired }, bucket);
  if (what === undefined) return [];
  return [
    {
      code: adoptsLive,
      severity: "warning",
      message: `the file takes over what OSS has already: ${what}`,
      span: bucket.policySpan,
      help: "review it as if the file granted it: it was set in OSS, and the base did not ask for it",
    },
  ];
}

interface AdoptedPolicies {
  readonly before: Policy | "none";
  readonly live: Policy;
  readonly desired: Policy;
}

/** Returns what the live and the desired policy allow, and the one before does not; undefined if that is nothing. */
function adoptedText({ before, live, desired }: AdoptedPolicies, bucket: DesiredBucket): string | undefined {
  const budget = new Budget(limits.bucketSteps);
  const names = namesOf(bucket.account);
  const found = reopened({ live: before, base: live, wanted: desired }, bucketOf(bucket), budget.part(1 / 2));
  if (found.kind === "none") return undefined;
  if (found.kind === "undecided") return `it cannot be decided what: ${found.cause}`;
  const access = equal(live, desired)
    ? accessDifference(before, desired, bucketOf(bucket), budget)
    : ({ verdict: "equal" } as const);
  const gained =
    access.verdict === "different" ? access.regions.filter(({ effect }) => effect === "gains") : [];
  const [first, ...others] = gained;
  if (first === undefined) return `such as ${requestText(found.witness, names)}`;
  return `${changeSentence(first, names)}${others.length === 0 ? "" : `, and ${others.length} more`}`;
}

/** Returns what is public of a bucket whose file is new; undefined if nothing is. An import of the others is no news. */
function publicText(live: Policy, desired: Policy, bucket: DesiredBucket): string | undefined {
  const [was, is] = [live, desired].map((policy) => provePrivate({ policy, bucket: bucketOf(bucket) }));
  if (was?.kind === "proved" || is?.kind !== "broken") return undefined;
  return `anonymous callers are allowed requests, such as ${requestText(is.witness, namesOf(bucket.account))}`;
}
