import type { Outcome } from "../../apply/outcome.ts";
import type { HazardCode } from "../../plan/hazard.ts";
import { isWriting, type Change, type Plan, type WritingChange } from "../../plan/plan.ts";
import type { JsonObject } from "../../policy/json.ts";
import { canonicalPolicy } from "../../policy/policy.ts";
import { mayBePublic } from "../../policy/public-status.ts";

/** States of a bucket, of which it always has exactly one. */
export const bucketStates = ["unchanged", "drifted", "edited", "held", "unreadable"] as const;
export type BucketState = (typeof bucketStates)[number];

/** What the last reconcile found of a bucket. */
export interface BucketStatus {
  readonly account: string;
  readonly bucket: string;
  readonly state: BucketState;
  /** OSS counts its live policy as public; of an unreadable bucket, the last that was read. */
  readonly isPublic: boolean;
  /** Hazards that are not accepted, also of a bucket that is as its file says; of an unreadable bucket, the last that were known. */
  readonly hazards: readonly HazardCode[];
  /** Changes if there is something new to report. */
  readonly digest: string;
  /** Reason for the state; empty if there is no more to say. */
  readonly message: string;
}

/** Statuses by the name of the bucket. */
export type Statuses = ReadonlyMap<string, BucketStatus>;

/** Returns the statuses after a reconcile. One of a single account leaves those of the others as they are. */
export function statusesAfter(
  plan: Plan,
  outcomes: readonly Outcome[],
  { before, account }: { readonly before: Statuses; readonly account: string | undefined },
): Statuses {
  const results = new Map(outcomes.map((outcome) => [outcome.bucket, outcome]));
  const found = plan.changes.map((change) =>
    statusOf(change, results.get(change.bucket), before.get(change.bucket)),
  );
  const others = account === undefined ? [] : [...before.values()].filter((one) => one.account !== account);
  return byName([...others, ...found]);
}

/**
 * Returns the statuses after a reconcile that made no plan: nothing is known of the buckets that it was about. Their
 * digests stay: that no plan was made is reported once, and not for each bucket.
 */
export function statusesUnknown(before: Statuses, account: string | undefined): Statuses {
  const isAbout = (status: BucketStatus) => account === undefined || status.account === account;
  return byName(
    [...before.values()].map((one) => (isAbout(one) ? { ...one, state: "unreadable", message: "" } : one)),
  );
}

function byName(statuses: readonly BucketStatus[]): Statuses {
  return new Map(statuses.map((status) => [status.bucket, status]));
}

function statusOf(
  change: Change,
  outcome: Outcome | undefined,
  before: BucketStatus | undefined,
): BucketStatus {
  const { account, bucket } = change;
  const unreadable = (message: string): BucketStatus => ({
    ...{ account, bucket, message, state: "unreadable", digest: `unreadable ${message}` },
    isPublic: before?.isPublic ?? false,
    hazards: before?.hazards ?? [],
  });
  if (change.action === "unreadable") return unreadable(change.problem.message);
  if (outcome?.result === "unverified") return unreadable(outcome.message);
  const isWritten = outcome?.result === "applied" || outcome?.result === "unchanged";
  if (!isWriting(change) || isWritten) {
    const live = isWritten ? change.after : change.before;
    const hazards = isWritten ? [] : openHazards(change);
    return {
      ...{ account, bucket, state: "unchanged", digest: ["unchanged", ...hazards].join(" "), hazards },
      message: hazards.length === 0 ? "" : `hazards: ${hazards.join(", ")}`,
      isPublic: isPublicPolicy(live),
    };
  }
  const hazards = openHazards(change);
  const state = stateOf(change);
  const digest = [state, change.digests.live, change.digests.desired, ...hazards].join(" ");
  const message = messageOf(change, hazards);
  return { account, bucket, state, digest, message, isPublic: isPublicPolicy(change.before), hazards };
}

function openHazards({ hazards }: Pick<WritingChange, "hazards">): readonly HazardCode[] {
  return hazards.filter(({ accepted }) => accepted === undefined).map(({ code }) => code);
}

function isPublicPolicy(policy: JsonObject | null): boolean {
  return policy !== null && mayBePublic(canonicalPolicy(policy));
}

function stateOf({ blocked, cause }: WritingChange): BucketState {
  if (blocked) return "held";
  return cause === "edit" ? "edited" : "drifted";
}

const differences: Readonly<Record<WritingChange["action"], string>> = {
  create: "it has no policy, and its file asks for one",
  update: "its policy is not that of its file",
  delete: "it has a policy, and its file asks for none",
};

function messageOf({ action, limit }: WritingChange, hazards: readonly HazardCode[]): string {
  const why = limit ?? (hazards.length === 0 ? "" : `hazards: ${hazards.join(", ")}`);
  return `${differences[action]}${why === "" ? "" : `; ${why}`}`;
}
