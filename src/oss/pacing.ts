import pLimit from "p-limit";
import type { BucketAddress, Problem } from "../policy/live.ts";
import type { PolicyStore } from "./store.ts";

export interface Pace {
  /** How many calls may be under way at once, where nothing is throttled. */
  readonly concurrency: number;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Called once, when OSS throttles for the first time. */
  readonly onThrottled: () => void;
}

const firstWaitMs = 100;
const longestWaitMs = 5_000;
const mostTries = 8;
/** Of a call that is throttled, which waits for its turn among all others. */
const mostThrottledTries = 40;
/** All calls pause so long, at most, after one was throttled: to send on would only be refused. */
const pauseMs = 200;
/** Over a whole run: where OSS is down, hundreds of buckets must not each wait for it in turn. */
const mostRetriesPerCall = 2;
const leastBudget = 100;

/**
 * The store with retries and pacing. A read is tried again after a network error, 429 and 5xx; a write
 * only where it was throttled, which is before any effect: what became of another one is for a read to
 * find out. Waits are of full jitter and heed Retry-After. The number of calls under way is halved
 * where OSS throttles, and grows back by one each time that as many calls went through.
 */
export function paced(store: PolicyStore, pace: Pace): PolicyStore {
  const lane = openLane(pace);
  const budget = { calls: 0, retries: 0 };
  const attempt = async <T>(
    call: () => Promise<T>,
    problemOf: (answer: T) => Problem | undefined,
    isWorthTrying: (problem: Problem) => boolean,
  ): Promise<T> => {
    budget.calls += 1;
    for (let tries = 1; ; tries += 1) {
      const answer = await lane.run(call, (done) => isThrottled(problemOf(done)));
      const problem = problemOf(answer);
      const isLast = tries >= (isThrottled(problem) ? mostThrottledTries : mostTries);
      if (problem === undefined || !isWorthTrying(problem) || isLast) return answer;
      if (budget.retries >= leastBudget + mostRetriesPerCall * budget.calls) return answer;
      budget.retries += 1;
      // The pause of the lane is the wait of a throttled call, but for what OSS asked for.
      const wait = waitMs(isThrottled(problem) ? 0 : tries, problem, pace.random);
      if (wait > 0) await pace.clock.sleep(wait);
    }
  };
  const readProblem = ({ live }: Awaited<ReturnType<PolicyStore["get"]>>) =>
    live.state === "unreadable" ? live.problem : undefined;
  const writeProblem = (answer: Awaited<ReturnType<PolicyStore["put"]>>) =>
    answer.kind === "done" ? undefined : answer.problem;
  return {
    list: () =>
      attempt(
        () => store.list(),
        (answer) => ("problem" in answer ? answer.problem : undefined),
        isPassing,
      ),
    get: (address) => attempt(() => store.get(address), readProblem, isPassing),
    exposure: (address) =>
      attempt(
        () => store.exposure(address),
        (answer) => (answer.state === "unknown" ? answer.problem : undefined),
        isPassing,
      ),
    put: (address: BucketAddress, body) => attempt(() => store.put(address, body), writeProblem, isThrottled),
    delete: (address) => attempt(() => store.delete(address), writeProblem, isThrottled),
    close: () => store.close(),
  };
}

/**
 * Between nothing and twice as long after each try (full jitter), and at least what OSS asked for; after
 * no try, that alone.
 */
export function waitMs(tries: number, { retryAfterMs = 0 }: Problem, random: () => number): number {
  const most = tries === 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1));
  return Math.max(Math.min(retryAfterMs, 60_000), random() * most);
}

/** OSS's codes for too many calls; all are answered before a call has any effect (OSS docs: error codes). */
function isThrottled(problem: Problem | undefined): boolean {
  const { status, code = "" } = problem ?? {};
  return status === 429 || (status === 503 && /(LimitExceeded|Limitted|^SlowDown)$/.test(code));
}

/** What may be gone on the next try: no answer at all, or a server that failed. */
function isPassing({ status = 0 }: Problem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

interface Lane {
  run<T>(call: () => Promise<T>, wasThrottled: (answer: T) => boolean): Promise<T>;
}

/**
 * Additive increase, multiplicative decrease, and a pause of random length for all after a throttled
 * call. Calls that began before a halving do not halve again.
 */
function openLane({ concurrency, clock, random, onThrottled }: Pace): Lane {
  const limit = pLimit(concurrency);
  let passedSince = 0;
  let slowedAt = -Infinity;
  let pausedUntil = -Infinity;
  const slowDown = (begunAt: number) => {
    if (slowedAt === -Infinity) onThrottled();
    pausedUntil = clock.now() + pauseMs * random();
    if (begunAt < slowedAt) return;
    slowedAt = clock.now();
    passedSince = 0;
    limit.concurrency = Math.max(1, Math.floor(limit.concurrency / 2));
  };
  const speedUp = () => {
    passedSince += 1;
    if (passedSince < limit.concurrency || limit.concurrency >= concurrency) return;
    passedSince = 0;
    limit.concurrency += 1;
  };
  return {
    run: (call, wasThrottled) =>
      limit(async () => {
        const restMs = pausedUntil - clock.now();
        if (restMs > 0) await clock.sleep(restMs);
        const begunAt = clock.now();
        const answer = await call();
        if (wasThrottled(answer)) slowDown(begunAt);
        else speedUp();
        return answer;
      }),
  };
}
