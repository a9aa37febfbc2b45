import type { Limits } from "../desired/account-file.ts";
import { refusal, type Diagnostic } from "../diagnostic.ts";
import type { LimitedAccount, Limiting } from "./limiting.ts";
import { isWriting, type AbandonedBucket, type Change, type Plan } from "./plan.ts";

/** What counts of a change, which may be one of a saved plan. */
export type CountedChange = Pick<Change, "account" | "action" | "blocked">;

/**
 * Returns the plan, with all writes of an account blocked if a limit of the account is exceeded by these changes: those
 * of the plan, or of the whole plan that it is a shard of.
 */
export function limitPlan(
  plan: Plan,
  { accounts, accepted, base }: Limiting,
  changes: readonly CountedChange[] = plan.changes,
): Plan {
  const counted: Counted = { changes, abandoned: plan.base?.abandoned ?? [] };
  const own = exceededLimits(counted, accounts);
  const known = new Set(own.map(({ message }) => message));
  const before = exceededLimits(counted, base?.accounts ?? []).filter(({ message }) => !known.has(message));
  const exceeded = [
    ...own.map((limit) => ({ ...limit, help: base === undefined ? fixOf(limit) : fixAtBase(limit) })),
    ...before.map((limit) => ({
      ...limit,
      message: `${limit.message}, at ${base?.word ?? ""}`,
      help: fixAtBase(limit),
    })),
  ];
  const isLifted = ({ account: { uid, name } }: ExceededLimit) =>
    accepted.some((text) => text === `limits@${uid}` || (name !== undefined && text === `limits@${name}`));
  const findings = exceeded.map((limit) => (isLifted(limit) ? liftedFinding(limit) : finding(limit)));
  const kept = exceeded.filter((limit) => !isLifted(limit));
  const diagnostics = [...plan.diagnostics, ...findings];
  if (kept.length === 0) return { ...plan, diagnostics };
  return {
    ...plan,
    changes: plan.changes.map((change) => {
      const limit = kept.find(({ account }) => account.uid === change.account);
      return limit === undefined || !isWriting(change) || change.blocked
        ? change
        : { ...change, blocked: true, limit: limit.message };
    }),
    limits: kept.map(({ account: { uid }, message }) => ({ account: uid, message })),
    diagnostics,
  };
}

function fixAtBase({ account, key }: ExceededLimit): string {
  return `if this is intended, raise it to \`${key}\` in ${account.file}, in a revision of its own: it applies from the next one on; for this run alone, \`--accept limits@${account.uid}\` lifts it`;
}

function fixOf({ account, key }: ExceededLimit): string {
  return `if this is intended, \`${key}\` in ${account.file} allows it, and \`--accept limits@${account.uid}\` does for this run alone`;
}

function finding({ message, account, help }: ExceededLimit & { readonly help: string }): Diagnostic {
  const refused = refusal("limit", `${message}: no bucket of the account is written`, help);
  return { ...refused, severity: "warning", account: account.uid };
}

function liftedFinding({ message, account }: ExceededLimit): Diagnostic {
  const text = `${message}: accepted for this run by \`--accept limits@${account.uid}\``;
  return { code: "limit", severity: "warning", message: text, account: account.uid };
}

/** Limit of an account that a plan exceeds. */
export interface ExceededLimit {
  readonly account: LimitedAccount;
  /** The count, and the limit. */
  readonly message: string;
  /** Key of account.yaml that would allow it, such as `limits: { delete: { count: 4 } }`. */
  readonly key: string;
}

export const limitKinds = ["change", "delete", "abandon"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** Maximum of one kind of change, in buckets or in percent of the buckets that have a file. */
export interface AccountLimit {
  readonly kind: LimitKind;
  readonly unit: "count" | "percent";
  readonly most: number;
  readonly isDefault: boolean;
}

/** Number of managed buckets from which the defaults apply: of fewer, one bucket is a large share. */
export const defaultsFrom = 10;
const defaultPercent: Readonly<Record<LimitKind, number>> = { change: 30, delete: 10, abandon: 10 };

const words: Readonly<Record<LimitKind, string>> = {
  change: "would be changed",
  delete: "would be left without a policy",
  abandon: "have lost their file",
};

/** Returns the limits of an account that has `managed` buckets with a file, with defaults. */
export function limitsOf({ limits }: { readonly limits: Limits }, managed: number): readonly AccountLimit[] {
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

/** Changes and buckets that count against the limits. */
interface Counted {
  readonly changes: readonly CountedChange[];
  readonly abandoned: readonly AbandonedBucket[];
}

/**
 * Returns the limits of these accounts that a plan exceeds. The first policy of a bucket and a change that
 * is already blocked do not count.
 */
function exceededLimits(counted: Counted, accounts: readonly LimitedAccount[]): readonly ExceededLimit[] {
  return accounts.flatMap((account) => {
    const writes = counted.changes.filter((change) => change.account === account.uid && !change.blocked);
    const deletes = writes.filter(({ action }) => action === "delete").length;
    const updates = writes.filter(({ action }) => action === "update").length;
    const abandoned = counted.abandoned.filter((bucket) => bucket.account === account.uid).length;
    const counts = { change: updates + deletes, delete: deletes, abandon: abandoned };
    const { managed, managedBefore } = account;
    return limitKinds.flatMap((kind) =>
      exceeded(account, kind, counts[kind], kind === "abandon" ? managedBefore : managed),
    );
  });
}

function exceeded(
  account: LimitedAccount,
  kind: LimitKind,
  count: number,
  total: number,
): readonly ExceededLimit[] {
  const share = (100 * count) / total;
  const of = `${count} of the ${total} buckets of account ${account.uid} ${words[kind]}`;
  return limitsOf(account, total)
    .filter((limit) => limit.kind === kind)
    .flatMap(({ unit, most, isDefault }) => {
      if (unit === "count")
        return count <= most
          ? []
          : [{ account, message: `${of}, but \`limits\` allows ${most}`, key: keyOf(kind, unit, count) }];
      if (100 * count <= most * total) return [];
      const standard = isDefault ? ", its default" : "";
      const message = `${of} (${percentText(share, most)} %), but \`limits\` allows ${most} %${standard}`;
      return [{ account, message, key: keyOf(kind, unit, Math.ceil(share)) }];
    });
}

/** Formats a share above a limit with the fewest decimals that show it above the limit. */
function percentText(share: number, most: number): string {
  const texts = [1, 2, 3, 4, 5].map((decimals) => String(Number(share.toFixed(decimals))));
  return texts.find((text) => Number(text) > most) ?? String(share);
}

function keyOf(kind: LimitKind, unit: AccountLimit["unit"], most: number): string {
  return `limits: { ${kind}: { ${unit}: ${most} } }`;
}
