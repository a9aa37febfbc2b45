/** Statements that a request meets, part by part, as bit masks: bit n is set if the part meets statement n. */

import type { Bucket } from "../policy/bucket.ts";
import type { ConditionTest, Policy, Statement } from "../policy/policy.ts";
import { evaluate } from "./evaluate.ts";
import { anyKey, onEveryObject } from "./every-object.ts";
import type { Decision, Interpretation, Request } from "./request.ts";
import { holdsAlways } from "./unsupported.ts";

/** Request as far as it is known. A condition key that is neither in `context` nor absent may have any value. */
export interface PartialRequest {
  /** Callers of whom it is one; undefined for any session of any role. */
  readonly principal: string | undefined;
  /** Actions that it needs, all of them. */
  readonly actions: readonly string[];
  /** Key; empty for the bucket, undefined for some object whose key is unknown. */
  readonly resource: string | undefined;
  readonly context: ReadonlyMap<string, string>;
  readonly isAbsent: (key: string) => boolean;
}

/** Statements of both policies. */
export interface BothPolicies {
  readonly before: readonly Statement[];
  readonly after: readonly Statement[];
  readonly bucket: Bucket;
  readonly interpretations: readonly Interpretation[];
}

/** Masks of one value, for each interpretation and each action: `masks[interpretation][action]`. */
export type ValueMasks = readonly (readonly bigint[])[];

/** Returns the masks of all that is known of a request, with one of the callers that it may have. */
export function knownMasks(request: PartialRequest, principal: string, both: BothPolicies): ValueMasks {
  const isKnown = ({ key }: ConditionTest) => request.context.has(key ?? "") || request.isAbsent(key ?? "");
  const context = new Map([["acs:SecureTransport", "true"], ...request.context]);
  return masksOf(request, both, (statement, action, interpretation) => {
    const { condition } = statement;
    // A Condition decides about the owner, so one that holds takes the place of what is left out.
    const isEmpty = condition === null || condition.length === 0;
    const kept = isEmpty ? condition : [...condition.filter(isKnown), ...holdsAlways];
    const one = { principal, action, resource: request.resource ?? anyKey, context };
    const own = request.resource === undefined ? onEveryObject(statement, both.bucket.name) : statement;
    return meets({ ...own, condition: kept }, one, both.bucket, interpretation);
  });
}

/** Returns the masks of one value of a condition key that a request does not say; undefined if the key is not there. */
export function keyMasks(
  request: PartialRequest,
  key: string,
  value: string | undefined,
  both: BothPolicies,
): ValueMasks {
  const context = new Map(value === undefined ? [] : [[key, value]]);
  return masksOf(request, both, ({ condition }, action, interpretation) => {
    const own = (condition ?? []).filter((test) => test.key === key);
    if (own.length === 0) return true;
    const everyone = { effect: "Allow", principal: ["*"], action: [action], resource: ["*"], other: [] };
    const one = { principal: "anonymous", action, resource: request.resource ?? anyKey, context };
    return meets({ ...everyone, condition: own }, one, both.bucket, interpretation);
  });
}

function masksOf(
  { actions }: PartialRequest,
  { before, after, interpretations }: BothPolicies,
  holds: (statement: Statement, action: string, interpretation: Interpretation) => boolean,
): ValueMasks {
  const statements = [...before, ...after];
  return interpretations.map((interpretation) =>
    actions.map((action) =>
      statements.reduce(
        (mask, statement, at) =>
          holds(statement, action, interpretation) ? mask | (1n << BigInt(at)) : mask,
        0n,
      ),
    ),
  );
}

function meets(
  statement: Statement,
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): boolean {
  // The Effect counts too: a Deny that names the owner may spare it.
  const policy: Policy = { version: "1", statements: [statement], other: [] };
  return evaluate(policy, request, bucket, interpretation).decision !== "none";
}

/** Statements of each policy by effect, the old policy first. */
export type StatementGroups = readonly [StatementGroup, StatementGroup];

interface StatementGroup {
  readonly deny: bigint;
  readonly allow: bigint;
}

export function groupsOf({ before, after }: BothPolicies): StatementGroups {
  const maskOf = (statements: readonly Statement[], effect: string, from: number) =>
    statements.reduce(
      (mask, one, at) => (one.effect === effect ? mask | (1n << BigInt(at + from)) : mask),
      0n,
    );
  return [
    { deny: maskOf(before, "Deny", 0), allow: maskOf(before, "Allow", 0) },
    { deny: maskOf(after, "Deny", before.length), allow: maskOf(after, "Allow", before.length) },
  ];
}

/** Function from the statements that each action of a request meets to the decisions of both policies. */
export function decisionsOf(both: BothPolicies): (met: readonly bigint[]) => {
  readonly before: Decision;
  readonly after: Decision;
} {
  const [first, second] = groupsOf(both);
  return (met) => ({ before: decisionOf(met, first), after: decisionOf(met, second) });
}

/** Decides a request that needs several actions: one Deny denies it, and only Allows for all of them allow it. */
function decisionOf(met: readonly bigint[], { deny, allow }: StatementGroup): Decision {
  if (met.some((mask) => (mask & deny) !== 0n)) return "deny";
  return met.every((mask) => (mask & allow) !== 0n) ? "allow" : "none";
}
