/** Reason for a reconcile. */
export type ReconcileReason = "start" | "interval" | "retry" | "signal" | "head";

/** A reconcile that is due. */
export interface Due {
  readonly reason: ReconcileReason;
  /** UID of the one account that is tried again; absent for a reconcile of everything. */
  readonly account?: string;
}

/** Result of a reconcile, as far as the next one depends on it. */
export interface Ended {
  readonly now: number;
  /** UIDs of the accounts that a bucket could not be read or written in; `everything` where there was no plan. */
  readonly failed: readonly string[] | "everything";
}

/** When the next reconcile is due, on a clock that never jumps. */
export interface Schedule {
  /** Returns what is due now; undefined for nothing. */
  due(now: number): Due | undefined;
  /** Counts the end of a reconcile. */
  ended(due: Due, result: Ended): void;
}

/** Intervals vary by this share, so that many services do not call at the same time. */
const jitter = 0.1;
const firstRetryMs = 5_000;

interface Retry {
  readonly failures: number;
  /** Infinity once the wait would be as long as the interval: the next reconcile of everything tries it again. */
  readonly at: number;
}

/** Key of a retry of everything. */
const everything = "";

/** Opens a schedule: an interval with jitter, and retries by account with exponential back-off and full jitter. */
export function openSchedule(intervalMs: number, random: () => number): Schedule {
  let nextAt = -Infinity;
  let isStarted = false;
  const retries = new Map<string, Retry>();
  const retryAfter = (failures: number, now: number) => {
    const most = firstRetryMs * 2 ** (failures - 1);
    return { failures, at: most < intervalMs ? now + most * random() : Infinity };
  };
  return {
    due: (now) => {
      if (now >= nextAt) return { reason: isStarted ? "interval" : "start" };
      const [account] = [...retries].find(([, { at }]) => now >= at) ?? [];
      if (account === undefined) return undefined;
      return account === everything ? { reason: "retry" } : { reason: "retry", account };
    },
    ended: ({ account }, { now, failed }) => {
      isStarted = true;
      const covered = account === undefined ? [...retries.keys()] : [account];
      const names = failed === "everything" ? [account ?? everything] : failed;
      const counts = new Map(names.map((name) => [name, (retries.get(name)?.failures ?? 0) + 1]));
      for (const name of covered) retries.delete(name);
      for (const [name, failures] of counts) retries.set(name, retryAfter(failures, now));
      if (account === undefined) nextAt = now + intervalMs * (1 - jitter + 2 * jitter * random());
    },
  };
}
