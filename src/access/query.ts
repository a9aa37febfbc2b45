import { memoizeWithin } from "../memoize.ts";
import { canonicalStatement, type Policy, type Statement } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { comparisonOf, mayDiffer, type IsWanted, type Slices } from "./engine/diagram.ts";
import { ifAlone, ifCovered, policyIfCovered } from "./account-members.ts";
import { evaluate } from "./evaluate.ts";
import { findConditionKey } from "../policy/conditions.ts";
import { dependenceWhere, forEachInterpretation } from "./interpretations.ts";
import { observedIn, type Dependence, type PointPosition } from "./interpretation-texts.ts";
import { findWitness } from "./engine/witness.ts";
import type { Decision, Interpretation, Request } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";
import { decidedOnce } from "./nameless.ts";
import { partNear } from "./engine/slice.ts";
import { boundsOf, unsupported, unsupportedText } from "./unsupported.ts";

/**
 * Set of requests in the form of a statement. The principals may include `anonymous` and `owner`; the
 * Effect is ignored.
 */
export type RequestSet = Statement;

/** Property that all requests of a set must have. */
export type Property = "allowed" | "not allowed" | "denied" | "not denied";

export type Proof =
  /** All requests of the set have the property under every interpretation that agrees with what was observed. */
  | {
      readonly kind: "proved";
      /** Observed positions without which it would not be proved; absent if there are none. */
      readonly observed?: readonly PointPosition[];
    }
  | {
      readonly kind: "broken";
      readonly witness: Request;
      readonly decision: Decision;
      /** Indices of the statements that decide on the witness. */
      readonly deciding: readonly number[];
      /** Condition on the interpretation under which it is broken. */
      readonly dependsOn: Dependence;
    }
  | { readonly kind: "undecided"; readonly cause: string };

/** Builds a request set. Condition keys that `context` omits may have any value. */
export function requestSetOf(
  principals: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
  context: ReadonlyMap<string, string>,
): RequestSet {
  const tests = new Map<string, Map<string, string[]>>();
  for (const [key, value] of context) {
    const operator = equalOperators[findConditionKey(key)?.family ?? "String"];
    tests.set(operator, (tests.get(operator) ?? new Map<string, string[]>()).set(key, [value]));
  }
  const condition = Object.fromEntries([...tests].map(([name, keys]) => [name, Object.fromEntries(keys)]));
  return canonicalStatement({
    Effect: "Deny",
    Principal: principals,
    Action: actions,
    Resource: resources,
    ...(tests.size === 0 ? {} : { Condition: condition }),
  });
}

const equalOperators = {
  String: "StringEquals",
  Numeric: "NumericEquals",
  Date: "DateEquals",
  Bool: "Bool",
  Ip: "IpAddress",
} as const;

/**
 * Proves that all requests of `scene` except `excepted` have the property `demand`, or returns a witness. A
 * statement without a known meaning makes it undecided only if it could change the answer. A RAM user may be one of an
 * account whose UID is a principal: what differs then depends on it.
 */
export function prove(
  policy: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  demand: Property,
  excepted: readonly RequestSet[] = [],
  budget = new Budget(limits.questionSteps),
): Proof {
  const answerFor = (one: Policy | "none") =>
    decideOnce(
      { policies: [one, policyWith("none", [scene, ...excepted])], bucket, kind: demand },
      budget,
      () => proveOf(one, bucket, scene, demand, excepted, budget),
    );
  const answer = answerFor(policy);
  const covered = policyIfCovered(policy, bucket, scene.principal ?? []);
  return covered === undefined ? answer : inBothCases(answer, answerFor(covered));
}

/** Joins the answers for the UID of an account as the account alone, and as one that covers its RAM users. */
function inBothCases(alone: Proof, covered: Proof): Proof {
  if (alone.kind === "undecided") return alone;
  if (alone.kind === "proved")
    return covered.kind === "broken"
      ? { ...covered, dependsOn: ifCovered(covered.dependsOn) }
      : covered.kind === "undecided"
        ? covered
        : alone;
  if (covered.kind === "broken" && isSame(alone.dependsOn, covered.dependsOn)) return alone;
  return { ...alone, dependsOn: [...ifAlone(alone.dependsOn), ...brokenIfCovered(covered)] };
}

function brokenIfCovered(covered: Proof): Dependence {
  return covered.kind === "broken" ? ifCovered(covered.dependsOn) : [];
}

function isSame(one: Dependence, other: Dependence): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const decideOnce = decidedOnce(({ kind }: Proof) => kind !== "undecided");

function proveOf(
  policy: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  demand: Property,
  excepted: readonly RequestSet[],
  budget: Budget,
): Proof {
  const unknown = policy === "none" ? [] : unsupported(policy);
  if (policy === "none" || unknown.length === 0)
    return proveSupported(policy, bucket, scene, demand, excepted, budget);
  const undecided: Proof = {
    kind: "undecided",
    cause: `no meaning is known for ${unsupportedText(unknown)}`,
  };
  const extremes = extremesOf(policy, demand);
  if (extremes === null) return undecided;
  const worst = proveSupported(extremes.worst, bucket, scene, demand, excepted, budget);
  if (worst.kind !== "broken") return worst.kind === "proved" ? worst : undecided;
  const best = proveSupported(extremes.best, bucket, scene, demand, excepted, budget);
  return best.kind === "broken" ? best : undecided;
}

/** Returns the worst and the best case that a policy's unknown parts allow for a demand; null if unbounded. */
function extremesOf(policy: Policy, demand: Property): { worst: Policy; best: Policy } | null {
  const bounds = policy.statements.map(boundsOf);
  if (policy.other.length > 0 || !bounds.every((one) => one !== null)) return null;
  const wantsAllow = demand === "allowed" || demand === "not denied";
  const bound = (isWorst: boolean): Policy => ({
    ...policy,
    statements: bounds.map(({ least, most }) =>
      (most.effect === "Allow") === (wantsAllow !== isWorst) ? most : least,
    ),
  });
  return { worst: bound(true), best: bound(false) };
}

function proveSupported(
  policy: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  demand: Property,
  excepted: readonly RequestSet[],
  budget: Budget,
): Proof {
  // A statement that meets no request of the scene cannot change the answer.
  const near = policy === "none" ? [] : partsNear(policy.statements, scene, bucket);
  const exceptions = partsNear(excepted, scene, bucket);
  const checks = checksFor(near, scene, demand, exceptions).flatMap(({ before, after, isWanted }) => {
    const slices: Slices = [policyWith("none", before), policyWith("none", after)];
    return mayDiffer(slices, isWanted) ? [comparisonOf(slices, bucket, budget, isWanted)] : [];
  });
  if (checks.length === 0) return { kind: "proved" };
  const matter = [policyWith("none", [...near, scene, ...exceptions])];
  const opened = policyWith("none", [withEffect(scene, "Allow")]);
  const found = forEachInterpretation(matter, bucket, (interpretation, all) => {
    for (const check of checks) {
      const witness = findWitness(check.under(interpretation, all));
      if (witness === undefined) continue;
      const isInScene = decide(opened, witness, bucket, interpretation).decision === "allow";
      if (!isInScene || !breaks(decide(policy, witness, bucket, interpretation).decision, demand))
        throw new Error(`the witness of a broken property has the property: ${JSON.stringify(witness)}`);
      return witness;
    }
    return undefined;
  });
  if (found.kind === "undecided") return found;
  const isBroken = (answer: Request | undefined) => answer !== undefined;
  const first = found.answers.find(({ answer }) => isBroken(answer));
  if (first?.answer === undefined) {
    const observed = observedIn(dependenceWhere(found, (answer) => !isBroken(answer)));
    return { kind: "proved", ...(observed.length === 0 ? {} : { observed }) };
  }
  const { decision, deciding } = decide(policy, first.answer, bucket, first.interpretation);
  const dependsOn = dependenceWhere(found, isBroken);
  return { kind: "broken", witness: first.answer, decision, deciding, dependsOn };
}

/** Returns what of these statements can match a request of the scene. */
function partsNear(
  statements: readonly Statement[],
  scene: RequestSet,
  bucket: Bucket,
): readonly Statement[] {
  return statements.flatMap((one) => partNear(one, [scene], bucket) ?? []);
}

/** Returns a request set as a statement. One object for one set, which is asked about in many buckets. */
const withEffect = memoizeWithin(String, (set: RequestSet, effect: "Allow" | "Deny"): Statement => ({
  ...set,
  effect,
}));

/** Comparison of two lists of statements that finds a request without the property. */
interface PropertyCheck {
  readonly before: readonly Statement[];
  readonly after: readonly Statement[];
  /** Returns true if a request with these decisions breaks the property. */
  readonly isWanted: IsWanted;
}

/** Returns the checks: adding a Deny or Allow on the scene changes exactly the requests without that decision. */
function checksFor(
  statements: readonly Statement[],
  scene: RequestSet,
  demand: Property,
  excepted: readonly RequestSet[],
): readonly PropertyCheck[] {
  const denied = excepted.map((one) => withEffect(one, "Deny"));
  const allowed = excepted.map((one) => withEffect(one, "Allow"));
  const [deny, allow] = [withEffect(scene, "Deny"), withEffect(scene, "Allow")];
  const denies = statements.filter(({ effect }) => effect === "Deny");
  const all: IsWanted = () => true;
  const wasAllowed: IsWanted = (before) => before === "allow";
  const unblocked = [allow, ...denied];
  const blocked: readonly PropertyCheck[] =
    denies.length === 0
      ? []
      : [{ before: unblocked, after: [...unblocked, ...denies], isWanted: wasAllowed }];
  switch (demand) {
    case "denied": {
      // An Allow never affects what is denied.
      const barred = [...denies, ...denied];
      return [{ before: barred, after: [...barred, deny], isWanted: all }];
    }
    case "not allowed": {
      const closed = [...statements, ...denied];
      return [{ before: closed, after: [...closed, deny], isWanted: wasAllowed }];
    }
    case "not denied":
      return blocked;
    case "allowed": {
      const opened = [...statements, ...allowed];
      return [{ before: opened, after: [...opened, allow], isWanted: all }, ...blocked];
    }
  }
}

function breaks(decision: Decision, demand: Property): boolean {
  switch (demand) {
    case "allowed":
      return decision !== "allow";
    case "not allowed":
      return decision === "allow";
    case "denied":
      return decision !== "deny";
    case "not denied":
      return decision === "deny";
  }
}

function decide(policy: Policy | "none", request: Request, bucket: Bucket, interpretation: Interpretation) {
  if (policy === "none") return { decision: "none" as const, deciding: [] };
  return evaluate(policy, request, bucket, interpretation);
}

/** Appends statements to a policy; its own statements keep their indices. */
function policyWith(policy: Policy | "none", statements: readonly Statement[]): Policy {
  const base: Policy = policy === "none" ? { version: "1", statements: [], other: [] } : policy;
  return { ...base, statements: [...base.statements, ...statements] };
}
