import equal from "fast-deep-equal";
import { Budget, limits } from "../access/budget.ts";
import { accessDifference } from "../access/difference.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket, DesiredPolicy } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy, documentOf } from "../desired/desired-policy.ts";
import { compareText, hasErrors, type Diagnostic } from "../diagnostic.ts";
import {
  canonicalLive,
  textDigest,
  liveDocument,
  type Comparable,
  type LiveRead,
  type ReadProblem,
} from "../policy/live.ts";
import type { JsonObject } from "../policy/json.ts";
import { policyDigest, statementKey, type Policy, type Statement } from "../policy/policy.ts";
import type { BasePolicy } from "./base-policy.ts";
import { diffPolicies, type StatementPlace } from "./diff.ts";
import { blocks, compareHazards, hazard, type Hazard } from "./hazard.ts";
import { hazardsOf } from "./hazards.ts";
import type { Gate, HazardInput } from "./hazard-input.ts";
import type { KnownPrincipals } from "./known-principals.ts";
import type { BucketInPlan, Cause, Change, UnchangedBucket, UnmanagedBucket, WritingChange } from "./plan.ts";

export interface PlanInput {
  readonly bucket: DesiredBucket;
  readonly reading: LiveRead;
  /** Findings about this bucket's file. */
  readonly findings: readonly Diagnostic[];
  readonly gate: Gate;
  /** Replaces a live text that does not parse. */
  readonly replaces?: boolean;
  /** Absent without a base revision. */
  readonly base?: BasePolicy;
  /** Principals that may gain access without a warning. */
  readonly known?: KnownPrincipals;
  /** Work limit for the analysis of this bucket. */
  readonly budget?: Budget;
}

/** Compares the desired policy of a bucket with its live policy. */
export function planChange({
  bucket: desired,
  reading,
  findings,
  gate,
  base,
  replaces,
  known,
  budget = new Budget(limits.bucketSteps),
}: PlanInput): Change {
  const inPlan: BucketInPlan = {
    account: desired.account.uid,
    bucket: desired.bucket,
    region: reading.region,
    file: desired.file,
    line: desired.policySpan.start.line,
    names: namesOf(desired.account),
    ...(desired.account.observed === undefined ? {} : { observed: desired.account.observed }),
    blocked: hasErrors(findings),
    cause: "unknown",
  };
  const { live } = reading;
  if (live.state === "unreadable")
    return live.text !== undefined && replaces === true
      ? replace(inPlan, desired, { problem: live.problem, text: live.text }, { gate, known })
      : { ...inPlan, action: "unreadable", problem: withWayOut(live, desired.bucket) };
  if (live.state === "missing") return { ...inPlan, action: "unreadable", problem: missingBucket };
  return compare(inPlan, desired, live, { gate, base, known, budget });
}

/**
 * Plans a change before all policies are read. Undefined where it may still become another one: because more principals
 * become known, or because there are steps for more analysis than each bucket has at least.
 */
export function foreseenChange(input: Omit<PlanInput, "budget">): Change | undefined {
  const budget = new Budget(limits.leastBucketSteps);
  const change = planChange({ ...input, budget });
  const asksWhoIsKnown =
    change.action !== "unreadable" && change.hazards.some(({ code }) => code === "grants-unknown-principal");
  return budget.isExceeded || asksWhoIsKnown ? undefined : change;
}

/** Part of the steps of a bucket for its access difference; its hazards have the rest. */
export const shareOfDifference = 5 / 8;

function compare(
  inPlan: BucketInPlan,
  bucket: DesiredBucket,
  read: Comparable,
  { gate, base, known, budget }: Pick<HazardInput, "gate" | "base" | "known"> & { readonly budget: Budget },
): Change {
  const { policy } = bucket;
  const [desired, live] = [desiredPolicy(bucket), canonicalLive(read)];
  const isSame = equal(live, desired);
  const access = isSame
    ? ({ verdict: "equal" } as const)
    : accessDifference(live, desired, bucketOf(bucket), budget.part(shareOfDifference));
  const cause: Cause = isSame ? "none" : causeOf(live, desired, base);
  const hazards = hazardsOf({
    bucket,
    before: live,
    after: desired,
    access,
    gate,
    base,
    known,
    cause,
    budget,
  });
  const compared = {
    ...inPlan,
    blocked: inPlan.blocked || hazards.some(blocks),
    access,
    hazards,
    digests: { desired: policyDigest(desired), live: policyDigest(live) },
    cause,
  };
  if (isSame) return unchanged(compared, policy, read);
  const before = documentBefore(read);
  if (policy.kind === "none")
    return { ...compared, before, after: null, action: "delete", difference: diffPolicies(live, "none") };
  return {
    ...compared,
    action: live === "none" ? "create" : "update",
    before,
    after: documentOf(policy),
    difference: diffPolicies(live, desired, placesIn(policy)),
  };
}

/** Most buckets are unchanged, and most reports do not show their documents: they are made when they are read. */
function unchanged(
  compared: Omit<UnchangedBucket, "action" | "before" | "after">,
  policy: DesiredPolicy,
  read: Comparable,
): UnchangedBucket {
  return {
    ...compared,
    action: "none",
    get before() {
      return documentBefore(read);
    },
    get after() {
      return policy.kind === "none" ? null : documentOf(policy);
    },
  };
}

function documentBefore(read: Comparable): JsonObject | null {
  return read.state === "none" ? null : liveDocument(read);
}

/** Returns the place of a statement in the file; null if the file does not have it. */
function placesIn({
  canonical,
  spans,
}: Extract<DesiredPolicy, { readonly kind: "policy" }>): (statement: Statement) => StatementPlace | null {
  const places = new Map(
    canonical.statements.map((statement, index) => [statementKey(statement), spans[index]]),
  );
  return (statement) => {
    const span = places.get(statementKey(statement));
    return span === undefined ? null : { file: span.file, line: span.start.line };
  };
}

/** Maximum of characters that a help shows of a text that does not parse. */
const maxShown = 400;

/** Adds a help that shows a text that does not parse, and the option that replaces it. */
function withWayOut(
  { problem, text }: { readonly problem: ReadProblem; readonly text?: string },
  bucket: string,
): ReadProblem {
  if (text === undefined) return problem;
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
  const help = `the live text is \`${shown}\`; \`apply --replace-unparseable ${bucket}\` replaces it with the policy of the file, and keeps these bytes in the journal, from where restore does not write them`;
  return { ...problem, help };
}

/**
 * Plans the replacement of a live text that does not parse. The access that it takes is unknown, and naming
 * the bucket is the consent to that. The access that it gives is judged as if there was no policy before.
 */
function replace(
  inPlan: BucketInPlan,
  bucket: DesiredBucket,
  { problem, text }: { readonly problem: ReadProblem; readonly text: string },
  judge: Pick<HazardInput, "gate" | "known">,
): WritingChange {
  const { policy } = bucket;
  const desired = desiredPolicy(bucket);
  const digest = textDigest(text);
  const gained =
    desired === "none"
      ? ({ verdict: "equal" } as const)
      : accessDifference("none", desired, bucketOf(bucket));
  const unknown: Hazard = {
    ...hazard("access-undecided", "block", `cannot decide which access changes: ${problem.message}`),
    accepted: `for this run and the live text ${digest}, by --replace-unparseable`,
  };
  const own = hazardsOf({ bucket, before: "none", after: desired, access: gained, ...judge });
  const hazards = [...own, unknown].sort(compareHazards);
  const compared = {
    ...inPlan,
    blocked: inPlan.blocked || hazards.some(blocks),
    access: { verdict: "undecided", cause: problem.message } as const,
    hazards,
    before: null,
    digests: { desired: policyDigest(desired), live: digest },
    replaces: text,
    difference: diffPolicies("none", desired),
  };
  return policy.kind === "none"
    ? { ...compared, action: "delete", after: null }
    : { ...compared, action: "update", after: documentOf(policy) };
}

/** Returns the cause of a change. A bucket without a file at the base is new, so its change is an edit. */
function causeOf(live: Policy | "none", desired: Policy | "none", base: BasePolicy | undefined): Cause {
  if (base === undefined || base.policy === "unknown") return "unknown";
  if (base.policy === "absent") return "edit";
  const isEdited = !equal(base.policy, desired);
  const hasDrifted = !equal(base.policy, live);
  return isEdited && hasDrifted ? "both" : isEdited ? "edit" : "drift";
}

const missingBucket: ReadProblem = {
  message: "the bucket does not exist",
  help: "create the bucket, or correct its name",
  status: 404,
  code: "NoSuchBucket",
};

/** Warns of a bucket that OSS found in another region than its file says. The bucket is still planned. */
export function regionFinding({ bucket, reading }: PlanInput): readonly Diagnostic[] {
  if (reading.region === bucket.region) return [];
  return [
    {
      code: "wrong-region",
      severity: "warning",
      message: `OSS says that bucket \`${bucket.bucket}\` is in ${reading.region}, not in ${bucket.region}`,
      span: bucket.span,
      help: `write \`region: ${reading.region}\` in this file`,
    },
  ];
}

/** Warns of a `--replace-unparseable` for a bucket that has no text to replace. */
export function idleReplacement({ bucket, reading: { live }, replaces }: PlanInput): readonly Diagnostic[] {
  if (replaces !== true || (live.state === "unreadable" && live.text !== undefined)) return [];
  const why =
    live.state === "unreadable"
      ? "the read returned no text of a policy"
      : "its live policy can be read, or it has no policy";
  const message = `\`--replace-unparseable ${bucket.bucket}\` has no effect: ${why}`;
  return [{ code: "option", severity: "warning", message, help: "remove the option" }];
}

/** Returns the buckets without a file that have a policy, or whose policy is unknown. */
export function unmanagedBuckets(
  readings: readonly { bucket: string; reading: LiveRead }[],
): readonly UnmanagedBucket[] {
  return readings
    .flatMap(({ bucket, reading: { live, region } }): UnmanagedBucket[] => {
      if (live.state === "policy") return [{ bucket, region, state: "policy", problem: null }];
      if (live.state === "unreadable")
        return [{ bucket, region, state: "unreadable", problem: live.problem }];
      return [];
    })
    .sort((a, b) => compareText(a.bucket, b.bucket));
}
