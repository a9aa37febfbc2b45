import { compareText } from "../diagnostic.ts";
import type { Outcome } from "../apply/outcome.ts";
import { changeSentence } from "../access/sentences.ts";
import { isWriting, type Change, type UnreadableBucket, type WritingChange } from "../plan/plan.ts";
import { differenceLines } from "./difference-lines.ts";
import { lastChangeKey } from "./last-change.ts";
import { requestsKey } from "./requests.ts";
import { regionsOf, worstFirst } from "./order.ts";

/** Changes that a report shows as one entry, since they have one cause; the first stands for all. */
export type ChangeGroup = readonly [Change, ...Change[]];

/** Results of apply, by bucket. */
export type Outcomes = ReadonlyMap<string, Outcome>;

export function outcomesOf({
  outcomes = [],
}: {
  readonly outcomes?: readonly Outcome[] | undefined;
}): Outcomes {
  return new Map(outcomes.map((outcome) => [outcome.bucket, outcome]));
}

/** Groups changes that do the same for the same reason, the worst first. */
export function groupsOf(changes: readonly Change[], outcomes: Outcomes = new Map()): readonly ChangeGroup[] {
  const groups = new Map<string, ChangeGroup>();
  for (const change of worstFirst(changes)) {
    const key = JSON.stringify([change.account, outcomeKey(change, outcomes), keyOf(change)]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? [change] : [...group, change]);
  }
  return [...groups.values()];
}

/** Returns the names of the buckets of a group, sorted. */
export function bucketsOf(group: ChangeGroup): readonly string[] {
  return group.map(({ bucket }) => bucket).sort(compareText);
}

function outcomeKey({ bucket }: Change, outcomes: Outcomes): unknown {
  const outcome = outcomes.get(bucket);
  return outcome === undefined ? null : [outcome.result, outcome.message.replaceAll(bucket, "")];
}

/** Returns what two changes must have in common to be one entry. */
function keyOf(change: Change): unknown {
  const { action, blocked, cause, bucket } = change;
  if (change.action === "unreadable") return [action, reasonOf(change)];
  const hazards = change.hazards.map(({ code, severity, message, accepted }) => [
    code,
    severity,
    withoutBucket(message, bucket),
    accepted,
  ]);
  return [action, blocked, cause, change.limit, hazards, isWriting(change) ? writingKey(change) : null];
}

function writingKey(change: WritingChange): unknown {
  const { access, bucket, difference, names, publicAccess, replaces } = change;
  const sentences = regionsOf(change).map((region) => [region.effect, changeSentence(region, names)]);
  const lines = differenceLines(difference, names).map((line) =>
    line.kind === "statement" ? line.mark : [line.mark, line.path, withoutBucket(line.member, bucket)],
  );
  return [
    access.verdict,
    sentences,
    lines,
    publicAccess,
    replaces,
    lastChangeKey(change) ?? null,
    requestsKey(change),
  ];
}

/** Returns a text without the bucket's name in resources. */
function withoutBucket(text: string, bucket: string): string {
  const plain = text.replaceAll(`:${bucket}/`, ":/");
  return plain.endsWith(`:${bucket}`) ? plain.slice(0, -bucket.length) : plain;
}

/** Returns the reason without the bucket's name, which OSS may put in its message. */
function reasonOf({ bucket, problem: { message, help = "" } }: UnreadableBucket): unknown {
  return [message, help].map((text) => text.replaceAll(bucket, ""));
}
