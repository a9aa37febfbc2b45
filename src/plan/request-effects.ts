/** What a change does to requests that were seen: counts of them by caller, action and first path segment. */

import type { PointPosition } from "../access/interpretation-texts.ts";
import type { PossibleDecision } from "../access/partial.ts";
import type { RequestCounts } from "../requests/seen-request.ts";

export const requestEffects = ["refused", "loses-allow", "gains-allow", "depends"] as const;
/** What a change does to a request. `refused` is certain; of `loses-allow` only that the policy does not allow it any more. */
export type RequestEffectKind = (typeof requestEffects)[number];

export const requestTurns = ["refused", "loses-allow", "gains-allow", "unchanged"] as const;
/** What a change does to a request whose parts are all known. */
export type RequestTurn = (typeof requestTurns)[number];

export const allowSources = ["ram", "acl", "object-acl"] as const;
/** What may allow a request without the policy: a RAM policy, an ACL that is not known, or that of an object only. */
export type AllowSource = (typeof allowSources)[number];

/** Seen requests of one caller, action and first path segment on which a change has one effect. */
export interface RequestEffect {
  readonly effect: RequestEffectKind;
  /** What the log does not have and the effect depends on: condition keys, `role session` and `object key`. */
  readonly on?: readonly string[];
  /** Undocumented points that it depends on. */
  readonly points?: readonly string[];
  /** Effects that are possible, if it depends on something; empty if there were too many values to try. */
  readonly may?: readonly RequestTurn[];
  /** What may still allow requests that lose the policy's allow. */
  readonly stillAllowedBy?: readonly AllowSource[];
  /** `anonymous`, `owner`, a UID, the ARN of a role with `*` for the session, or `role:` and its id. */
  readonly caller: string;
  /** Name from `identities`. */
  readonly name?: string;
  /** More than one with ` and ` between them, if the request needs them all. */
  readonly action: string;
  /** First path segment with its slash; empty for the bucket and for keys without one, `*` for those of more segments than are counted, `?` for keys that the log does not have. */
  readonly prefix: string;
  readonly count: number;
  /** Requests of the caller with this action, whatever happens to them. */
  readonly of: number;
  /** Time of the last one. */
  readonly last: string;
  /** Observed positions of undocumented points, without which the effect would be another one. */
  readonly observed?: readonly PointPosition[];
  /** The last requests as they are, the newest first; only with --verbose. */
  readonly examples?: readonly RequestExample[];
}

/** Request with what identifies people and objects: for the terminal of the one who has the log, and for no report that others read. */
export interface RequestExample {
  readonly time: string;
  /** Empty for the bucket, and for keys that the log does not have. */
  readonly key: string;
  readonly address?: string;
  /** Name of the role session; absent for other callers, and in log files. */
  readonly session?: string;
}

/** Seen requests of one bucket. */
export interface ChangeRequests {
  readonly total: number;
  /** Times of the first and the last one; absent without one. */
  readonly from?: string;
  readonly to?: string;
  readonly effects: readonly RequestEffect[];
  /** Observed positions on which some effect rests, or that there is none. */
  readonly observed?: readonly PointPosition[];
  /** Reason why they cannot be weighed; there are no effects then. */
  readonly cause?: string;
}

/** Extent of the given access logs. */
export interface PlanRequests {
  readonly read: number;
  readonly used: number;
  /** Lines that are not weighed, by reason. */
  readonly skipped: RequestCounts["skipped"];
  /** Times of the first and the last used request; absent without one. */
  readonly from?: string;
  readonly to?: string;
  readonly sources: { readonly files: number; readonly sls: number };
  /** Reads of what was copied, which are weighed and are no lines; absent without any. */
  readonly copySources?: number;
}

export function planRequestsOf(counts: RequestCounts): PlanRequests {
  const { read, used, skipped, fromMs, toMs, sources, copySources } = counts;
  const extent = { read, used, skipped: { ...skipped }, ...spanOf(fromMs, toMs), sources };
  return copySources === 0 ? extent : { ...extent, copySources };
}

/** Returns the times of the first and the last request, if there is one. */
export function spanOf(
  fromMs: number | undefined,
  toMs: number | undefined,
): Pick<ChangeRequests, "from" | "to"> {
  if (fromMs === undefined || toMs === undefined) return {};
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** What else than the policy may allow a request of a caller. */
export type OtherAllows =
  /** The account of the bucket: it needs no policy, so only a Deny refuses it. */
  | "owner"
  /** A RAM policy, or an ACL that is not known to be private. */
  | "unknown"
  /** Nothing. */
  | "none";

/** Returns what a change does to a request that both policies decide like this. */
export function turnOf({ before, after }: PossibleDecision, other: OtherAllows): RequestTurn {
  if (before === after) return "unchanged";
  if (after === "deny") return "refused";
  if (other === "owner") return "unchanged";
  if (after === "allow") return "gains-allow";
  if (before === "deny") return "unchanged";
  return other === "none" ? "refused" : "loses-allow";
}

/** Returns `loses-allow` if all that a request may be was allowed and is not, whether or not a Deny refuses a part of it. */
export function lossOfAll(
  decisions: readonly PossibleDecision[],
  other: OtherAllows,
): RequestTurn | undefined {
  if (other === "owner" || decisions.every((one) => turnOf(one, other) === "refused")) return undefined;
  return decisions.every(({ before, after }) => before === "allow" && after !== "allow")
    ? "loses-allow"
    : undefined;
}

/** Returns true if the policy takes something from the requests, or may. */
export function isHarmful({ effect, may = [] }: RequestEffect): boolean {
  if (effect !== "depends") return effect !== "gains-allow";
  return may.length === 0 || may.some((turn) => turn === "refused" || turn === "loses-allow");
}
