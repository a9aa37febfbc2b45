import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { isWriting, type Change } from "./plan.ts";

/** An account of which more would change than its limits allow. */
export interface ExceededLimit {
  readonly account: Account;
  /** How much it is, and how much may be. */
  readonly message: string;
  /** The key of account.yaml that would allow it, such as `limits: { delete: { count: 4 } }`. */
  readonly key: string;
}

type Kind = "change" | "delete";

/** They hold from this many managed buckets on: of few buckets, one is many percent. */
const defaultsFrom = 10;
const defaultPercent: Readonly<Record<Kind, number>> = { change: 30, delete: 10 };

const words: Readonly<Record<Kind, string>> = { change: "changed", delete: "left without a policy" };

/**
 * The limits that a plan breaks, of all accounts. A first policy of a bucket does not count, nor does
 * what is held back already; managed are all buckets of the account that have a file, whichever of
 * them this run was asked about.
 */
export function exceededLimits(
  changes: readonly Change[],
  managed: readonly DesiredBucket[],
): readonly ExceededLimit[] {
  const accounts = new Map(managed.map(({ account }) => [account.uid, account]));
  return [...accounts.values()].flatMap((account) => {
    const total = managed.filter((bucket) => bucket.account.uid === account.uid).length;
    const counted = changes.filter(
      (change) => change.account === account.uid && isWriting(change) && !change.blocked,
    );
    const deletes = counted.filter(({ action }) => action === "delete").length;
    const updates = counted.filter(({ action }) => action === "update").length;
    return [
      ...exceeded(account, "change", updates + deletes, total),
      ...exceeded(account, "delete", deletes, total),
    ];
  });
}

function exceeded(account: Account, kind: Kind, count: number, total: number): readonly ExceededLimit[] {
  const own = account.limits[kind];
  const least = total >= defaultsFrom ? defaultPercent[kind] : undefined;
  const percent = own?.percent ?? (own?.count === undefined ? least : undefined);
  const found: ExceededLimit[] = [];
  const share = Math.ceil((100 * count) / total);
  const of = `${count} of the ${total} buckets of account ${account.uid} would be ${words[kind]}`;
  if (own?.count !== undefined && count > own.count)
    found.push({
      account,
      message: `${of}, and \`limits\` allows ${own.count}`,
      key: `limits: { ${kind}: { count: ${count} } }`,
    });
  if (percent !== undefined && 100 * count > percent * total)
    found.push({
      account,
      message: `${of} (${share} %), and \`limits\` allows ${percent} %${own?.percent === undefined ? ", its default" : ""}`,
      key: `limits: { ${kind}: { percent: ${share} } }`,
    });
  return found;
}
