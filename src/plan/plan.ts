import type { PolicyCall } from "../actiontrail/event.ts";
import type { AccessDifference } from "../access/difference.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { Observations } from "../policy/open-questions.ts";
import type { JsonObject } from "../policy/json.ts";
import type { ReadProblem } from "../policy/live.ts";
import type { PolicyDifference } from "./diff.ts";
import type { Hazard } from "./hazard.ts";
import type { Limiting, NamedAccount } from "./limiting.ts";
import type { ChangeRequests, PlanRequests } from "./request-effects.ts";
import type { PublicAccess } from "./public-access.ts";
import type { Shard } from "../desired/shard.ts";

/** Changes that apply would make, sorted by bucket; data only. */
export interface Plan {
  readonly changes: readonly Change[];
  /** Buckets without a file that have, or may have, a policy; only if the account's scope is all. */
  readonly unmanaged: readonly UnmanagedBucket[];
  /** Findings of lint and of the reads. Syntax and schema errors stop a run before there is a plan. */
  readonly diagnostics: readonly Diagnostic[];
  /** Comparison with the base revision; absent without one. */
  readonly base?: PlanBase;
  /** Journal whose policies it restores; absent if it applies the files. */
  readonly journal?: string;
  /** Given events of ActionTrail; absent without any. */
  readonly events?: PlanEvents;
  /** Extent of the given access logs; absent without any. */
  readonly requests?: PlanRequests;
  /** Exceeded limits of accounts; each blocks all writes of its account. */
  readonly limits?: readonly PlanLimit[];
  /** Accounts of the policy files; absent if there is only one. */
  readonly accounts?: readonly NamedAccount[];
  /** Part of the buckets that it is about; absent for all that are selected. */
  readonly shard?: PlanShard;
}

/** Limit that a plan exceeds. */
export interface PlanLimit {
  /** UID of the account. */
  readonly account: string;
  readonly message: string;
}

/** Shard of a plan. */
export interface PlanShard extends Shard {
  /** What `merge` needs; absent where the plan of all shards was merged before, as in an apply. */
  readonly unmerged?: UnmergedShard;
}

/** Facts that the plans of all shards share, and by which their merge is judged as one plan is. */
export interface UnmergedShard {
  /** Digest of the policy files, with their paths. */
  readonly files: string;
  /** Number of the buckets of all shards. */
  readonly selected: number;
  readonly options: PlanOptions;
  readonly limiting: Omit<Limiting, "accepted">;
  /** Principals that are known from the files; only if a hazard depends on them. */
  readonly known?: readonly string[];
  /** Other principals that live policies of this shard name, sorted. */
  readonly live: readonly string[];
}

/** Options that decide what a plan is about and how it is judged. */
export interface PlanOptions {
  readonly policies: string;
  readonly bucket: readonly string[];
  readonly exclude: readonly string[];
  readonly account: readonly string[];
  readonly accept: readonly string[];
  readonly forbid?: string;
  readonly replaceUnparseable: readonly string[];
}

/** Levels of a verdict on a plan, the worst first: the first that applies is the verdict. */
export const verdictLevels = ["error", "blocked", "review", "narrowing", "unchanged", "none"] as const;
export type VerdictLevel = (typeof verdictLevels)[number];

/** Comparison with the base revision, which distinguishes edits from drift and finds weakened guards. */
export interface PlanBase {
  /** Commit of the files that are planned. */
  readonly revision: string;
  /** Commit that they are compared with. */
  readonly base: string;
  /** The base as the user named it. */
  readonly word: string;
  /** Policy files that differ from the commit in `revision`. */
  readonly uncommitted: readonly string[];
  /** Guards that are weaker or changed since the base, and new consents; a reviewer reads them first. */
  readonly loosened: readonly WeakenedGuard[];
  /** Buckets whose file is gone since the base; their policies stay live. */
  readonly abandoned: readonly AbandonedBucket[];
}

/** Extent of the given events. */
export interface PlanEvents {
  readonly count: number;
  /** Times of the first and the last event; absent if there is none. */
  readonly from?: string;
  readonly until?: string;
  /** Parts that could not be read. */
  readonly unread: number;
}

export interface WeakenedGuard {
  readonly message: string;
  readonly file: string;
  readonly line: number;
}

export interface AbandonedBucket {
  readonly account: string;
  readonly bucket: string;
  readonly region: string;
  /** Its file at the base. */
  readonly file: string;
  readonly line: number;
}

/**
 * Cause of a change: an edit of the desired policy, drift of the live policy, or both. `none` if nothing is
 * to be done, `unknown` if the policy at the base is unknown.
 */
export type Cause = "edit" | "drift" | "both" | "none" | "unknown";

export type Change = WritingChange | UnchangedBucket | UnreadableBucket;

export interface BucketInPlan {
  /** UID of the bucket owner. */
  readonly account: string;
  readonly bucket: string;
  /** Region in which OSS found the bucket, which may differ from the file's. */
  readonly region: string;
  readonly file: string;
  readonly line: number;
  /** Names from the account's file, by UID or role. */
  readonly names: ReadonlyMap<string, string>;
  /** What was observed of OSS, which the analysis takes as decided; absent: nothing. */
  readonly observed?: Observations;
  /** An error finding or a hazard blocks this bucket; the others go on. */
  readonly blocked: boolean;
  readonly cause: Cause;
}

/** Bucket whose live policy and desired policy are known; null means no policy. */
interface ComparedBucket extends BucketInPlan {
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly digests: Digests;
  /** Access that it gives and takes. */
  readonly access: AccessDifference;
  readonly hazards: readonly Hazard[];
  /** Limit of its account that blocks it. */
  readonly limit?: string;
}

export type WritingChange = ComparedBucket & {
  readonly difference: PolicyDifference;
  /** Public access by the policy, the ACL and Block Public Access; absent until it is read. */
  readonly publicAccess?: PublicAccess;
  /** Null if the given events have none; absent without events, and for an edit. */
  readonly lastChange?: LastChange | null;
  /** Seen requests that it was weighed by; absent without access logs. */
  readonly requests?: ChangeRequests;
  /** Live text that is replaced although it does not parse; the access that it gives is unknown. */
  readonly replaces?: string;
  /** Exact bytes to write, for a restore; if absent, the document in `after` is written. */
  readonly body?: string;
} & (
    | { readonly action: "create"; readonly after: JsonObject }
    | { readonly action: "update"; readonly after: JsonObject }
    | { readonly action: "delete" }
  );

/** Last call in the given events that set or removed a bucket's policy. Events may be late, or missing. */
export interface LastChange extends PolicyCall {
  /** False if OSS has a policy that this call removed, or none that it set: a later call is then missing. */
  readonly fitsLive: boolean;
  /** Other policy calls on the bucket in the same second, of which any may be the last. */
  readonly others: number;
}

export interface UnchangedBucket extends ComparedBucket {
  readonly action: "none";
}

/** Bucket whose live policy could not be read. A missing bucket is unreadable too. */
export interface UnreadableBucket extends BucketInPlan {
  readonly action: "unreadable";
  readonly problem: ReadProblem;
}

/** Hashes of the canonical forms; `none` for no policy. Equal digests mean equal policies. */
export interface Digests {
  readonly desired: string;
  readonly live: string;
}

export interface UnmanagedBucket {
  readonly bucket: string;
  readonly region: string;
  readonly state: "policy" | "unreadable";
  readonly problem: ReadProblem | null;
}

export interface PlanSummary {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly unchanged: number;
  readonly unreadable: number;
  readonly blocked: number;
}

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
