import type { ReadProblem } from "../policy/live.ts";
import { impatient, maxAskedMs, openPatience } from "./patience.ts";
import { openLimiter, reading, writing, type CallPace } from "./throttle.ts";
import type { PolicyReader, PolicyStore, WriteAnswer } from "./store.ts";
import { isThrottled } from "./wire.ts";

const firstWaitMs = 100;
const longestWaitMs = 5_000;
const maxTries = 8;
/** No other try is begun then: where nothing answers at all, a try takes as long as its time-out. */
const maxTryingMs = 30_000;
/** Of a call that is throttled, which waits for its turn among all others. */
const maxThrottledTries = 40;
/**
 * Over a whole run, for each call that went through: where OSS is down, hundreds of buckets must not
 * each try for long.
 */
const maxRetriesPerPassed = 2;
const leastBudget = 100;
/** A throttled write is sent again for so long; beyond, what it is to overwrite must be read again. */
const freshForMs = 2_000;

/**
 * The store with retries and pacing. A read is tried again after a network error, 429 and 5xx; a write
 * only where it was throttled, which is before any effect: what became of another one is for a read to
 * find out. Waits are of full jitter and follow Retry-After, which may take
 * `maxAskedMs` of a run and no more. The number of calls under way is halved
 * where OSS throttles, and grows back by one each time that as many calls went through.
 */
export function withRetries(store: PolicyStore, pace: CallPace): PolicyStore {
  const { clock, random, onWaiting = () => undefined } = pace;
  const patience = openPatience({ clock, onWaiting });
  const limiter = openLimiter(pace, patience);
  const budget = { passed: 0, retries: 0 };
  const mayRetry = (tries: number, problem: ReadProblem, begunAt: number) =>
    budget.retries < leastBudget + maxRetriesPerPassed * budget.passed &&
    (isThrottled(problem)
      ? tries < maxThrottledTries
      : tries < maxTries && clock.now() - begunAt < maxTryingMs);

  const read: Retrying = async (call, problemOf, givenUp) => {
    const begunAt = clock.now();
    for (let tries = 1; ; tries += 1) {
      const answer = await limiter.turn(reading, call, (done) => problemOf(done) ?? "passed");
      const problem = problemOf(answer);
      if (problem === undefined) budget.passed += 1;
      if (problem === undefined || !isTransient(problem) || !mayRetry(tries, problem, begunAt)) return answer;
      // The pause of the limiter is the wait of a throttled call.
      const isPaused = isThrottled(problem);
      if (!isPaused) patience.grant(problem);
      if (patience.isBeyond(problem)) return givenUp(impatient(problem));
      budget.retries += 1;
      if (!isPaused) await clock.sleep(waitMs(tries, problem, random));
    }
  };

  const write = async (call: () => Promise<WriteAnswer>): Promise<WriteAnswer> => {
    const begunAt = clock.now();
    let last: WriteAnswer = tooLate;
    for (let tries = 1; ; tries += 1) {
      const answer = await limiter.turn(
        writing,
        async () => (clock.now() - begunAt > freshForMs ? tooLate : call()),
        (done) => (done === tooLate ? "not sent" : done.kind === "done" ? "passed" : done.problem),
      );
      if (answer === tooLate) return last;
      if (answer.kind === "done") budget.passed += 1;
      if (answer.kind !== "throttled" || !mayRetry(tries, answer.problem, begunAt)) return answer;
      if (patience.isBeyond(answer.problem)) return { ...answer, problem: impatient(answer.problem) };
      budget.retries += 1;
      last = answer;
    }
  };
  return { ...retriedReads(store, read), ...retriedWrites(store, write), close: () => store.close() };
}

/** Makes a read until it passes or is given up, with the problem that `givenUp` then makes an answer of. */
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

const tooLate: WriteAnswer = {
  kind: "throttled",
  problem: { message: "OSS throttled other calls until what was read had grown old" },
};

/** Between nothing and twice as long after each try (full jitter), and at least what OSS asked for. */
export function waitMs(tries: number, problem: ReadProblem, random: () => number): number {
  return Math.max(
    Math.min(problem.retryAfterMs ?? 0, maxAskedMs),
    random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)),
  );
}

/** What may be gone on the next try: no answer at all, or a server that failed. */
function isTransient({ status = 0 }: ReadProblem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
