import PQueue from "p-queue";
import type { ReadProblem } from "../policy/live.ts";
import type { Patience } from "./patience.ts";
import { isThrottled } from "./wire.ts";

/** Settings of the pacing. */
export interface CallPace {
  /** Limit of concurrent calls while nothing is throttled. */
  readonly concurrency: number;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Called once, when OSS throttles for the first time. */
  readonly onThrottled: () => void;
  /** Called when the calls wait as long as OSS requested. */
  readonly onWaiting?: (ms: number) => void;
}

/** Priorities: writes go first, because the read that a write is based on grows older while it waits. */
export const writing = 1;
export const reading = 0;

/** Limiter of concurrent calls. */
export interface AdaptiveLimiter {
  turn<T>(priority: number, call: () => Promise<T>, resultOf: (answer: T) => CallResult): Promise<T>;
}

/** Result of a call as the limiter counts it; a call that was not sent is not counted. */
type CallResult = ReadProblem | "passed" | "not sent";

/** Limits of the pause of all calls after one was throttled: further calls would only be refused. */
const firstPauseMs = 100;
const longestPauseMs = 2_000;
/** Excess of throttled over passed calls above which the pauses grow. */
const burst = 20;

/**
 * Opens an AIMD limiter (additive increase, multiplicative decrease). After a throttled call all calls pause
 * for a random time: longer if pausing did not help, or if OSS requested it. Calls that started before a
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
  const slowDown = (problem: ReadProblem, startedAt: number) => {
    if (slowedAt === -Infinity) onThrottled();
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (Math.max(0, strain - burst) / 4));
    pausedUntil = Math.max(pausedUntil, clock.now() + Math.max(patience.grant(problem), most * random()));
    if (startedAt < slowedAt) return;
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
    turn: (priority, call, resultOf) =>
      queue.add(
        async () => {
          while (pausedUntil > clock.now()) await clock.sleep(pausedUntil - clock.now());
          const startedAt = clock.now();
          const answer = await call();
          const result = resultOf(answer);
          if (result === "passed" || (result !== "not sent" && !isThrottled(result))) speedUp();
          else if (result !== "not sent") slowDown(result, startedAt);
          return answer;
        },
        { priority },
      ),
  };
}
