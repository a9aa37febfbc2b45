import type { Io } from "../../run/io.ts";
import { exitCodeOf } from "../../run/exit.ts";
import { statusesAfter, statusesUnknown, type Statuses } from "./bucket-status.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { openNewsLog, writesOf } from "./news.ts";
import type { Reconciled } from "./reconcile.ts";
import type { Due, Ended } from "./schedule.ts";

/** What a service knows from its reconciles. It is in memory only: a new process finds it out again. */
export interface Watched {
  /** Takes in the result of a reconcile: metrics and log. Returns the accounts that failed. */
  reconciled(one: {
    readonly due: Due;
    readonly result: Reconciled;
    readonly seconds: number;
  }): Ended["failed"];
  /** Time of the last success, on the clock of the run; undefined before the first. */
  lastSuccessAt(): number | undefined;
}

export function openWatched(metrics: Metrics, log: Log, { clock, wallTime }: Io): Watched {
  const news = openNewsLog(log);
  let statuses: Statuses = new Map();
  let accounts: readonly string[] = [];
  let failing: ReadonlySet<string> = new Set();
  let isTreeBroken = false;
  let lastSuccessAt: number | undefined;
  return {
    lastSuccessAt: () => lastSuccessAt,
    reconciled: ({ due, result, seconds }) => {
      const { plan, outcomes } = result;
      const { account } = due;
      const before = statuses;
      statuses =
        plan === undefined
          ? statusesUnknown(before, account)
          : statusesAfter(plan, outcomes, { before, account });
      if (plan !== undefined && account === undefined) accounts = result.accounts;
      const failed = plan === undefined ? "everything" : failedAccounts(result, statuses);
      const own = failed === "everything" ? [account ?? "everything"] : failed;
      const others = account === undefined ? [] : [...failing].filter((one) => one !== account);
      failing = new Set([...others, ...own]);
      if (account === undefined) isTreeBroken = isBroken(result);
      const isSuccess = exitCodeOf(result.endings) !== 1 && failing.size === 0 && !isTreeBroken;
      if (isSuccess) lastSuccessAt = clock.now();
      const writes = writesOf(result).map(({ bucket, result: outcome }) => ({
        account: statuses.get(bucket)?.account ?? "",
        result: outcome,
      }));
      metrics.reconciled({ seconds, isSuccess, accounts, statuses, writes }, wallTime());
      news.log({ due, result, before, after: statuses, seconds });
      return failed;
    },
  };
}

/** Returns true for a failure that is of no bucket with a file: a later reconcile of one account does not end it. */
function isBroken({ plan, findings }: Reconciled): boolean {
  const isUnread = plan?.unmanaged.some(({ state }) => state === "unreadable") ?? false;
  return isUnread || findings.some(({ severity }) => severity === "error");
}

/** Returns the accounts of which a bucket could not be read, or a write failed. */
function failedAccounts(result: Reconciled, statuses: Statuses): readonly string[] {
  const broken = new Set(
    writesOf(result).flatMap(({ bucket, result: outcome }) => (outcome === "failed" ? [bucket] : [])),
  );
  const accounts = [...statuses.values()]
    .filter(({ account, bucket, state }) => {
      return result.accounts.includes(account) && (state === "unreadable" || broken.has(bucket));
    })
    .map(({ account }) => account);
  return [...new Set(accounts)];
}
