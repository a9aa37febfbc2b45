import { refusal, type Diagnostic } from "../diagnostic.ts";
import { exceededLimits } from "../plan/limits.ts";
import { isWriting, type Plan } from "../plan/plan.ts";
import type { Prepared } from "./prepare.ts";

/** The plan, with every write of an account held back of which more would change than its limits allow. */
export function limitPlan(plan: Plan, { desired }: Prepared): Plan {
  const exceeded = exceededLimits(plan.changes, desired.buckets);
  if (exceeded.length === 0) return plan;
  const changes = plan.changes.map((change) => {
    const own = exceeded.find(({ account }) => account.uid === change.account);
    return own === undefined || !isWriting(change) || change.blocked
      ? change
      : { ...change, blocked: true, limit: own.message };
  });
  const findings = exceeded.map(({ account, message, key }): Diagnostic => ({
    ...refusal(
      "limit",
      `${message}: nothing of the account is written`,
      `if that is meant, \`${key}\` in ${account.file} allows it`,
    ),
    severity: "warning",
  }));
  return { ...plan, changes, diagnostics: [...plan.diagnostics, ...findings] };
}
