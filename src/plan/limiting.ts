import type { Limits } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";

/** Account with its limits, and the numbers of its buckets that they are a share of. */
export interface LimitedAccount {
  readonly uid: string;
  readonly name?: string;
  /** Its account.yaml. */
  readonly file: string;
  readonly limits: Limits;
  /** Number of all buckets that have a file, also those that the run does not select. */
  readonly managed: number;
  /** Number of the buckets that had a file at the base. */
  readonly managedBefore: number;
}

export type NamedAccount = Pick<LimitedAccount, "uid" | "name">;

/** Accounts whose limits apply to a plan; data only, so that the plan of a shard can carry it to `merge`. */
export interface Limiting {
  readonly accounts: readonly LimitedAccount[];
  /** Consents of this run; `limits@ACCOUNT` lifts the limits of an account, by UID or name. */
  readonly accepted: readonly string[];
  /** Base revision of the plan; its limits apply too. */
  readonly base?: { readonly word: string; readonly accounts: readonly LimitedAccount[] };
}

/** Trees of a plan, and its consents. */
interface LimitedTrees extends Pick<Limiting, "accepted"> {
  readonly desired: Pick<Desired, "accounts" | "buckets">;
  readonly base?: { readonly word: string; readonly desired: Desired } | undefined;
}

/** Counts the buckets of each account, at the base too. */
export function limitingOf({ desired, accepted, base }: LimitedTrees): Limiting {
  const [now, before] = [desired, base?.desired].map((tree) => countsOf(tree?.buckets ?? []));
  const limited = (tree: Pick<Desired, "accounts">, managed: (uid: string) => number) =>
    tree.accounts.map(({ uid, name, file, limits }): LimitedAccount => ({
      uid,
      ...(name === undefined ? {} : { name }),
      file,
      limits,
      managed: managed(uid),
      managedBefore: before?.get(uid) ?? 0,
    }));
  const managedNow = (uid: string) => now?.get(uid) ?? 0;
  const accounts = limited(desired, managedNow);
  if (base === undefined) return { accounts, accepted };
  // The limits of the base apply too, to the buckets that it had. Otherwise a revision could raise a limit
  // that it breaks, or add or remove files until no limit applies.
  const managedThen = (uid: string) => before?.get(uid) ?? managedNow(uid);
  return { accounts, accepted, base: { word: base.word, accounts: limited(base.desired, managedThen) } };
}

/** Returns the accounts of a tree for its plan, if there are several. */
export function accountsOf({ accounts }: Pick<Desired, "accounts">): {
  readonly accounts?: readonly NamedAccount[];
} {
  if (accounts.length < 2) return {};
  return { accounts: accounts.map(({ uid, name }) => ({ uid, ...(name === undefined ? {} : { name }) })) };
}

function countsOf(buckets: readonly DesiredBucket[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { account } of buckets) counts.set(account.uid, (counts.get(account.uid) ?? 0) + 1);
  return counts;
}
