import equal from "fast-deep-equal";
import { accessDifference, type AccessDifference } from "../access/difference.ts";
import { namesOf } from "../desired/account-file.ts";
import { statementPlaces, type DesiredBucket } from "../desired/bucket-file.ts";
import { compareText, hasErrors, type Diagnostic } from "../diagnostic.ts";
import type { JsonObject } from "../policy/json.ts";
import { canonicalLive, type Comparable, type Problem, type Reading } from "../policy/live.ts";
import {
  canonicalPolicy,
  policyDigest,
  statementKey,
  type Policy,
  type Statement,
} from "../policy/policy.ts";
import type { AskedBefore } from "./asked-before.ts";
import { diffPolicies, type PolicyDifference } from "./diff.ts";
import type { Openness } from "./openness.ts";
import { isHolding, type Hazard } from "./hazard.ts";
import { hazardsOf, type Gate } from "./hazards.ts";

/** What apply would do: data only, sorted by bucket. */
export interface Plan {
  readonly changes: readonly Change[];
  /** Where the account's scope is all: buckets that have, or may have, a policy and no file. */
  readonly unmanaged: readonly UnmanagedBucket[];
  /** Lint findings and what the reads had to tell; syntax and schema errors stop a plan before it is made. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the revision that it is compared with has to say; absent where none was named. */
  readonly base?: PlanBase;
  /** The journal whose policies it puts back; absent where it brings about what the files ask for. */
  readonly journal?: string;
  /** Limits of accounts that it breaks, in words; they hold back all writes of their account. */
  readonly limits?: readonly string[];
}

/** What a plan owes to the revision before: with it, an edit is told from drift, and a weakened guard from none. */
export interface PlanBase {
  /** The commit of the files that are planned, and the one that they are compared with. */
  readonly revision: string;
  readonly base: string;
  /** The base as the user named it. */
  readonly word: string;
  /** The policy files that differ from the commit they are planned at. */
  readonly uncommitted: readonly string[];
  /** Guards that are weaker than they were, and consents that are new; a reviewer reads them first. */
  readonly loosened: readonly Loosening[];
  /** Buckets that had a policy in a file and have no file any more: their policies stay live. */
  readonly abandoned: readonly AbandonedBucket[];
}

export interface Loosening {
  readonly message: string;
  readonly file: string;
  readonly line: number;
}

export interface AbandonedBucket {
  readonly account: string;
  readonly bucket: string;
  readonly region: string;
  /** Where it was. */
  readonly file: string;
  readonly line: number;
}

/**
 * Whether a change comes from an edit of what the files ask for, from drift of what is live, or from
 * both; `none` where nothing is to be done, `unknown` where that cannot be told.
 */
export type Cause = "edit" | "drift" | "both" | "none" | "unknown";

export type Change = WritingChange | UnchangedBucket | UnreadableBucket;

interface BucketInPlan {
  /** UID of the bucket owner. */
  readonly account: string;
  readonly bucket: string;
  /** Where OSS answered for the bucket, which may not be what the file says. */
  readonly region: string;
  readonly file: string;
  readonly line: number;
  /** What the account's file calls UIDs and roles, by those. */
  readonly names: ReadonlyMap<string, string>;
  /** An error finding or a hazard holds this bucket back; the others go on. */
  readonly blocked: boolean;
  readonly cause: Cause;
}

/** A bucket whose live policy and desired policy are known: null stands for no policy. */
interface ComparedBucket extends BucketInPlan {
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly digests: Digests;
  /** What access it gives and takes. */
  readonly access: AccessDifference;
  readonly hazards: readonly Hazard[];
  /** The limit of its account that holds it back. */
  readonly limit?: string;
}

export type WritingChange = ComparedBucket & {
  readonly difference: PolicyDifference;
  /** What beside the policy opens the bucket or keeps it closed; absent until it was asked for. */
  readonly openness?: Openness;
  /** The very bytes to write, where such are to be put back; absent: the document as it stands. */
  readonly body?: string;
} & (
    | { readonly action: "create"; readonly after: JsonObject }
    | { readonly action: "update"; readonly after: JsonObject }
    | { readonly action: "delete" }
  );

export interface UnchangedBucket extends ComparedBucket {
  readonly action: "none";
}

/** A missing bucket is unreadable too: there is nothing that could be compared. */
export interface UnreadableBucket extends BucketInPlan {
  readonly action: "unreadable";
  readonly problem: Problem;
}

/** Hashes of the canonical forms; `none` for no policy. Equal digests are equal policies. */
export interface Digests {
  readonly desired: string;
  readonly live: string;
}

export interface UnmanagedBucket {
  readonly bucket: string;
  readonly region: string;
  readonly state: "policy" | "unreadable";
  readonly problem: Problem | null;
}

export interface PlanInput {
  readonly bucket: DesiredBucket;
  readonly reading: Reading;
  /** Findings about this bucket's file. */
  readonly findings: readonly Diagnostic[];
  readonly gate: Gate;
  /** What the revision before asked for; absent where none was named. */
  readonly asked?: AskedBefore;
}

export interface PlanSummary {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly unreadable: number;
  readonly blocked: number;
}

/** Compares what the files ask for with what was read, bucket by bucket. */
export function planChange({ bucket: desired, reading, findings, gate, asked }: PlanInput): Change {
  const base: BucketInPlan = {
    account: desired.account.uid,
    bucket: desired.bucket,
    region: reading.region,
    file: desired.file,
    line: desired.policySpan.start.line,
    names: namesOf(desired.account),
    blocked: hasErrors(findings),
    cause: "unknown",
  };
  const { live } = reading;
  if (live.state === "unreadable") return { ...base, action: "unreadable", problem: live.problem };
  if (live.state === "missing") return { ...base, action: "unreadable", problem: missingBucket };
  return compare(base, desired, live, { gate, asked });
}

function compare(
  base: BucketInPlan,
  desired: DesiredBucket,
  live: Comparable,
  { gate, asked }: { readonly gate: Gate; readonly asked: AskedBefore | undefined },
): Change {
  const { policy } = desired;
  const wanted = policy.kind === "none" ? "none" : canonicalPolicy(policy.document);
  const found = canonicalLive(live);
  const address = { name: desired.bucket, owner: desired.account.uid };
  const isSame = equal(found, wanted);
  const access = isSame ? ({ verdict: "equal" } as const) : accessDifference(found, wanted, address);
  const after = isSame ? found : wanted;
  const hazards = hazardsOf({ bucket: desired, before: found, after, access, gate, asked });
  const compared = {
    ...base,
    blocked: base.blocked || hazards.some(isHolding),
    access,
    hazards,
    before: live.state === "none" ? null : live.document,
    after: policy.kind === "none" ? null : policy.document,
    digests: { desired: policyDigest(wanted), live: policyDigest(found) },
    cause: isSame ? ("none" as const) : causeOf(found, wanted, asked),
  };
  if (isSame) return { ...compared, action: "none" };
  if (policy.kind === "none")
    return { ...compared, action: "delete", difference: diffPolicies(found, "none") };
  const places = statementPlaces(policy.node);
  const placeOf = (statement: Statement) => {
    const span = places.get(statementKey(statement));
    return span === undefined ? null : { file: span.file, line: span.start.line };
  };
  return {
    ...compared,
    action: found === "none" ? "create" : "update",
    after: policy.document,
    difference: diffPolicies(found, wanted, placeOf),
  };
}

/** A bucket that no file spoke of is new: whatever stands there, nobody had asked for it. */
function causeOf(found: Policy | "none", wanted: Policy | "none", asked: AskedBefore | undefined): Cause {
  if (asked === undefined || asked.policy === "unknown") return "unknown";
  if (asked.policy === "absent") return "edit";
  const isEdited = !equal(asked.policy, wanted);
  const hasDrifted = !equal(asked.policy, found);
  return isEdited && hasDrifted ? "both" : isEdited ? "edit" : "drift";
}

const missingBucket: Problem = {
  message: "the bucket does not exist",
  help: "create the bucket, or correct its name",
  status: 404,
  code: "NoSuchBucket",
};

export function isWriting(change: Change): change is WritingChange {
  return change.action === "create" || change.action === "update" || change.action === "delete";
}

export function summarize(changes: readonly Change[]): PlanSummary {
  const count = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  return {
    create: count("create"),
    update: count("update"),
    delete: count("delete"),
    unchanged: count("none"),
    unreadable: count("unreadable"),
    blocked: changes.filter((change) => isWriting(change) && change.blocked).length,
  };
}

/** A bucket that OSS found in another region than its file says: told, and the bucket is still planned. */
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

/** Of the buckets that no file names, those that have a policy, or whose policy is not known. */
export function unmanagedBuckets(
  readings: readonly { bucket: string; reading: Reading }[],
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
