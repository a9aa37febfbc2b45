import type { Budget } from "../access/budget.ts";
import { prove, requestSetOf, type Proof } from "../access/query.ts";
import type { Account } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Operator } from "../desired/guards.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { memoizeWithin } from "../memoize.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { ownerAside, problemOf, questionError, type QueryProblem } from "./expectations.ts";
import { bucketOf } from "../desired/desired-policy.ts";

/** Operator who must be able to change the policy, but is not proved to be able to. */
export interface Lockout {
  /** Also `everyone else` or `every role`, where the account names no operators. */
  readonly operator: string;
  readonly answer: Exclude<Proof, { readonly kind: "proved" }>;
}

const policyCalls = ["oss:GetBucketPolicy", "oss:PutBucketPolicy", "oss:DeleteBucketPolicy"];

/**
 * Returns the operators of the account, and the owner, that are not proved to keep the calls on the policy: over
 * TLS, with their `with`, for every value of the other keys.
 */
export function lockoutsOf(
  policy: Policy | "none",
  bucket: DesiredBucket,
  budget?: Budget,
): readonly Lockout[] {
  const { operators } = bucket.account;
  const hasOwner = operators.some(({ principal }) => principal === "owner");
  const all: readonly Operator[] = hasOwner
    ? operators
    : [...operators, { principal: "owner", context: new Map() }];
  const named = all.flatMap((one): readonly Lockout[] => {
    const { principal, context } = one;
    const problem = problemsOf(bucket.account, bucket).get(one);
    if (problem !== undefined)
      return [{ operator: principal, answer: { kind: "undecided", cause: problem.message } }];
    const given = new Map([["acs:SecureTransport", "true"], ...context]);
    const scene = requestSetOf([principal], policyCalls, [`acs:oss:*:*:${bucket.bucket}`], given);
    const answer = prove(policy, bucketOf(bucket), scene, "not denied", [], budget);
    return answer.kind === "proved" ? [] : [{ operator: principal, answer }];
  });
  const hasOthers = operators.some(({ principal }) => principal !== "owner");
  return hasOthers ? named : [...named, ...closedToOthers(policy, bucket, budget)];
}

/** Operator that stands for all callers but the owner. */
export const everyoneElse = "everyone else";
/** Operator that stands for all role sessions of the account. */
export const everyRole = "every role";

/**
 * Finds that no caller but the owner, or no role of the account, can still read, write or delete the policy. A run is
 * most likely another caller than the owner, and in CI mostly a role.
 */
function closedToOthers(
  policy: Policy | "none",
  bucket: DesiredBucket,
  budget: Budget | undefined,
): readonly Lockout[] {
  const mayClose = ({ effect, principal }: Statement) =>
    effect === "Deny" && principal?.some((word) => word === "*" || word.startsWith("arn:")) === true;
  if (policy === "none" || !policy.statements.some(mayClose)) return [];
  const given = new Map([["acs:SecureTransport", "true"]]);
  const groups = [
    [everyoneElse, "*"],
    [everyRole, `arn:sts::${bucket.account.uid}:assumed-role/*/*`],
  ] as const;
  return groups
    .flatMap(([operator, principal]) =>
      policyCalls.flatMap((call): readonly Lockout[] => {
        const scene = requestSetOf([principal], [call], [`acs:oss:*:*:${bucket.bucket}`], given);
        const aside = ownerAside(scene);
        if (prove(policy, bucketOf(bucket), scene, "denied", aside, budget).kind !== "proved") return [];
        const answer = prove(policy, bucketOf(bucket), scene, "not denied", aside, budget);
        return answer.kind === "proved" ? [] : [{ operator, answer }];
      }),
    )
    .slice(0, 1);
}

/** Reports operators that are not valid callers: nothing would be proved for them. */
export function operatorFindings(bucket: DesiredBucket): readonly Diagnostic[] {
  return bucket.account.operators.flatMap((operator): readonly Diagnostic[] => {
    const problem = problemsOf(bucket.account, bucket).get(operator);
    if (problem === undefined || operator.span === undefined) return [];
    return [questionError(problem, operator.span, operator.places)];
  });
}

const anonymousOperator: QueryProblem = {
  at: "who",
  message: "an anonymous caller cannot be an operator: no one can change a policy without a signature",
  help: "name a UID, a role session's ARN, or a name from `identities`",
};

/** Returns the problem of each operator of an account. It is the same in each of its buckets. */
const problemsOf = memoizeWithin(
  ({ account }: DesiredBucket) => account.uid,
  ({ operators }: Account, bucket: DesiredBucket) =>
    new Map(
      operators.map((one) => {
        const { principal, context } = one;
        if (principal === "anonymous") return [one, anonymousOperator];
        return [one, problemOf({ principal, actions: policyCalls, to: undefined, context }, bucket)];
      }),
    ),
);
