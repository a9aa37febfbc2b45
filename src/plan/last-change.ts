import { trailKey, type EventTrail } from "../actiontrail/last-calls.ts";
import { compareText } from "../diagnostic.ts";
import type { HazardCode } from "./hazard.ts";
import { isWriting, type Change, type LastChange, type WritingChange } from "./plan.ts";

/** Adds the last change to each change that undoes drift, or may. The author of an edit is in git. */
export function withLastChanges(changes: readonly Change[], trail: EventTrail): readonly Change[] {
  return changes.map((change) =>
    isWriting(change) && mayUndoDrift(change)
      ? { ...change, lastChange: lastChangeOf(change, trail) }
      : change,
  );
}

/** Hazards that mean drift, also where the file is new and its change therefore an edit. */
export const driftHazardCodes: readonly HazardCode[] = ["overwrites-foreign-statements", "reopens-drift"];

function mayUndoDrift({ cause, hazards }: WritingChange): boolean {
  return cause !== "edit" || hazards.some(({ code }) => driftHazardCodes.includes(code));
}

function lastChangeOf(
  { bucket, region, before, replaces }: WritingChange,
  trail: EventTrail,
): LastChange | null {
  // An event may have no region.
  const calls = [region, ""].flatMap((place) => trail.lastCalls.get(trailKey(bucket, place)) ?? []);
  const at = Math.max(...calls.map((call) => Date.parse(call.at)));
  const hasPolicy = before !== null || replaces !== undefined;
  const last = calls
    .filter((call) => Date.parse(call.at) === at)
    .map((call) => ({ ...call, fitsLive: hasPolicy === (call.call === "PutBucketPolicy") }))
    .sort((a, b) => Number(b.fitsLive) - Number(a.fitsLive) || compareText(a.eventId, b.eventId));
  const [first, ...others] = last;
  return first === undefined ? null : { ...first, others: others.length };
}
