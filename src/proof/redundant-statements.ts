import { Budget, limits } from "../access/budget.ts";
import { isProvedEqual } from "../access/difference.ts";
import { evaluate } from "../access/evaluate.ts";
import { namelessText } from "../access/nameless.ts";
import { guessesFor } from "./guess-requests.ts";
import { unsupported } from "../access/unsupported.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { memoizeBy } from "../memoize.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { bucketOf, desiredPolicy, spansOf } from "../desired/desired-policy.ts";

/** Limit of statements: each costs a comparison of its own. */
const maxStatements = 60;

/**
 * Reports the statements that no request matches, and those without which the policy decides the same. Both
 * are proved under every documented interpretation.
 */
export function idleStatements(bucket: DesiredBucket): readonly Diagnostic[] {
  const policy = desiredPolicy(bucket);
  if (policy === "none" || policy.statements.length > maxStatements) return [];
  if (unsupported(policy).length > 0) return [];
  return idleKinds(policy, bucketOf(bucket)).flatMap((found, index): readonly Diagnostic[] => {
    const span = spansOf(bucket, [index])[0];
    if (found === undefined || span === undefined) return [];
    if (found.kind === "never")
      return [
        {
          code: "never-matches",
          severity: "warning",
          message: "no request can match this statement",
          span,
          help: "correct what keeps it from matching, or remove it",
        },
      ];
    const related = spansOf(bucket, found.shadowing).map((at) => ({
      message: "shadowed here",
      span: at,
    }));
    return [
      {
        code: "changes-nothing",
        severity: "note",
        message: "without this statement the policy decides the same (proved)",
        span,
        help: "remove it, unless it documents something for readers",
        related,
      },
    ];
  });
}

type Idle = { readonly kind: "never" } | { readonly kind: "shadowed"; readonly shadowing: readonly number[] };

/** Policies whose answers are kept. */
const maxPolicies = 200;

/** Returns of each statement how it is idle, if it is. Memoized for all buckets that differ in nothing but their name. */
const idleKinds = memoizeBy(
  (policy: Policy, bucket: Bucket) => namelessText([policy], bucket),
  (policy, bucket): readonly (Idle | undefined)[] => {
    const budget = new Budget(limits.policyHintSteps);
    return policy.statements.map((statement, index) =>
      decidesAlone(policy, statement, index, bucket) ? undefined : idleKind(policy, index, bucket, budget),
    );
  },
  maxPolicies,
);

/** Returns true if a guessed request is decided by this statement alone: no proof is needed then. */
function decidesAlone(policy: Policy, statement: Statement, index: number, bucket: Bucket): boolean {
  return guessesFor(statement, bucket).some((request) => {
    const { deciding } = evaluate(policy, request, bucket);
    return deciding.length === 1 && deciding[0] === index;
  });
}

function idleKind(policy: Policy, index: number, bucket: Bucket, budget: Budget): Idle | undefined {
  const isEqual = (before: Policy, after: Policy) => isProvedEqual(before, after, bucket, budget);
  const only = (indices: readonly number[]) => pick(policy, (at) => indices.includes(at));
  const without = pick(policy, (at) => at !== index);
  if (isEqual(only([]), only([index]))) return { kind: "never" };
  if (!isEqual(policy, without)) return undefined;
  const others = policy.statements.map((_, at) => at).filter((at) => at !== index);
  const single = others.find((at) => isEqual(only([at]), only([at, index])));
  return { kind: "shadowed", shadowing: single === undefined ? [] : [single] };
}

function pick(policy: Policy, isMeant: (index: number) => boolean): Policy {
  return { ...policy, statements: policy.statements.filter((_, index) => isMeant(index)) };
}
