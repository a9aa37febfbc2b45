import type { ReadProblem } from "../policy/live.ts";
import { impatient, maxRequestedMs, openPatience } from "./patience.ts";
import { openLimiter, reading, writing, type CallPace } from "./throttle.ts";
import type { PolicyReader, PolicyStore, WriteAnswer } from "./store.ts";
import { isThrottled } from "./wire.ts";

const firstWaitMs = 100;
/** Longest wait between tries, and longest part of one that OSS requested: after it, a run that is hurried goes on. */
const longestWaitMs = 5_000;
const maxTries = 8;
/** No further try starts after this time: without any answer a try takes as long as its time-out. */
const maxTryingMs = 30_000;
/** Limit of tries for a throttled call, which queues with all others. */
const maxThrottledTries = 40;
/** Limit of retries in a run for each successful call: if OSS is down, hundreds of buckets must not all retry. */
const maxRetriesPerPassed = 2;
const leastBudget = 100;
/** Time for which a throttled write is retried; after it, the policy to overwrite must be read again. */
const freshForMs = 2_000;

/**
 * Wraps a store with retries and pacing. A read is retried after a network error, 429 and 5xx. A write is
 * retried only if it was throttled, which is before any effect; the result of any other failed write must be
 * read. Waits use exponential backoff with full jitter and follow Retry-After, up to `maxRequestedMs` a run.
 * Concurrency grows while nothing is throttled (`openLimiter`).
 */
export function withRetries(store: PolicyStore, pace: CallPace): PacedStore {
  const { clock, random, onWaiting = () => undefined } = pace;
  const patience = openPatience({ clock, onWaiting });
  let isHurried = false;
  const limiter = openLimiter(pace, patience, (until) => waitUntil(until, clock, () => isHurried));
  const budget = { passed: 0, retries: 0 };
  let isClosed = false;
  const mayRetry = (tries: number, problem: ReadProblem, startedAt: number) =>
    !isClosed &&
    budget.retries < leastBudget + maxRetriesPerPassed * budget.passed &&
    (isThrottled(problem)
      ? tries < maxThrottledTries
      : tries < maxTries && clock.now() - startedAt < maxTryingMs);

  const read: Retrying = async (call, problemOf, givenUp) => {
    const startedAt = clock.now();
    for (let tries = 1; ; tries += 1) {
      const unlessClosed = async () => (isClosed ? givenUp(closed) : call());
      const answer = await limiter.turn(reading, unlessClosed, (done) => problemOf(done) ?? "passed");
      const problem = problemOf(answer);
      if (problem === undefined) budget.passed += 1;
      if (problem === undefined || !isTransient(problem) || !mayRetry(tries, problem, startedAt))
        return answer;
      // The pause of the limiter is the wait of a throttled call.
      const isPaused = isThrottled(problem);
      if (!isPaused) patience.grant(problem);
      if (patience.isBeyond(problem)) return givenUp(impatient(problem));
      budget.retries += 1;
      const pauseMs = isPaused ? 0 : waitMs(tries, problem, random);
      for (let left = pauseMs; left > 0 && !isHurried; left -= longestWaitMs)
        await clock.sleep(Math.min(longestWaitMs, left));
    }
  };

  const write = async (call: () => Promise<WriteAnswer>): Promise<WriteAnswer> => {
    const startedAt = clock.now();
    let last: WriteAnswer = tooLate;
    for (let tries = 1; ; tries += 1) {
      const answer = await limiter.turn(
        writing,
        async () => (clock.now() - startedAt > freshForMs || (isHurried && tries > 1) ? tooLate : call()),
        (done) => (done === tooLate ? "not sent" : done.kind === "done" ? "passed" : done.problem),
      );
      if (answer === tooLate) return last;
      if (answer.kind === "done") budget.passed += 1;
      if (answer.kind !== "throttled" || !mayRetry(tries, answer.problem, startedAt)) return answer;
      if (patience.isBeyond(answer.problem)) return { ...answer, problem: impatient(answer.problem) };
      budget.retries += 1;
      last = answer;
    }
  };
  return {
    ...retriedReads(store, read),
    ...retriedWrites(store, write),
    close: () => {
      isClosed = true;
      store.close();
    },
    hurry: () => void (isHurried = true),
  };
}

async function waitUntil(
  until: () => number,
  clock: CallPace["clock"],
  isHurried: () => boolean,
): Promise<void> {
  while (!isHurried() && until() > clock.now())
    await clock.sleep(Math.min(longestWaitMs, until() - clock.now()));
}

/** Store whose calls wait while OSS throttles. */
export interface PacedStore extends PolicyStore {
  /** Ends all waiting, now and later: a user who stops the run waits for calls in flight, and not for a pause of OSS. */
  hurry(): void;
}

/** Function that repeats a read until it succeeds or fails for good; `givenUp` converts the problem to an answer. */
type Retrying = <T>(
  call: () => Promise<T>,
  problemOf: (answer: T) => ReadProblem | undefined,
  givenUp: (problem: ReadProblem) => T,
) => Promise<T>;

function retriedReads(store: PolicyStore, read: Retrying): PolicyReader {
  return {
    list: () =>
      read(
        () => store.list(),
        (answer) => ("problem" in answer ? answer.problem : undefined),
        (problem) => ({ problem }),
      ),
    get: (address) =>
      read(
        () => store.get(address),
        ({ live }) => (live.state === "unreadable" ? live.problem : undefined),
        (problem) => ({ live: { state: "unreadable", problem }, region: address.region }),
      ),
    exposure: (address) =>
      read(
        () => store.exposure(address),
        (answer) => (answer.state === "unknown" ? answer.problem : undefined),
        (problem) => ({ state: "unknown", problem }),
      ),
    accountBlock: () =>
      read(
        () => store.accountBlock(),
        (answer) => (answer.state === "unknown" ? answer.problem : undefined),
        (problem) => ({ state: "unknown", problem }),
      ),
  };
}

function retriedWrites(
  store: PolicyStore,
  write: (call: () => Promise<WriteAnswer>) => Promise<WriteAnswer>,
): Pick<PolicyStore, "put" | "delete"> {
  return {
    put: (address, body) => write(() => store.put(address, body)),
    delete: (address) => write(() => store.delete(address)),
  };
}

const closed: ReadProblem = { message: "not read: the run has ended" };

const tooLate: WriteAnswer = {
  kind: "throttled",
  problem: { message: "throttled until the last read was too old to write on" },
};

/** Returns the wait before a retry: exponential backoff with full jitter, at least what OSS requested. */
export function waitMs(tries: number, problem: ReadProblem, random: () => number): number {
  return Math.max(
    Math.min(problem.retryAfterMs ?? 0, maxRequestedMs),
    random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)),
  );
}

/** Returns true for problems that may be gone on the next try: no answer, or an error of the server. */
export function isTransient({ status = 0 }: ReadProblem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
