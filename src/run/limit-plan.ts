import { refusal, type Diagnostic } from "../diagnostic.ts";
import { exceededLimits, type Counted, type ExceededLimit } from "../plan/limits.ts";
import { isWriting, type Plan } from "../plan/plan.ts";
import type { Prepared } from "./prepare.ts";

/** The plan, with every write of an account held back of which more would change than its limits allow. */
export function limitPlan(plan: Plan, { desired, base }: Pick<Prepared, "desired" | "base">): Plan {
  const counted: Counted = {
    changes: plan.changes,
    managed: desired.buckets,
    managedBefore: base?.desired.buckets ?? [],
    abandoned: plan.base?.abandoned ?? [],
  };
  const own = exceededLimits(counted, desired.accounts);
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
