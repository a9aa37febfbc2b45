import { policyIfCovered } from "../access/account-members.ts";
import { Budget, limits } from "../access/budget.ts";
import { sliced } from "../access/engine/slice.ts";
import { prove, requestSetOf, type RequestSet } from "../access/query.ts";
import { holdsAlways, unsupported } from "../access/unsupported.ts";
import { allowedWithin, turnWithin, type AllowedPart, type TurnWithin } from "../access/within.ts";
import { memoize } from "../memoize.ts";
import { accessLevels, actions, isGrantable, type AccessLevel } from "../policy/actions.ts";
import type { Bucket } from "../policy/bucket.ts";
import { statementKey, type ConditionTest, type Policy } from "../policy/policy.ts";
import { resourceNames, type QueriedPolicy } from "./access-queries.ts";
import { extentOf, type Extent } from "./extent.ts";

export const matrixColumns = accessLevels;
export type MatrixColumn = AccessLevel;

/** Access of a principal to a bucket, by access level. */
export type MatrixCells = Readonly<Record<MatrixColumn, Extent>>;

/** Changes of a row. `different`: some requests are gained and others are lost. */
export type MatrixTurns = Readonly<Record<MatrixColumn, TurnWithin>>;

/**
 * Returns the access of a principal to a bucket, by access level, decided for all requests. It is open what a RAM user has
 * only if the UID of its account covers it, or only if it does not.
 */
export function matrixRow(
  queried: QueriedPolicy,
  principal: string,
  budget = new Budget(limits.questionSteps),
): MatrixCells {
  const { policy: alone, bucket } = partFor(queried, principal);
  const covered = policyIfCovered(alone, bucket, [principal]);
  const policies = covered === undefined ? [alone] : [alone, covered];
  return eachColumn((column) => {
    const scene = sceneOf(bucket, principal, column);
    const cases = policies.map((policy) => partWithin({ policy, bucket }, scene).policy);
    const hasFree = () =>
      cases.some(
        (policy) =>
          policy !== "none" &&
          turnWithin("none", withoutConditions(policy), bucket, scene, budget) === "wider",
      );
    const parts = cases.map((policy) => allowedPart(policy, bucket, scene, budget));
    return extentOf(parts.reduce(inEitherCase), principal, hasFree);
  });
}

function allowedPart(
  policy: QueriedPolicy["policy"],
  bucket: Bucket,
  scene: RequestSet,
  budget: Budget,
): AllowedPart {
  return policy === "none" || allowsNothing(policy, bucket, scene, budget)
    ? { kind: "described", regions: [], isOpen: false, isObserved: false }
    : allowedWithin(policy, bucket, scene, budget);
}

/** Returns what is allowed in one of two cases, of which either may be true. */
function inEitherCase(one: AllowedPart, other: AllowedPart): AllowedPart {
  if (one.kind === "undecided") return one;
  if (other.kind === "undecided") return other;
  const regions = new Map([...one.regions, ...other.regions].map((region) => [region.key, region]));
  const isSame = [one, other].every((part) => part.regions.length === regions.size);
  return {
    kind: "described",
    regions: [...regions.values()],
    isOpen: !isSame || one.isOpen || other.isOpen,
    isObserved: one.isObserved || other.isObserved,
  };
}

/** Returns true if it is clear without a description. Statements without a meaning count only if they may allow. */
function allowsNothing(policy: Policy, bucket: Bucket, scene: RequestSet, budget: Budget): boolean {
  if (unsupported(policy).length === 0) return policy.statements.every(({ effect }) => effect === "Deny");
  return prove(policy, bucket, scene, "not allowed", [], budget).kind === "proved";
}

/** Returns a policy that allows only what no condition but TLS can refuse. */
function withoutConditions(policy: Policy): Policy {
  const statements = policy.statements.flatMap((statement) => {
    const isFree = (statement.condition ?? []).every(isTlsTest);
    if (isFree) return [statement];
    return statement.effect === "Allow" ? [] : [{ ...statement, condition: holdsAlways }];
  });
  return { ...policy, statements };
}

function isTlsTest({ operator, key }: ConditionTest): boolean {
  return operator === "Bool" && key === "acs:SecureTransport";
}

/** Decides how each cell of a row changes between two policies of one bucket. */
export function matrixTurns(
  [before, after]: readonly [QueriedPolicy, QueriedPolicy],
  [old, now]: readonly [MatrixCells, MatrixCells],
  principal: string,
  budget = new Budget(limits.questionSteps),
): MatrixTurns {
  const parts = [partFor(before, principal), partFor(after, principal)] as const;
  return eachColumn((column) => {
    const kinds = [old[column].kind, now[column].kind];
    if (kinds.includes("undecided")) return "undecided";
    if (kinds.includes("none"))
      return kinds[1] === kinds[0] ? "same" : kinds[0] === "none" ? "wider" : "narrower";
    const scene = sceneOf(before.bucket, principal, column);
    const [was, is] = [partWithin(parts[0], scene), partWithin(parts[1], scene)];
    const turn = (one: QueriedPolicy["policy"], other: QueriedPolicy["policy"]): TurnWithin =>
      keyOf(one) === keyOf(other) ? "same" : turnWithin(one, other, before.bucket, scene, budget);
    const alone = turn(was.policy, is.policy);
    const covered = turn(ifCovered(parts[0], principal), ifCovered(parts[1], principal));
    return ofEitherCase(alone, covered);
  });
}

/** Returns how a cell changes if one of two cases is true: what it gains or loses in one, it may gain or lose. */
function ofEitherCase(one: TurnWithin, other: TurnWithin): TurnWithin {
  if (one === "undecided" || other === "same") return one;
  return one === "same" || one === other || other === "undecided" ? other : "different";
}

function ifCovered({ policy, bucket }: QueriedPolicy, principal: string): QueriedPolicy["policy"] {
  return policyIfCovered(policy, bucket, [principal]) ?? policy;
}

function keyOf(policy: QueriedPolicy["policy"]): string {
  return policy === "none" ? "none" : JSON.stringify(policy.statements.map(statementKey));
}

export function eachColumn<T>(valueOf: (column: MatrixColumn) => T): Readonly<Record<MatrixColumn, T>> {
  return {
    read: valueOf("read"),
    list: valueOf("list"),
    write: valueOf("write"),
    delete: valueOf("delete"),
    admin: valueOf("admin"),
  };
}

/** Returns true if a row says something: the principal has access, or it could not be decided. */
export function hasAccess(cells: MatrixCells): boolean {
  return matrixColumns.some((column) => cells[column].kind !== "none");
}

/** Returns true if a principal has a row of its own only where it has access: no policy need name it. */
export function isImplied(principal: string): boolean {
  return principal === "anonymous" || principal === "owner";
}

/** Returns all requests of a principal at one access level. */
export function sceneOf(bucket: Bucket, principal: string, column: MatrixColumn): RequestSet {
  return { ...levelScene(column), principal: [principal], resource: resourceNames(bucket, "*") };
}

const levelScene = memoize((column) => {
  const words = actions.filter(isGrantable).filter(({ access }) => access === column);
  return requestSetOf(
    ["*"],
    words.map(({ name }) => name),
    ["*"],
    new Map(),
  );
});

/** Drops the statements that no request of a principal matches; none if the policy is not supported. */
export function partFor(queried: QueriedPolicy, principal: string): QueriedPolicy {
  // The statements for its account may count, too.
  if (policyIfCovered(queried.policy, queried.bucket, [principal]) !== undefined) return queried;
  return partWithin(
    queried,
    requestSetOf([principal], ["oss:*"], resourceNames(queried.bucket, "*"), new Map()),
  );
}

function partWithin(queried: QueriedPolicy, scene: RequestSet): QueriedPolicy {
  const { policy, bucket } = queried;
  if (policy === "none" || unsupported(policy).length > 0) return queried;
  // The Effect is null: the scene must differ from all statements, or slicing would drop everything.
  const beside = [...policy.statements, { ...scene, effect: null }];
  const [part] = sliced(policy, { ...policy, statements: beside }, bucket);
  return { bucket, policy: part };
}

/** Returns the principals that the policies name, after anonymous and the owner. */
export function principalsIn(all: readonly QueriedPolicy[]): readonly string[] {
  const named = all.flatMap(({ policy }) =>
    policy === "none" ? [] : policy.statements.flatMap(({ principal }) => principal ?? []),
  );
  return ["anonymous", "owner", ...[...new Set(named)].filter((word) => word !== "*").sort()];
}
