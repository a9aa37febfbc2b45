import type { AccessDifference } from "../access/difference.ts";
import type { Diagnostic } from "../diagnostic.ts";
import type { JsonObject } from "../policy/json.ts";
import type { ReadProblem } from "../policy/live.ts";
import type { PolicyDifference } from "./diff.ts";
import type { Hazard } from "./hazard.ts";
import type { PublicAccess } from "./public-access.ts";

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
  /** Limits of accounts that it breaks, in words; they block all writes of their account. */
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
  readonly loosened: readonly WeakenedGuard[];
  /** Buckets that had a policy in a file and have no file any more: their policies stay live. */
  readonly abandoned: readonly AbandonedBucket[];
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

export interface BucketInPlan {
  /** UID of the bucket owner. */
  readonly account: string;
  readonly bucket: string;
  /** Where OSS answered for the bucket, which may not be what the file says. */
  readonly region: string;
  readonly file: string;
  readonly line: number;
  /** What the account's file calls UIDs and roles, by those. */
  readonly names: ReadonlyMap<string, string>;
  /** An error finding or a hazard blocks this bucket; the others go on. */
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
  /** The limit of its account that blocks it. */
  readonly limit?: string;
}

export type WritingChange = ComparedBucket & {
  readonly difference: PolicyDifference;
  /** What beside the policy opens the bucket or keeps it closed; absent until it was asked for. */
  readonly publicAccess?: PublicAccess;
  /** The live text that is replaced although it does not parse, so that what it allows is not known. */
  readonly replaces?: string;
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
  readonly problem: ReadProblem;
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
