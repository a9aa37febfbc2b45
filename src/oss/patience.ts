import type { ReadProblem } from "../policy/live.ts";

/** Limit for all waits of a run together that OSS requests with Retry-After. */
export const maxRequestedMs = 60_000;
/** Shorter waits are not reported. */
const reportedFromMs = 1_000;

export interface PatienceOptions {
  readonly clock: { now(): number };
  /** Called when a wait that OSS requested begins, or becomes longer. */
  readonly onWaiting: (ms: number) => void;
}

/** Budget for the waits that a server can impose on a run. */
export interface Patience {
  /** Returns the wait that a problem requests, in milliseconds; 0 if it requests none or too much. */
  grant(problem: ReadProblem): number;
  /** Returns true if a problem requested more than is left: the call fails, because OSS would refuse it again. */
  isBeyond(problem: ReadProblem): boolean;
}

/** Opens the budget. Simultaneous waits count once: the budget is time of the run, not of its calls. */
export function openPatience({ clock, onWaiting }: PatienceOptions): Patience {
  const beyond = new WeakSet<ReadProblem>();
  let left = maxRequestedMs;
  let until = -Infinity;
  return {
    grant: (problem) => {
      const { retryAfterMs = 0 } = problem;
      const now = clock.now();
      const longer = Math.max(0, now + retryAfterMs - Math.max(now, until));
      if (longer > left) {
        beyond.add(problem);
        return 0;
      }
      left -= longer;
      until = Math.max(until, now + retryAfterMs);
      if (longer >= reportedFromMs) onWaiting(retryAfterMs);
      return retryAfterMs;
    },
    isBeyond: (problem) => beyond.has(problem),
  };
}

/** Returns the problem of a call that fails because its requested wait is too long. */
export function impatient(problem: ReadProblem): ReadProblem {
  const requested = Math.ceil((problem.retryAfterMs ?? 0) / 1_000);
  return {
    ...problem,
    message: `${problem.message}; OSS asks to wait ${requested} s, but a run waits at most ${maxRequestedMs / 1_000} s in all`,
    help: "run again later",
  };
}
