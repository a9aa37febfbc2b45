/**
 * RAM users whom the UID of their account may cover. OSS does not document whether it does, and the UID of a RAM user does
 * not tell its account, so a question about a RAM user is asked in both cases.
 */

import equal from "fast-deep-equal";
import { memoizeWithin } from "../memoize.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { isAccountUid, isUserUid } from "../policy/principal.ts";
import type { Dependence, PointPosition } from "./interpretation-texts.ts";

/**
 * Returns a policy as it is if the UID of an account covers these principals where they are RAM users. Undefined if it is
 * the same policy, or if OSS was observed to take the UID for the account alone.
 */
export function policyIfCovered(
  policy: Policy | "none",
  { owner, observed }: Bucket,
  principals: readonly string[],
): Policy | undefined {
  const users = principals.filter((word) => isUserUid(word, owner));
  if (policy === "none" || users.length === 0) return undefined;
  if (observed?.get("accountUid")?.position === alone.position) return undefined;
  return withMembers(policy, owner, users);
}

const withMembers = memoizeWithin(
  (owner: string, users: readonly string[]) => [owner, ...users].join(" "),
  (policy: Policy, owner, users): Policy | undefined => {
    const namesAccount = ({ principal }: Statement) =>
      principal?.some((word) => isAccountUid(word, owner)) === true;
    if (!policy.statements.some(namesAccount)) return undefined;
    const statements = policy.statements.map((statement) =>
      namesAccount(statement)
        ? { ...statement, principal: [...new Set([...(statement.principal ?? []), ...users])] }
        : statement,
    );
    return { ...policy, statements };
  },
);

const alone: PointPosition = { name: "accountUid", position: "stands for itself" };
const covers: PointPosition = { name: "accountUid", position: "covers its RAM users" };

/** Returns the condition of a result that holds if the UID of an account stands for itself, and that condition is met. */
export function ifAlone(dependence: Dependence): Dependence {
  return withPosition(dependence, alone);
}

/** Returns the condition of a result that holds if the UID of an account covers its RAM users, and that condition is met. */
export function ifCovered(dependence: Dependence): Dependence {
  return withPosition(dependence, covers);
}

/** Returns true for a result that holds only if the UID of an account covers its RAM users. */
export function isOnlyIfCovered(dependence: Dependence): boolean {
  return (
    dependence.length > 0 && dependence.every((positions) => positions.some((one) => equal(one, covers)))
  );
}

function withPosition(dependence: Dependence, position: PointPosition): Dependence {
  return dependence.length === 0 ? [[position]] : dependence.map((positions) => [...positions, position]);
}
