import PQueue from "p-queue";
import type { ReadProblem } from "../policy/live.ts";
import type { Patience } from "./patience.ts";
import { isThrottled } from "./wire.ts";

export interface CallPace {
  /** How many calls may be under way at once, where nothing is throttled. */
  readonly concurrency: number;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Called once, when OSS throttles for the first time. */
  readonly onThrottled: () => void;
  /** Called when the calls wait as long as OSS asked for. */
  readonly onWaiting?: (ms: number) => void;
}

/** A write goes before reads: the longer it waits, the older is the read that it rests on. */
export const writing = 1;
export const reading = 0;

export interface AdaptiveLimiter {
  turn<T>(priority: number, call: () => Promise<T>, toldBy: (answer: T) => CallResult): Promise<T>;
}

/** The result of a call as the limiter counts it; a call that was not sent counts for nothing. */
type CallResult = ReadProblem | "passed" | "not sent";

/** All calls pause so long, at most, after one was throttled: to send on would only be refused. */
const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** So many more throttled calls than passed ones are the end of a burst; beyond, the pauses grow. */
const burst = 20;

/**
 * Additive increase, multiplicative decrease, and a pause of random length for all after a throttled
 * call: a longer one where pausing did not help, or where OSS asked for it. Calls that began before a
 * halving do not halve again.
 */
export function openLimiter(
  { concurrency, clock, random, onThrottled }: CallPace,
  patience: Patience,
): AdaptiveLimiter {
  const queue = new PQueue({ concurrency });
  let strain = 0;
  let passedSince = 0;
  let slowedAt = -Infinity;
  let pausedUntil = -Infinity;
  const slowDown = (problem: ReadProblem, begunAt: number) => {
    if (slowedAt === -Infinity) onThrottled();
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (Math.max(0, strain - burst) / 4));
    pausedUntil = Math.max(pausedUntil, clock.now() + Math.max(patience.grant(problem), most * random()));
    if (begunAt < slowedAt) return;
    slowedAt = clock.now();
    strain += 1;
    passedSince = 0;
    queue.concurrency = Math.max(1, Math.floor(queue.concurrency / 2));
  };
  const speedUp = () => {
    strain = Math.max(0, strain - 1);
    passedSince += 1;
    if (passedSince < queue.concurrency || queue.concurrency >= concurrency) return;
    passedSince = 0;
    queue.concurrency += 1;
  };
  return {
    turn: (priority, call, toldBy) =>
      queue.add(
        async () => {
          while (pausedUntil > clock.now()) await clock.sleep(pausedUntil - clock.now());
          const begunAt = clock.now();
          const answer = await call();
          const told = toldBy(answer);
          if (told === "passed" || (told !== "not sent" && !isThrottled(told))) speedUp();
          else if (told !== "not sent") slowDown(told, begunAt);
          return answer;
        },
        { priority },
      ),
  };
}
