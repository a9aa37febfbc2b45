import equal from "fast-deep-equal";
import { Budget, limits } from "../access/budget.ts";
import { accessDifference, type AccessDifference } from "../access/difference.ts";
import { namesOf } from "../desired/account-file.ts";
import { statementPlaces, type DesiredBucket } from "../desired/bucket-file.ts";
import { compareText, hasErrors, type Diagnostic } from "../diagnostic.ts";
import type { JsonObject } from "../policy/json.ts";
import {
  canonicalLive,
  textDigest,
  type Comparable,
  type ReadProblem,
  type LiveRead,
} from "../policy/live.ts";
import {
  canonicalPolicy,
  policyDigest,
  statementKey,
  type Policy,
  type Statement,
} from "../policy/policy.ts";
import type { AskedBefore } from "./base-policy.ts";
import { diffPolicies, type PolicyDifference } from "./diff.ts";
import type { PublicAccess } from "./public-access.ts";
import { compareHazards, hazard, blocks, type Hazard } from "./hazard.ts";
import { hazardsOf, type Gate, type HazardInput } from "./hazards.ts";

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

export interface PlanInput {
  readonly bucket: DesiredBucket;
  readonly reading: LiveRead;
  /** Findings about this bucket's file. */
  readonly findings: readonly Diagnostic[];
  readonly gate: Gate;
  /** Whether a live text that does not parse is to be replaced. */
  readonly replaces?: boolean;
  /** What the revision before asked for; absent where none was named. */
  readonly asked?: AskedBefore;
  /** Steps that the analysis of this bucket may take. */
  readonly steps?: number;
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
export function planChange({
  bucket: desired,
  reading,
  findings,
  gate,
  asked,
  replaces,
  steps,
}: PlanInput): Change {
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
  if (live.state === "unreadable")
    return live.text !== undefined && replaces === true
      ? replace(base, desired, { problem: live.problem, text: live.text }, gate)
      : { ...base, action: "unreadable", problem: withWayOut(live, desired.bucket) };
  if (live.state === "missing") return { ...base, action: "unreadable", problem: missingBucket };
  return compare(base, desired, live, { gate, asked, budget: new Budget(steps ?? limits.bucketSteps) });
}

function compare(
  base: BucketInPlan,
  desired: DesiredBucket,
  live: Comparable,
  { gate, asked, budget }: Pick<HazardInput, "gate" | "asked"> & { readonly budget: Budget },
): Change {
  const { policy } = desired;
  const wanted = policy.kind === "none" ? "none" : canonicalPolicy(policy.document);
  const found = canonicalLive(live);
  const address = { name: desired.bucket, owner: desired.account.uid };
  const isSame = equal(found, wanted);
  const access = isSame
    ? ({ verdict: "equal" } as const)
    : accessDifference(found, wanted, address, budget.half());
  const after = isSame ? found : wanted;
  const hazards = hazardsOf({ bucket: desired, before: found, after, access, gate, asked, budget });
  const compared = {
    ...base,
    blocked: base.blocked || hazards.some(blocks),
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

/** The most of a text that does not parse that a help shows. */
const maxShown = 400;

/** A text that looks like a policy and does not parse can be replaced, by one who has seen it. */
function withWayOut(
  { problem, text }: { readonly problem: ReadProblem; readonly text?: string },
  bucket: string,
): ReadProblem {
  if (text === undefined) return problem;
  const shown = text.length > maxShown ? `${text.slice(0, maxShown)}...` : text;
  const help = `what stands there is \`${shown}\`; \`apply --replace-unparseable ${bucket}\` replaces it by the policy of the file, and keeps these bytes in the journal`;
  return { ...problem, help };
}

/**
 * A change of a live text that does not parse. What access it takes is not known, and naming the bucket
 * is the consent to that; what the new policy gives is judged as if nothing was given before.
 */
function replace(
  base: BucketInPlan,
  desired: DesiredBucket,
  { problem, text }: { readonly problem: ReadProblem; readonly text: string },
  gate: Gate,
): WritingChange {
  const { policy } = desired;
  const wanted = policy.kind === "none" ? "none" : canonicalPolicy(policy.document);
  const address = { name: desired.bucket, owner: desired.account.uid };
  const digest = textDigest(text);
  const gained =
    wanted === "none" ? ({ verdict: "equal" } as const) : accessDifference("none", wanted, address);
  const unknown: Hazard = {
    ...hazard("access-undecided", "block", `what access changes is not known: ${problem.message}`),
    accepted: `for this run and the live text ${digest}, by --replace-unparseable`,
  };
  const own = hazardsOf({ bucket: desired, before: "none", after: wanted, access: gained, gate });
  const hazards = [...own, unknown].sort(compareHazards);
  const compared = {
    ...base,
    blocked: base.blocked || hazards.some(blocks),
    access: { verdict: "undecided", cause: problem.message } as const,
    hazards,
    before: null,
    digests: { desired: policyDigest(wanted), live: digest },
    replaces: text,
    difference: diffPolicies("none", wanted),
  };
  return policy.kind === "none"
    ? { ...compared, action: "delete", after: null }
    : { ...compared, action: "update", after: policy.document };
}

/** A bucket that no file spoke of is new: whatever stands there, nobody had asked for it. */
function causeOf(found: Policy | "none", wanted: Policy | "none", asked: AskedBefore | undefined): Cause {
  if (asked === undefined || asked.policy === "unknown") return "unknown";
  if (asked.policy === "absent") return "edit";
  const isEdited = !equal(asked.policy, wanted);
  const hasDrifted = !equal(asked.policy, found);
  return isEdited && hasDrifted ? "both" : isEdited ? "edit" : "drift";
}

const missingBucket: ReadProblem = {
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

/** A consent to replace what cannot be read, where it can be read or is no policy at all. */
export function idleReplacement({ bucket, reading: { live }, replaces }: PlanInput): readonly Diagnostic[] {
  if (replaces !== true || (live.state === "unreadable" && live.text !== undefined)) return [];
  const why =
    live.state === "unreadable"
      ? "what was read is no text of a policy, and is never replaced"
      : "its live policy can be read, or it has none";
  const message = `\`--replace-unparseable ${bucket.bucket}\` is of no use: ${why}`;
  return [{ code: "option", severity: "warning", message, help: "leave the option away" }];
}

/** Of the buckets that no file names, those that have a policy, or whose policy is not known. */
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
