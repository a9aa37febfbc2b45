import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { isWriting, type AbandonedBucket, type Change } from "./plan.ts";

/** An account of which more would change than its limits allow. */
export interface ExceededLimit {
  readonly account: Account;
  /** How much it is, and how much may be. */
  readonly message: string;
  /** The key of account.yaml that would allow it, such as `limits: { delete: { count: 4 } }`. */
  readonly key: string;
}

export const limitKinds = ["change", "delete", "abandon"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** How much of something may be, in buckets or in percent of those that have a file. */
export interface Limit {
  readonly kind: LimitKind;
  readonly unit: "count" | "percent";
  readonly most: number;
  readonly isDefault: boolean;
}

/** They hold from this many managed buckets on: of few buckets, one is many percent. */
export const defaultsFrom = 10;
const defaultPercent: Readonly<Record<LimitKind, number>> = { change: 30, delete: 10, abandon: 10 };

const words: Readonly<Record<LimitKind, string>> = {
  change: "would be changed",
  delete: "would be left without a policy",
  abandon: "have lost their file",
};

/** The limits of an account that has so many buckets with a file. */
export function limitsOf({ limits }: Account, managed: number): readonly Limit[] {
  return limitKinds.flatMap((kind): readonly Limit[] => {
    const own = limits[kind];
    const written = (["count", "percent"] as const).flatMap((unit) => {
      const most = own?.[unit];
      return most === undefined ? [] : [{ kind, unit, most, isDefault: false }];
    });
    if (written.length > 0 || managed < defaultsFrom) return written;
    return [{ kind, unit: "percent", most: defaultPercent[kind], isDefault: true }];
  });
}

/** What is counted against the limits. */
export interface Counted {
  readonly changes: readonly Change[];
  /** All buckets that have a file, whichever of them a run was asked about. */
  readonly managed: readonly DesiredBucket[];
  /** Those that had one at the base; without a base, none. */
  readonly managedBefore: readonly DesiredBucket[];
  readonly abandoned: readonly AbandonedBucket[];
}

/**
 * The limits of these accounts that a plan breaks. A first policy of a bucket does not count, nor does
 * what is held back already.
 */
export function exceededLimits(counted: Counted, accounts: readonly Account[]): readonly ExceededLimit[] {
  return accounts.flatMap((account) => {
    const ofAccount = (buckets: readonly DesiredBucket[]) =>
      buckets.filter((bucket) => bucket.account.uid === account.uid).length;
    const writes = counted.changes.filter(
      (change) => change.account === account.uid && isWriting(change) && !change.blocked,
    );
    const deletes = writes.filter(({ action }) => action === "delete").length;
    const updates = writes.filter(({ action }) => action === "update").length;
    const abandoned = counted.abandoned.filter((bucket) => bucket.account === account.uid).length;
    const counts = { change: updates + deletes, delete: deletes, abandon: abandoned };
    const [now, before] = [ofAccount(counted.managed), ofAccount(counted.managedBefore)];
    return limitKinds.flatMap((kind) =>
      exceeded(account, kind, counts[kind], kind === "abandon" ? before : now),
    );
  });
}

function exceeded(account: Account, kind: LimitKind, count: number, total: number): readonly ExceededLimit[] {
  const share = (100 * count) / total;
  const of = `${count} of the ${total} buckets of account ${account.uid} ${words[kind]}`;
  return limitsOf(account, total)
    .filter((limit) => limit.kind === kind)
    .flatMap(({ unit, most, isDefault }) => {
      if (unit === "count")
        return count <= most
          ? []
          : [{ account, message: `${of}, and \`limits\` allows ${most}`, key: keyOf(kind, unit, count) }];
      if (100 * count <= most * total) return [];
      const standard = isDefault ? ", its default" : "";
      const message = `${of} (${percentText(share, most)} %), and \`limits\` allows ${most} %${standard}`;
      return [{ account, message, key: keyOf(kind, unit, Math.ceil(share)) }];
    });
}

/** A share beyond a limit, with as many decimals as it takes to read more than the limit. */
function percentText(share: number, most: number): string {
  const texts = [1, 2, 3, 4, 5].map((decimals) => String(Number(share.toFixed(decimals))));
  return texts.find((text) => Number(text) > most) ?? String(share);
}

function keyOf(kind: LimitKind, unit: Limit["unit"], most: number): string {
  return `limits: { ${kind}: { ${unit}: ${most} } }`;
}
