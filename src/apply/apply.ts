import pMap from "p-map";
import type { PolicyStore, WriteAnswer } from "../oss/store.ts";
import { blocks } from "../plan/hazard.ts";
import type { Change, WritingChange } from "../plan/plan.ts";
import { jsonText } from "../policy/json.ts";
import { liveDigest, textDigest, type Live, type ReadProblem } from "../policy/live.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { Outcome } from "./outcome.ts";

/** Time as apply needs it; passed in, so that a test can be in charge of it. */
export interface Clock {
  /** Milliseconds; only differences mean anything. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface ApplyOptions {
  readonly concurrency: number;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Whether the user asked the run to stop: no other write is begun then. */
  readonly isStopped: () => boolean;
  /** Why a change is not the one of a saved plan; undefined where it may be made. */
  readonly moved?: (change: WritingChange) => string | undefined;
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Brings each bucket to what the plan says. One bucket's failure neither stops nor colours another's. */
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

/** A bug, which nothing is known after; it must not take the outcomes of the other buckets with it. */
function unexpected(error: unknown): WriteEnd {
  return {
    result: "unverified",
    message: `a bug of oss-policy came in between: ${String(error)}`,
    help: "look at what stands there with `plan`, and report the bug",
  };
}

async function applyChange(change: Change, store: PolicyStore, options: ApplyOptions): Promise<WriteEnd> {
  if (change.action === "none") return { result: "unchanged", message: "" };
  if (change.action === "unreadable") return { result: "failed", message: change.problem.message };
  const moved = options.moved?.(change);
  if (moved !== undefined) return { result: "stale", message: moved };
  if (change.blocked) return { result: "blocked", message: heldBy(change) };
  if (options.isStopped()) return notAttempted;
  const { live } = await store.get(change);
  const digest = standingDigest(change, live);
  if (digest === undefined)
    return { result: "failed", message: `could not be read again: ${describe(live)}`, ...mendOf(live) };
  if (digest === change.digests.desired) return broughtByOthers;
  if (digest !== change.digests.live) return stale;
  if (options.isStopped()) return notAttempted;
  const problem = journaled(options.journal, beforeOf(change, live));
  if (problem !== undefined) return { result: "failed", message: `${problem}, so nothing was written` };
  const end = await writeUntilKnown(change, store, options);
  const lost = journaled(options.journal, { entry: "after", bucket: change.bucket, ...end });
  return lost === undefined ? end : { ...end, message: [end.message, lost].filter(Boolean).join("; ") };
}

const broughtByOthers: WriteEnd = { result: "unchanged", message: "somebody else brought it there" };
const notAttempted: WriteEnd = { result: "not attempted", message: "the run was asked to stop" };

function heldBy({ hazards, limit }: WritingChange): string {
  if (limit !== undefined) return limit;
  const holding = hazards.filter(blocks).map(({ code }) => code);
  return holding.length === 0 ? "its file has an error finding" : `nobody accepted ${holding.join(", ")}`;
}

/** What stands there: of a text that does not parse, by its bytes, where the change is to replace such a text. */
function standingDigest({ replaces }: WritingChange, live: Live): string | undefined {
  if (replaces !== undefined && live.state === "unreadable" && live.text !== undefined)
    return textDigest(live.text);
  return liveDigest(live);
}

/** The bytes that are about to be overwritten, as OSS sent them. */
function beforeOf({ account, bucket, region, action, digests }: WritingChange, live: Live): JournalEntry {
  const body = live.state === "policy" ? live.body : live.state === "unreadable" ? (live.text ?? null) : null;
  return { entry: "before", account, bucket, region, action, body, digests };
}

/** What is wrong with the journal; undefined where the entry is on disk. */
function journaled(journal: Journal, entry: JournalEntry): string | undefined {
  try {
    journal.write(entry);
    return undefined;
  } catch (error) {
    return `the journal cannot be written (${error instanceof Error ? error.message : String(error)})`;
  }
}

const stale: WriteEnd = { result: "stale", message: "the live policy changed since the plan; run again" };

/** A write is sent again only after a read has shown that the one before took no effect. */
const maxLost = 3;
const maxThrottled = 20;
const betweenAttemptsMs = 500;

async function writeUntilKnown(
  change: WritingChange,
  store: PolicyStore,
  options: ApplyOptions,
): Promise<WriteEnd> {
  let [lost, throttled] = [0, 0];
  for (;;) {
    const answer = await send(change, store);
    if (answer.kind === "refused") return { result: "failed", ...told(answer.problem) };
    if (answer.kind === "done") return readBack(change, store, options.clock);
    if (answer.kind === "throttled") throttled += 1;
    else lost += 1;
    if (answer.kind === "unknown") await options.clock.sleep(betweenAttemptsMs);
    const { live } = await store.get(change);
    const end = endWithoutAnswer(change, live, { problem: answer.problem, isLost: lost > 0 });
    if (end !== undefined) return end;
    const isOver = lost >= maxLost || throttled >= maxThrottled || options.isStopped();
    if (isOver) return { result: "failed", ...told(answer.problem, "; the policy before it still stands") };
  }
}

interface LostAnswer {
  readonly problem: ReadProblem;
  /** Whether a write may have taken effect: OSS did not say of every one that it did not. */
  readonly isLost: boolean;
}

/** What a read tells of writes that were not answered; undefined where the policy before them stands. */
function endWithoutAnswer(
  change: WritingChange,
  live: Live,
  { problem, isLost }: LostAnswer,
): WriteEnd | undefined {
  const digest = standingDigest(change, live);
  if (digest === change.digests.live) return undefined;
  if (digest === change.digests.desired)
    return isLost ? { result: "applied", message: "found by reading: the answer was lost" } : broughtByOthers;
  if (digest === undefined)
    return {
      result: isLost ? "unverified" : "failed",
      message: `${problem.message}; then ${describe(live)}`,
    };
  return isLost
    ? { ...stale, message: `${problem.message}; then another policy stood there; run again` }
    : stale;
}

function send(change: WritingChange, store: PolicyStore): Promise<WriteAnswer> {
  return change.action === "delete"
    ? store.delete(change)
    : store.put(change, change.body ?? jsonText(change.after));
}

/** OSS documents no delay before a new policy is seen; SDK tests wait about a second. */
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
        message: `OSS took the write, but then: ${describe(live)}`,
        ...mendOf(live),
      };
    }
    await clock.sleep(pauseMs);
  }
}

type EndText = Pick<WriteEnd, "message" | "help">;

function told({ message, help }: ReadProblem, more = ""): EndText {
  return { message: `${message}${more}`, ...(help === undefined ? {} : { help }) };
}

function mendOf(live: Live): Pick<WriteEnd, "help"> {
  const help = live.state === "unreadable" ? live.problem.help : undefined;
  return help === undefined ? {} : { help };
}

function describe(live: Live): string {
  switch (live.state) {
    case "policy":
      return "another policy stands there";
    case "none":
      return "no policy stands there";
    case "missing":
      return "the bucket does not exist";
    case "unreadable":
      return live.problem.message;
  }
}
