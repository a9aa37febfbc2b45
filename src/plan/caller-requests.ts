/** Requests of one caller in the access logs, by access level. */

import { foldedRoleMatches } from "../access/engine/statement-tests.ts";
import { memoizeOf } from "../memoize.ts";
import { accessLevels, findAction, type AccessLevel } from "../policy/actions.ts";
import type { Bucket } from "../policy/bucket.ts";
import { globMatches } from "../policy/glob.ts";
import type { SeenCaller, SeenRequest } from "../requests/seen-request.ts";
import { principalOf } from "./caller-classes.ts";
import { spanOf, type ChangeRequests } from "./request-effects.ts";

/** Count of requests, with the time of the last one. */
export interface SeenCount {
  readonly count: number;
  readonly last?: string;
}

/** Requests of a caller at one access level. */
export interface LevelRequests extends SeenCount {
  /** Requests of a role of which the log has only the id: they may be of this caller. */
  readonly maybe: SeenCount;
}

/** Requests on one bucket, and those of a caller among them. Without requests, nothing is claimed. */
export interface CallerRequests extends Pick<ChangeRequests, "total" | "from" | "to"> {
  /** Requests of the caller, each once. */
  readonly own: number;
  readonly levels: Readonly<Record<AccessLevel, LevelRequests>>;
}

/** Count that goes on while a log is read. */
export interface CallerCount {
  readonly add: (request: SeenRequest) => void;
  readonly result: () => CallerRequests;
}

/** Starts a count of the requests of a caller, who is named as policies name it. */
export function countCaller(principal: string, bucket: Bucket): CallerCount {
  const span = { total: 0, fromMs: Infinity, toMs: -Infinity, own: 0 };
  const sums = new Map(accessLevels.map((level) => [level, { is: sum(), maybe: sum() }]));
  const relation = memoizeOf((caller: SeenCaller) => relationOf(caller, principal, bucket));
  return {
    add: ({ caller, actions, timeMs }) => {
      span.total += 1;
      span.fromMs = Math.min(span.fromMs, timeMs);
      span.toMs = Math.max(span.toMs, timeMs);
      const found = relation(caller);
      if (found === "other") return;
      if (found === "is") span.own += 1;
      for (const level of levelsOf(actions)) {
        const own = sums.get(level)?.[found];
        if (own === undefined) continue;
        own.count += 1;
        own.lastMs = Math.max(own.lastMs, timeMs);
      }
    },
    result: () => {
      const { total, fromMs, toMs, own } = span;
      const levels = Object.fromEntries(
        [...sums].map(([level, { is, maybe }]) => [level, { ...countOf(is), maybe: countOf(maybe) }]),
      ) as CallerRequests["levels"];
      return { total, ...(total === 0 ? {} : spanOf(fromMs, toMs)), own, levels };
    },
  };
}

function sum() {
  return { count: 0, lastMs: -Infinity };
}

function countOf({ count, lastMs }: { readonly count: number; readonly lastMs: number }): SeenCount {
  return count === 0 ? { count } : { count, last: new Date(lastMs).toISOString() };
}

type Relation = "is" | "maybe" | "other";

/** Returns whether a request is of the caller. Shipped log files have the id of a role, and neither its name nor the session. */
function relationOf(caller: SeenCaller, principal: string, bucket: Bucket): Relation {
  const isSession = principal.startsWith("arn:");
  if (caller.kind === "role") return isSession ? "maybe" : "other";
  if (caller.kind !== "role session") return principalOf(caller, bucket) === principal ? "is" : "other";
  if (!isSession) return "other";
  if (globMatches(principal, caller.arn)) return "is";
  // OSS does not document whether the letter case of a role counts.
  return foldedRoleMatches(principal, caller.arn) ? "maybe" : "other";
}

/** Returns the levels of the actions that a request needs, each once. */
function levelsOf(actions: readonly string[]): readonly AccessLevel[] {
  const levels = actions.flatMap((action) => findAction(action)?.access ?? []);
  return levels.length < 2 ? levels : [...new Set(levels)];
}
