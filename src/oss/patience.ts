import type { ReadProblem } from "../policy/live.ts";

/** What all waits that OSS asks for with Retry-After may take of a run together. */
export const maxAskedMs = 60_000;
/** Shorter waits are not worth a word. */
const saidFromMs = 1_000;

export interface PatienceOptions {
  readonly clock: { now(): number };
  /** Called when a wait that OSS asked for begins, or becomes longer. */
  readonly onWaiting: (ms: number) => void;
}

/** The waits that a server can impose on a run: bounded as a whole, and reported while they last. */
export interface Patience {
  /** Grants the wait that a problem asks for, in milliseconds; 0 where it asks for none or for too much. */
  grant(problem: ReadProblem): number;
  /** Whether a problem asked for more than is left: the call is given up, since OSS would refuse it again. */
  isBeyond(problem: ReadProblem): boolean;
}

/** Waits at the same time count once: what is spent is the time of the run, not that of its calls. */
export function openPatience({ clock, onWaiting }: PatienceOptions): Patience {
  const beyond = new WeakSet<ReadProblem>();
  let left = maxAskedMs;
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
      if (longer >= saidFromMs) onWaiting(retryAfterMs);
      return retryAfterMs;
    },
    isBeyond: (problem) => beyond.has(problem),
  };
}

/** The problem of a call that is given up for the wait that it asks for. */
export function impatient(problem: ReadProblem): ReadProblem {
  const asked = Math.ceil((problem.retryAfterMs ?? 0) / 1_000);
  return {
    ...problem,
    message: `${problem.message}; OSS asks to wait ${asked} s, and a run waits ${maxAskedMs / 1_000} s in all`,
    help: "run again later",
  };
}
