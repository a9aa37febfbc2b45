import PQueue from "p-queue";
import type { ReadProblem } from "../policy/live.ts";
import { impatient, mostAskedMs, openPatience, type Patience } from "./patience.ts";
import type { PolicyReader, PolicyStore, WriteAnswer } from "./store.ts";
import { isThrottled } from "./wire.ts";

export interface Pace {
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

const firstWaitMs = 100;
const longestWaitMs = 5_000;
const mostTries = 8;
/** No other try is begun then: where nothing answers at all, a try takes as long as its time-out. */
const mostTryingMs = 30_000;
/** Of a call that is throttled, which waits for its turn among all others. */
const mostThrottledTries = 40;
/**
 * Over a whole run, for each call that went through: where OSS is down, hundreds of buckets must not
 * each try for long.
 */
const mostRetriesPerPassed = 2;
const leastBudget = 100;
/** A throttled write is sent again for so long; beyond, what it is to overwrite must be read again. */
const freshForMs = 2_000;

/**
 * The store with retries and pacing. A read is tried again after a network error, 429 and 5xx; a write
 * only where it was throttled, which is before any effect: what became of another one is for a read to
 * find out. Waits are of full jitter and follow Retry-After, which may take
 * `mostAskedMs` of a run and no more. The number of calls under way is halved
 * where OSS throttles, and grows back by one each time that as many calls went through.
 */
export function paced(store: PolicyStore, pace: Pace): PolicyStore {
  const { clock, random, onWaiting = () => undefined } = pace;
  const patience = openPatience({ clock, onWaiting });
  const lane = openLane(pace, patience);
  const budget = { passed: 0, retries: 0 };
  const mayRetry = (tries: number, problem: ReadProblem, begunAt: number) =>
    budget.retries < leastBudget + mostRetriesPerPassed * budget.passed &&
    (isThrottled(problem)
      ? tries < mostThrottledTries
      : tries < mostTries && clock.now() - begunAt < mostTryingMs);

  const read: Retrying = async (call, problemOf, givenUp) => {
    const begunAt = clock.now();
    for (let tries = 1; ; tries += 1) {
      const answer = await lane.turn(reading, call, (done) => problemOf(done) ?? "passed");
      const problem = problemOf(answer);
      if (problem === undefined) budget.passed += 1;
      if (problem === undefined || !isPassing(problem) || !mayRetry(tries, problem, begunAt)) return answer;
      // The pause of the lane is the wait of a throttled call.
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
      const answer = await lane.turn(
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
    Math.min(problem.retryAfterMs ?? 0, mostAskedMs),
    random() * Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)),
  );
}

/** What may be gone on the next try: no answer at all, or a server that failed. */
function isPassing({ status = 0 }: ReadProblem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

/** A write goes before reads: the longer it waits, the older is the read that it rests on. */
const writing = 1;
const reading = 0;

interface Lane {
  turn<T>(priority: number, call: () => Promise<T>, toldBy: (answer: T) => CallResult): Promise<T>;
}

/** What an answer tells the lane: nothing where nothing was sent. */
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
function openLane({ concurrency, clock, random, onThrottled }: Pace, patience: Patience): Lane {
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
