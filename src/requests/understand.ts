import { callers } from "./caller.ts";
import { contexts } from "./context.ts";
import type { Counting } from "./counting.ts";
import { isNone, ownText, type LogRow } from "./log-row.ts";
import { objectKey } from "./object-key.ts";
import { operations } from "./operation.ts";
import type { SeenRequest, SkipReason } from "./seen-request.ts";

/** Requests that are wanted. Times are in milliseconds since 1970; the first belongs to the window, the second does not. */
export interface WantedRequests {
  /** All buckets if undefined. */
  readonly buckets?: ReadonlySet<string> | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** Request, or a delete of many keys, whose keys other rows have. */
export type Understood =
  | { readonly kind: "request"; readonly request: SeenRequest }
  | { readonly kind: "batch delete"; readonly withKey: (key: string) => SeenRequest };

const deleteObject: readonly string[] = ["oss:DeleteObject"];

/** Function from a row to its request. What it skips, it counts, and returns undefined. */
export function understanding(
  wanted: WantedRequests,
  sums: Counting,
): (row: LogRow) => Understood | undefined {
  const [callerOf, operationOf, contextOf] = [callers(), operations(), contexts()];
  const shared = sharedTexts();
  const skip = (reason: SkipReason) => {
    sums.skipped(reason);
    return undefined;
  };
  return (row) => {
    const reason = skipReason(row, wanted);
    if (reason !== undefined) return skip(reason);
    const caller = callerOf(row);
    if (caller === undefined) return skip("unknown caller");
    const key = objectKey(row);
    const { method, target, operation: name } = row;
    const at = target.indexOf("?");
    const isOnObject = key !== "";
    const query = at < 0 ? "" : target.slice(at + 1);
    const operation = operationOf({ method, query, isOnObject, name });
    const seen = (actions: readonly string[], ofKey: string): SeenRequest => {
      const { context, absent } = contextOf(row, operation, ofKey !== "");
      const { timeMs, source } = row;
      const bucket = shared(row.bucket);
      const owner = isNone(row.owner) ? "" : shared(row.owner);
      return { timeMs, bucket, owner, caller, actions, key: ofKey, context, absent, source };
    };
    if (operation.isBatchDelete)
      return { kind: "batch delete", withKey: (ofKey) => seen(deleteObject, ofKey) };
    if (operation.actions.length > 0) return { kind: "request", request: seen(operation.actions, key) };
    sums.unmapped(isNone(name) ? `${method} without a name` : name);
    return undefined;
  };
}

/** Names of buckets and accounts that are kept. */
const maxTexts = 10_000;

/** Function that returns one copy for all equal texts. */
function sharedTexts(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= maxTexts) known.clear();
    const copy = ownText(text);
    known.set(copy, copy);
    return copy;
  };
}

/** Error numbers of refusals by a policy, of the bucket or of RAM (OSS docs: EC 0003). */
const policyRefusals: readonly string[] = [
  "0003-00000101",
  "0003-00000201",
  "0003-00000202",
  "0003-00000203",
  "0003-00000204",
];

/** Returns the reason why a row is not weighed, whatever it asked for. */
export function skipReason(
  row: LogRow,
  { buckets, sinceMs, untilMs }: WantedRequests,
): SkipReason | undefined {
  const { timeMs, status, bucket, syncRequest, operation, sls } = row;
  if (!isDate(timeMs) || !(status >= 100 && status <= 999)) return "broken line";
  if (isNone(bucket)) return "no bucket";
  if (buckets !== undefined && !buckets.has(bucket)) return "other bucket";
  if ((sinceMs !== undefined && timeMs < sinceMs) || (untilMs !== undefined && timeMs >= untilMs))
    return "outside of the window";
  if (syncRequest === "lifecycle" || operation === "ExpireObject") return "lifecycle";
  if (sls?.signType === "AdminSign") return "service";
  if (status < 400) return undefined;
  return sls !== undefined && policyRefusals.includes(sls.ec) ? "refused by a policy" : "failed";
}

/** Returns true for a time that a date can hold. */
function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}
