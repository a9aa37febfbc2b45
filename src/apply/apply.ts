import pMap from "p-map";
import type { PolicyStore, WriteAnswer } from "../oss/store.ts";
import { blocks } from "../plan/hazard.ts";
import type { Change, WritingChange } from "../plan/plan.ts";
import { jsonText } from "../policy/json.ts";
import { bugText } from "../system-error.ts";
import { liveDigest, textDigest, type Live, type ReadProblem } from "../policy/live.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { Outcome } from "./outcome.ts";

/** Source of time; a parameter, so that tests can control it. */
export interface Clock {
  /** Returns milliseconds; only differences are meaningful. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface ApplyOptions {
  /** Buckets that are changed at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Returns true once the user stops the run; no further write is started then. */
  readonly isStopped: () => boolean;
  /** Returns why a change is not the one of a saved plan; undefined if it may be written. */
  readonly moved?: (change: WritingChange) => string | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Buckets that a run changes at once, however many are read: so few are half done when it is stopped. */
export const maxWriting = 16;

/** Applies the planned change of each bucket. The failure of one bucket does not affect the others. */
export async function applyPlan(
  changes: readonly Change[],
  store: PolicyStore,
  options: ApplyOptions,
): Promise<readonly Outcome[]> {
  return pMap(
    changes,
    async (change) => {
      const outcome = {
        bucket: change.bucket,
        action: change.action,
        ...(await applyChange(change, store, options).catch(unexpected)),
      };
      options.onOutcome(outcome);
      return outcome;
    },
    { concurrency: options.concurrency },
  );
}

type WriteEnd = Pick<Outcome, "result" | "message" | "help">;

/** Reports a bug, after which the state is unknown. The other buckets keep their outcomes. */
function unexpected(error: unknown): WriteEnd {
  return {
    result: "unverified",
    message: `internal error: ${bugText(error).replaceAll(/\s+/g, " ")}`,
    help: "check the live policy with `plan`, and report the bug",
  };
}

async function applyChange(change: Change, store: PolicyStore, options: ApplyOptions): Promise<WriteEnd> {
  if (change.action === "none") return { result: "unchanged", message: "" };
  if (change.action === "unreadable") return { result: "failed", message: change.problem.message };
  const moved = options.moved?.(change);
  if (moved !== undefined) return { result: "stale", message: moved };
  if (change.blocked) return { result: "blocked", message: blockReason(change) };
  if (options.isStopped()) return notAttempted;
  const { live } = await store.get(change);
  const digest = currentDigest(change, live);
  if (digest === undefined)
    return { result: "failed", message: `could not be read again: ${describe(live)}`, ...helpOf(live) };
  if (digest === change.digests.desired) return alreadyApplied;
  if (digest !== change.digests.live) return stale;
  if (options.isStopped()) return notAttempted;
  const problem = journaled(options.journal, beforeOf(change, live));
  if (problem !== undefined) return { result: "failed", message: `${problem}, so nothing was written` };
  const end = await writeUntilKnown(change, store, options);
  const lost = journaled(options.journal, { entry: "after", bucket: change.bucket, ...end });
  return lost === undefined ? end : { ...end, message: [end.message, lost].filter(Boolean).join("; ") };
}

const alreadyApplied: WriteEnd = {
  result: "unchanged",
  message: "another writer already applied this policy",
};
const notAttempted: WriteEnd = { result: "not attempted", message: "the run was stopped before this bucket" };

function blockReason({ hazards, limit }: WritingChange): string {
  if (limit !== undefined) return limit;
  const blocking = hazards.filter(blocks).map(({ code }) => code);
  if (blocking.length === 0) return "its file has an error finding";
  return `${blocking.join(", ")} ${blocking.length === 1 ? "is" : "are"} not accepted`;
}

/** Returns the digest of the live policy; of its bytes, if the change replaces a text that does not parse. */
function currentDigest({ replaces }: WritingChange, live: Live): string | undefined {
  if (replaces !== undefined && live.state === "unreadable" && live.text !== undefined)
    return textDigest(live.text);
  return liveDigest(live);
}

/** Returns the journal entry with the bytes that will be overwritten, as OSS sent them. */
function beforeOf({ account, bucket, region, action, digests }: WritingChange, live: Live): JournalEntry {
  const body = live.state === "policy" ? live.body : live.state === "unreadable" ? (live.text ?? null) : null;
  return { entry: "before", account, bucket, region, action, body, digests };
}

/** Writes a journal entry. Returns the problem, or undefined once the entry is on disk. */
function journaled(journal: Journal, entry: JournalEntry): string | undefined {
  try {
    journal.write(entry);
    return undefined;
  } catch (error) {
    return `the journal cannot be written (${error instanceof Error ? error.message : String(error)})`;
  }
}

const stale: WriteEnd = { result: "stale", message: "the live policy changed since the plan; run again" };

/** Maximum of writes of one bucket whose answers were lost. */
const maxLost = 3;
const maxThrottled = 20;
const betweenAttemptsMs = 500;

/** A write is sent again only after a read shows that the previous one had no effect. */
async function writeUntilKnown(
  change: WritingChange,
  store: PolicyStore,
  options: ApplyOptions,
): Promise<WriteEnd> {
  let [lost, throttled] = [0, 0];
  for (;;) {
    const answer = await send(change, store);
    if (answer.kind === "refused") return { result: "failed", ...endText(answer.problem) };
    if (answer.kind === "done") return readBack(change, store, options.clock);
    if (answer.kind === "throttled") throttled += 1;
    else lost += 1;
    if (answer.kind === "unknown") await options.clock.sleep(betweenAttemptsMs);
    const { live } = await store.get(change);
    const end = endWithoutAnswer(change, live, { problem: answer.problem, isLost: lost > 0 });
    if (end !== undefined) return end;
    const isOver = lost >= maxLost || throttled >= maxThrottled || options.isStopped();
    if (isOver)
      return { result: "failed", ...endText(answer.problem, "; the previous policy is still live") };
  }
}

interface LostAnswer {
  readonly problem: ReadProblem;
  /** A write may have taken effect: at least one got no answer. */
  readonly isLost: boolean;
}

/** Decides the result of unanswered writes by a read; undefined if the previous policy is still live. */
function endWithoutAnswer(
  change: WritingChange,
  live: Live,
  { problem, isLost }: LostAnswer,
): WriteEnd | undefined {
  const digest = currentDigest(change, live);
  if (digest === change.digests.live) return undefined;
  if (digest === change.digests.desired)
    return isLost
      ? { result: "applied", message: "the response was lost, but a read confirms the write" }
      : alreadyApplied;
  if (digest === undefined)
    return {
      result: isLost ? "unverified" : "failed",
      message: `${problem.message}; then ${describe(live)}`,
    };
  return isLost
    ? { ...stale, message: `${problem.message}; then the bucket had another policy; run again` }
    : stale;
}

function send(change: WritingChange, store: PolicyStore): Promise<WriteAnswer> {
  return change.action === "delete"
    ? store.delete(change)
    : store.put(change, change.body ?? jsonText(change.after));
}

/** OSS documents no delay before a new policy is visible; SDK tests wait about a second. */
const readBackMs = 10_000;
const firstPauseMs = 100;

async function readBack(change: WritingChange, store: PolicyStore, clock: Clock): Promise<WriteEnd> {
  const start = clock.now();
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    const { live } = await store.get(change);
    if (liveDigest(live) === change.digests.desired) return { result: "applied", message: "" };
    if (clock.now() - start + pauseMs > readBackMs) {
      return {
        result: "unverified",
        message: `OSS accepted the write, but then: ${describe(live)}`,
        ...helpOf(live),
      };
    }
    await clock.sleep(pauseMs);
  }
}

type EndText = Pick<WriteEnd, "message" | "help">;

function endText({ message, help }: ReadProblem, more = ""): EndText {
  return { message: `${message}${more}`, ...(help === undefined ? {} : { help }) };
}

function helpOf(live: Live): Pick<WriteEnd, "help"> {
  const help = live.state === "unreadable" ? live.problem.help : undefined;
  return help === undefined ? {} : { help };
}

function describe(live: Live): string {
  switch (live.state) {
    case "policy":
      return "the bucket has another policy";
    case "none":
      return "the bucket has no policy";
    case "missing":
      return "the bucket does not exist";
    case "unreadable":
      return live.problem.message;
  }
}
