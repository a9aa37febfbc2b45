import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Desired } from "../desired/desired.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import { isWriting, type AbandonedBucket, type Change, type Plan } from "./plan.ts";

/** The accounts whose limits a plan must keep, and the buckets that are counted. */
export interface Limiting {
  readonly accounts: readonly Account[];
  /** All buckets that have a file, whichever of them a run is about. */
  readonly managed: readonly DesiredBucket[];
  /** The revision that the plan is compared with; its limits apply too. */
  readonly base?: { readonly word: string; readonly desired: Desired };
}

/** The plan, with every write of an account blocked of which more would change than its limits allow. */
export function limitPlan(plan: Plan, { managed, accounts, base }: Limiting): Plan {
  const counted: Counted = {
    changes: plan.changes,
    managed,
    managedBefore: base?.desired.buckets ?? [],
    abandoned: plan.base?.abandoned ?? [],
  };
  const own = exceededLimits(counted, accounts);
  const known = new Set(own.map(({ message }) => message));
  // The limits of the base hold too, of the buckets that it had: a revision can neither raise what it
  // breaks, nor add files until its changes are few among them, nor remove some until no limit holds.
  const then = { ...counted, managed: managedBefore(counted) };
  const before = exceededLimits(then, base?.desired.accounts ?? []).filter(
    ({ message }) => !known.has(message),
  );
  const exceeded = [
    ...own,
    ...before.map((limit) => ({ ...limit, message: `${limit.message}, at ${base?.word ?? ""}` })),
  ];
  if (exceeded.length === 0) return plan;
  const changes = plan.changes.map((change) => {
    const limit = exceeded.find(({ account }) => account.uid === change.account);
    return limit === undefined || !isWriting(change) || change.blocked
      ? change
      : { ...change, blocked: true, limit: limit.message };
  });
  const findings = [
    ...own.map((limit) => finding(limit, mendOf(limit))),
    ...exceeded.slice(own.length).map((limit) => finding(limit, mendAtBase)),
  ];
  const limits = exceeded.map(({ message }) => message);
  return { ...plan, changes, limits, diagnostics: [...plan.diagnostics, ...findings] };
}

function managedBefore({ managed, managedBefore: before }: Counted): Counted["managed"] {
  const known = new Set(before.map(({ account }) => account.uid));
  return [...before, ...managed.filter(({ account }) => !known.has(account.uid))];
}

const mendAtBase = "a limit that a revision raises holds from the next one on: raise it in one of its own";

function mendOf({ account, key }: ExceededLimit): string {
  return `if that is meant, \`${key}\` in ${account.file} allows it`;
}

function finding({ message, account }: ExceededLimit, help: string): Diagnostic {
  const refused = refusal("limit", `${message}: nothing of the account is written`, help);
  return { ...refused, severity: "warning", account: account.uid };
}

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
export interface AccountLimit {
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
export function limitsOf({ limits }: Account, managed: number): readonly AccountLimit[] {
  return limitKinds.flatMap((kind): readonly AccountLimit[] => {
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
 * what is blocked already.
 */
function exceededLimits(counted: Counted, accounts: readonly Account[]): readonly ExceededLimit[] {
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

function keyOf(kind: LimitKind, unit: AccountLimit["unit"], most: number): string {
  return `limits: { ${kind}: { ${unit}: ${most} } }`;
}
