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

/** Statements whose Principal a caller meets, one mask for each interpretation. */
export type CallerMasks = readonly bigint[];

/** Returns the function from a caller to its masks. */
export function callerMasks({
  before,
  after,
  bucket,
  interpretations,
}: BothPolicies): (principal: string) => CallerMasks {
  const groups = principalGroups([...before, ...after]);
  return (principal) => {
    const request = { principal, action: someAction, resource: "a", context: secure };
    return interpretations.map((interpretation) =>
      groups.reduce(
        (mask, { alone, bits }) => (meets(alone, request, bucket, interpretation) ? mask | bits : mask),
        0n,
      ),
    );
  };
}

/** Statements that meet the same callers. */
interface PrincipalGroup {
  readonly alone: Statement;
  bits: bigint;
}

/** Groups statements with one list of principals: the members of a statement share its lists. */
function principalGroups(statements: readonly Statement[]): readonly PrincipalGroup[] {
  const groups = new Map<Statement["principal"], PrincipalGroup[]>();
  for (const [at, { effect, principal, condition }] of statements.entries()) {
    const bits = 1n << BigInt(at);
    // Whether there is a Condition decides about the owner.
    const kept = isEmpty(condition) ? condition : holdsAlways;
    const own = groups.get(principal) ?? [];
    const same = own.find(({ alone }) => alone.effect === effect && alone.condition === kept);
    if (same === undefined)
      own.push({
        alone: { effect, principal, action: [someAction], resource: ["*"], condition: kept, other: [] },
        bits,
      });
    else same.bits |= bits;
    groups.set(principal, own);
  }
  return [...groups.values()].flat();
}

/** Returns the masks of all that is known of a request beside its caller. */
export function knownMasks(request: PartialRequest, both: BothPolicies): ValueMasks {
  const isKnown = ({ key }: ConditionTest) => request.context.has(key ?? "") || request.isAbsent(key ?? "");
  const context = new Map([...secure, ...request.context]);
  const { actions, resource } = request;
  const meetsOf = (action: string, interpretation: Interpretation) => (statement: Statement) => {
    const { condition } = statement;
    const kept = isEmpty(condition) ? condition : [...(condition ?? []).filter(isKnown), ...holdsAlways];
    const one = { principal: "anonymous", action, resource: resource ?? anyKey, context };
    const own = resource === undefined ? onEveryObject(statement, both.bucket.name) : statement;
    return meets({ ...own, principal: ["anonymous"], condition: kept }, one, both.bucket, interpretation);
  };
  const statements = [...both.before, ...both.after];
  return both.interpretations.map((interpretation) =>
    actions.map((action) => {
      const meetsOne = meetsOf(action, interpretation);
      return statements.reduce(
        (mask, statement, at) => (meetsOne(statement) ? mask | (1n << BigInt(at)) : mask),
        0n,
      );
    }),
  );
}

/** Returns the masks of a request of this caller. A statement is met if all its parts are. */
export function ofCaller(known: ValueMasks, caller: CallerMasks): ValueMasks {
  return known.map((masks, at) => masks.map((mask) => mask & (caller[at] ?? 0n)));
}

/** Returns different masks of callers once each. */
export function distinctCallers(masks: readonly CallerMasks[]): readonly CallerMasks[] {
  return [...new Map(masks.map((one) => [one.join(), one])).values()];
}

const someAction = "oss:GetObject";
const secure: ReadonlyMap<string, string> = new Map([["acs:SecureTransport", "true"]]);

function isEmpty(condition: Statement["condition"]): boolean {
  return condition === null || condition.length === 0;
}

/** Returns the function from a value of a condition key, which a request does not say, to its masks; undefined if the key is not there. */
export function keyMasks(
  { actions, resource }: PartialRequest,
  key: string,
  { before, after, bucket, interpretations }: BothPolicies,
): (value: string | undefined) => ValueMasks {
  const { groups, untested } = testGroups([...before, ...after], key);
  return (value) => {
    const context = new Map(value === undefined ? [] : [[key, value]]);
    return interpretations.map((interpretation) =>
      actions.map((action) => {
        const one = { principal: "anonymous", action, resource: resource ?? anyKey, context };
        const everyone = { effect: "Allow", principal: ["*"], action: [action], resource: ["*"], other: [] };
        return groups.reduce(
          (mask, { condition, bits }) =>
            meets({ ...everyone, condition }, one, bucket, interpretation) ? mask | bits : mask,
          untested,
        );
      }),
    );
  };
}

/** Statements that test a key alike. */
interface TestGroup {
  readonly condition: readonly ConditionTest[];
  bits: bigint;
}

/** Groups statements by their tests of a key; `untested` are those without one. */
function testGroups(
  statements: readonly Statement[],
  key: string,
): { readonly groups: readonly TestGroup[]; readonly untested: bigint } {
  const groups = new Map<string, TestGroup>();
  let untested = 0n;
  for (const [at, { condition }] of statements.entries()) {
    const own = (condition ?? []).filter((test) => test.key === key);
    const bit = 1n << BigInt(at);
    if (own.length === 0) {
      untested |= bit;
      continue;
    }
    const name = JSON.stringify(own);
    const known = groups.get(name);
    if (known === undefined) groups.set(name, { condition: own, bits: bit });
    else known.bits |= bit;
  }
  return { groups: [...groups.values()], untested };
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
