import PQueue from "p-queue";
import type { ReadProblem } from "../policy/live.ts";
import type { Patience } from "./patience.ts";
import { isThrottled } from "./wire.ts";

/** Settings of the pacing. */
export interface CallPace {
  /** Limit of concurrent calls, to which a run grows while nothing is throttled. */
  readonly concurrency: number;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** Returns a number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Called once, when OSS throttles for the first time. */
  readonly onThrottled: () => void;
  /** Called when the calls wait as long as OSS requested. */
  readonly onWaiting?: (ms: number) => void;
}

/** Waits until a time on the clock, which may move while it waits, or until nothing waits any more. */
type Wait = (until: () => number) => Promise<void>;

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
 * Opens a limiter. After a throttled call all calls pause for a random time: longer if pausing did not help, or if
 * OSS requested it. Calls that started before a halving do not halve again.
 */
export function openLimiter(
  { concurrency, clock, random, onThrottled }: CallPace,
  patience: Patience,
  wait: Wait,
): AdaptiveLimiter {
  const congestion = openWindow(concurrency);
  const queue = new PQueue({ concurrency: congestion.size });
  let strain = 0;
  let slowedAt = -Infinity;
  let pausedUntil = -Infinity;
  const slowDown = (problem: ReadProblem, startedAt: number) => {
    if (slowedAt === -Infinity) onThrottled();
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (Math.max(0, strain - burst) / 4));
    pausedUntil = Math.max(pausedUntil, clock.now() + Math.max(patience.grant(problem), most * random()));
    if (startedAt < slowedAt) return;
    slowedAt = clock.now();
    strain += 1;
    congestion.halve();
    queue.concurrency = congestion.size;
  };
  const speedUp = (startedAt: number) => {
    strain = Math.max(0, strain - 1);
    congestion.pass(startedAt, clock.now());
    if (queue.concurrency !== congestion.size) queue.concurrency = congestion.size;
  };
  return {
    turn: (priority, call, resultOf) =>
      queue.add(
        async () => {
          await wait(() => pausedUntil);
          const startedAt = clock.now();
          const answer = await call();
          const result = resultOf(answer);
          if (result === "passed" || (result !== "not sent" && !isThrottled(result))) speedUp(startedAt);
          else if (result !== "not sent") slowDown(result, startedAt);
          return answer;
        },
        { priority },
      ),
  };
}

/** Concurrent calls at the start of a run. */
const firstConcurrency = 16;
/** The slow start ends where the shortest call of a round takes this much longer than the shortest before. */
const maxSlowdown = 1.5;
const leastSlowdownMs = 5;

/** Number of concurrent calls, by TCP's congestion control. */
interface CongestionWindow {
  readonly size: number;
  pass(startedAt: number, now: number): void;
  halve(): void;
}

/**
 * Opens the window. It starts slowly: each round, in which as many calls pass, doubles it up to `most`. The first
 * throttled call ends the slow start, and so do calls that become slower, as in HyStart: more of them would only
 * wait at OSS or on this machine. After it the window follows AIMD (additive increase, multiplicative decrease).
 */
function openWindow(most: number): CongestionWindow {
  let size = Math.min(firstConcurrency, most);
  let isSlowStart = true;
  let round = { passed: 0, startedAt: -Infinity, shortestMs: Infinity };
  let shortestMs = Infinity;
  return {
    get size() {
      return size;
    },
    pass: (startedAt, now) => {
      round.passed += 1;
      // Calls of the round before do not show what this size does.
      if (startedAt >= round.startedAt) round.shortestMs = Math.min(round.shortestMs, now - startedAt);
      if (round.passed < size || size >= most) return;
      const isSlower = round.shortestMs > maxSlowdown * shortestMs + leastSlowdownMs;
      if (isSlower && round.shortestMs !== Infinity) isSlowStart = false;
      shortestMs = Math.min(shortestMs, round.shortestMs);
      round = { passed: 0, startedAt: now, shortestMs: Infinity };
      size = isSlowStart ? Math.min(2 * size, most) : size + 1;
    },
    halve: () => {
      isSlowStart = false;
      round.passed = 0;
      size = Math.max(1, Math.floor(size / 2));
    },
  };
}
