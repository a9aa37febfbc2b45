import type { Budget } from "../access/budget.ts";
import { differenceOf, type AccessDifference } from "../access/difference.ts";
import { prove, requestSetOf, type Proof, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import { sliced } from "../access/engine/slice.ts";
import { unsupported, unsupportedText } from "../access/unsupported.ts";
import { accessLevel, accessLevels, actions, isGrantable, type AccessLevel } from "../policy/actions.ts";
import type { Policy } from "../policy/policy.ts";
import { ownerAside } from "./expectations.ts";

/** A policy that is asked, with the bucket it is for. */
export interface QueriedPolicy {
  readonly bucket: Bucket;
  readonly policy: Policy | "none";
}

/** What a policy allows of a scene but for a part of it, as regions that are gained over nothing. */
function allowedIn(
  { policy, bucket }: QueriedPolicy,
  scene: RequestSet,
  aside: readonly RequestSet[] = [],
): AccessDifference {
  if (policy === "none") return { verdict: "equal" };
  const denies = aside.map((one) => ({ ...one, effect: "Deny" }));
  const opened: Policy = { ...policy, statements: [...policy.statements, ...denies] };
  const closed: Policy = { ...opened, statements: [...opened.statements, { ...scene, effect: "Deny" }] };
  const unknown = unsupported(policy);
  if (unknown.length > 0)
    return { verdict: "undecided", cause: `no meaning is known for ${unsupportedText(unknown)}` };
  const difference = differenceOf(closed, opened, bucket);
  if (difference.verdict !== "different") return difference;
  const regions = difference.regions.filter(({ after }) => after === "allow");
  return regions.length === 0 ? { verdict: "equal" } : { ...difference, regions };
}

/** Everybody there is: `*` alone would spare the owner. */
const everybody = ["*", "owner"];

function resourceNames({ name }: Bucket, key: string | undefined): readonly string[] {
  const itself = `acs:oss:*:*:${name}`;
  if (key === undefined) return [itself];
  return key === "*" ? [itself, `${itself}/*`] : [`${itself}/${key}`];
}

/** Who is allowed an action on a key (undefined: on the bucket), and under what. */
export function whoCan(asked: QueriedPolicy, action: string, key: string | undefined): AccessDifference {
  return allowedIn(asked, requestSetOf(everybody, [action], resourceNames(asked.bucket, key), new Map()));
}

export interface CanAnswer {
  /** Whether all that was asked about is allowed, none of it, or some. */
  readonly verdict: "yes" | "no" | "partly" | "undecided";
  /** What is allowed of it. */
  readonly allowed: AccessDifference;
  /** A request that is not allowed, and the statements that decide; undefined where there is none. */
  readonly refused: Extract<Proof, { readonly kind: "broken" }> | undefined;
  readonly cause: string | undefined;
}

/**
 * Whether a principal can do something; keys that the context leaves open may have any value. `*` is everyone but the
 * owner, who does not need the policy and can do what no statement denies.
 */
export function can(
  asked: QueriedPolicy,
  principal: string,
  action: string,
  key: string | undefined,
  context: ReadonlyMap<string, string>,
): CanAnswer {
  const scene = requestSetOf([principal], [action], resourceNames(asked.bucket, key), context);
  const isOwner = principal === "owner";
  const aside = ownerAside(scene);
  const answer = prove(asked.policy, asked.bucket, scene, isOwner ? "not denied" : "allowed", aside);
  const allowed = allowedIn(asked, scene, aside);
  const refused = answer.kind === "broken" ? answer : undefined;
  if (answer.kind === "undecided") return { verdict: "undecided", allowed, refused, cause: answer.cause };
  if (allowed.verdict === "undecided")
    return { verdict: "undecided", allowed, refused, cause: allowed.cause };
  if (answer.kind === "proved") return { verdict: "yes", allowed, refused, cause: undefined };
  const isAllRefused = isOwner
    ? prove(asked.policy, asked.bucket, scene, "denied").kind === "proved"
    : allowed.verdict === "equal";
  return { verdict: isAllRefused ? "no" : "partly", allowed, refused, cause: undefined };
}

/** What anonymous callers are allowed. */
export function publicIn(asked: QueriedPolicy): AccessDifference {
  return allowedIn(asked, anonymousScene(asked.bucket));
}

/** Whether a policy allows no anonymous request at all. */
export function provePrivate({ policy, bucket }: QueriedPolicy, budget?: Budget): Proof {
  return prove(policy, bucket, anonymousScene(bucket), "not allowed", [], budget);
}

function anonymousScene(bucket: Bucket): RequestSet {
  return requestSetOf(["anonymous"], ["oss:*"], resourceNames(bucket, "*"), new Map());
}

export const matrixColumns = accessLevels;
export type MatrixColumn = AccessLevel;

/** `all`: every action of the kind, on everything and always; `some`: at least one request; `none`. */
export type MatrixCell = "all" | "some" | "none" | "unknown";

function actionsOf(column: MatrixColumn): readonly string[] {
  return actions
    .filter(isGrantable)
    .filter((action) => accessLevel(action) === column)
    .map(({ name }) => name);
}

/** The policy without the statements that no request of a principal meets; all of it where it has no known meaning. */
export function partFor(asked: QueriedPolicy, principal: string): QueriedPolicy {
  const { policy, bucket } = asked;
  if (policy === "none" || unsupported(policy).length > 0) return asked;
  const scene = requestSetOf([principal], ["oss:*"], resourceNames(bucket, "*"), new Map());
  // Without an Effect it is none of the policy's own statements, which would all be left out then.
  const beside = [...policy.statements, { ...scene, effect: null }];
  const [part] = sliced(policy, { ...policy, statements: beside }, bucket);
  return { bucket, policy: part };
}

export type MatrixCells = Readonly<Record<MatrixColumn, MatrixCell>>;

const everyCell = (cell: MatrixCell): MatrixCells => ({
  read: cell,
  list: cell,
  write: cell,
  delete: cell,
  admin: cell,
});

/** What one principal can do in a bucket, by kinds of actions. */
export function matrixRow(asked: QueriedPolicy, principal: string, budget?: Budget): MatrixCells {
  const { policy } = partFor(asked, principal);
  if (policy === "none") return everyCell("none");
  if (unsupported(policy).length > 0) return everyCell("unknown");
  if (policy.statements.every(({ effect }) => effect === "Deny")) return everyCell("none");
  const cell = (column: MatrixColumn): MatrixCell => {
    const scene = requestSetOf([principal], actionsOf(column), resourceNames(asked.bucket, "*"), new Map());
    const none = prove(policy, asked.bucket, scene, "not allowed", [], budget);
    if (none.kind === "undecided") return "unknown";
    if (none.kind === "proved") return "none";
    return prove(policy, asked.bucket, scene, "allowed", [], budget).kind === "proved" ? "all" : "some";
  };
  const [read, list, write, deletes, admin] = matrixColumns.map(cell);
  return {
    read: read ?? "unknown",
    list: list ?? "unknown",
    write: write ?? "unknown",
    delete: deletes ?? "unknown",
    admin: admin ?? "unknown",
  };
}

/** Whom the policies name, with anonymous and the owner. */
export function principalsIn(all: readonly QueriedPolicy[]): readonly string[] {
  const named = all.flatMap(({ policy }) =>
    policy === "none" ? [] : policy.statements.flatMap(({ principal }) => principal ?? []),
  );
  return ["anonymous", "owner", ...[...new Set(named)].filter((word) => word !== "*").sort()];
}
