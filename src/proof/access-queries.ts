import { ifCovered, policyIfCovered } from "../access/account-members.ts";
import type { Budget } from "../access/budget.ts";
import { accessChangeKey } from "../access/describe/access-changes.ts";
import { differenceOf, type AccessDifference } from "../access/difference.ts";
import { questionsOf } from "../access/interpretations.ts";
import { observedIn, type PointPosition } from "../access/interpretation-texts.ts";
import { prove, requestSetOf, type Proof, type RequestSet } from "../access/query.ts";
import type { Bucket } from "../policy/bucket.ts";
import { unsupported, unsupportedText } from "../access/unsupported.ts";
import type { Policy } from "../policy/policy.ts";
import { ownerAside } from "./expectations.ts";

/** Policy with its bucket, as the input of a query. */
export interface QueriedPolicy {
  readonly bucket: Bucket;
  readonly policy: Policy | "none";
}

/**
 * Returns the access that a policy allows within a request set minus `aside`, as gains over no access. What a RAM user has
 * only if the UID of its account covers it comes last.
 */
function allowedIn(
  queried: QueriedPolicy,
  scene: RequestSet,
  aside: readonly RequestSet[] = [],
): AccessDifference {
  const { policy, bucket } = queried;
  const alone = knownAllowedIn(queried, scene, aside);
  const covered = policyIfCovered(policy, bucket, scene.principal ?? []);
  if (covered === undefined || alone.verdict === "undecided") return alone;
  const all = knownAllowedIn({ policy: covered, bucket }, scene, aside);
  if (all.verdict !== "different") return all.verdict === "undecided" ? all : alone;
  const known = alone.verdict === "different" ? alone.regions : [];
  const keys = known.map(accessChangeKey);
  const more = all.regions
    .filter((region) => !keys.includes(accessChangeKey(region)))
    .map((region) => ({ ...region, dependsOn: ifCovered(region.dependsOn) }));
  if (more.length === 0) return alone;
  const regions = [...known, ...more];
  return { ...all, regions, dependsOn: questionsOf(regions.flatMap(({ dependsOn }) => dependsOn)) };
}

function knownAllowedIn(
  { policy, bucket }: QueriedPolicy,
  scene: RequestSet,
  aside: readonly RequestSet[],
): AccessDifference {
  if (policy === "none") return { verdict: "equal" };
  const denies = aside.map((one) => ({ ...one, effect: "Deny" }));
  const opened: Policy = { ...policy, statements: [...policy.statements, ...denies] };
  const closed: Policy = { ...opened, statements: [...opened.statements, { ...scene, effect: "Deny" }] };
  const unknown = unsupported(policy);
  if (unknown.length > 0) {
    // What has no known meaning may concern other requests only.
    if (prove(policy, bucket, scene, "not allowed", aside).kind === "proved") return { verdict: "equal" };
    return { verdict: "undecided", cause: `no meaning is known for ${unsupportedText(unknown)}` };
  }
  const difference = differenceOf(closed, opened, bucket);
  if (difference.verdict !== "different") return difference;
  const regions = difference.regions.filter(({ after }) => after === "allow");
  if (regions.length > 0) return { ...difference, regions };
  const { observed } = difference;
  return { verdict: "equal", ...(observed === undefined ? {} : { observed }) };
}

/** Principals of all requests: `*` alone can exclude the owner. */
const everyone = ["*", "owner"];

/** Returns the Resources of a key or pattern; `*` is the bucket and all its objects, undefined the bucket alone. */
export function resourceNames({ name }: Bucket, key: string | undefined): readonly string[] {
  const itself = `acs:oss:*:*:${name}`;
  if (key === undefined) return [itself];
  return key === "*" ? [itself, `${itself}/*`] : [`${itself}/${key}`];
}

/** Returns the principals that may do an action on a key (undefined: on the bucket), with the conditions. */
export function whoCan(queried: QueriedPolicy, action: string, key: string | undefined): AccessDifference {
  return allowedIn(queried, requestSetOf(everyone, [action], resourceNames(queried.bucket, key), new Map()));
}

/** Answer to the question if a principal can do something. */
export interface CanAnswer {
  /** `yes` if all queried requests are allowed, `no` if none is, `partly` if some are. */
  readonly verdict: "yes" | "no" | "partly" | "undecided";
  /** Allowed part of the queried requests. */
  readonly allowed: AccessDifference;
  /** Request that is not allowed, with the deciding statements; undefined if there is none. */
  readonly refused: Extract<Proof, { readonly kind: "broken" }> | undefined;
  readonly cause: string | undefined;
  /** Observed positions without which the verdict would be another one. */
  readonly observed: readonly PointPosition[];
}

/**
 * Decides if a principal can do something. Keys that `context` omits may have any value. `*` is everyone except the
 * owner, who does not need the policy and can do everything that no statement denies.
 */
export function can(
  queried: QueriedPolicy,
  principal: string,
  action: string,
  key: string | undefined,
  context: ReadonlyMap<string, string>,
): CanAnswer {
  const scene = requestSetOf([principal], [action], resourceNames(queried.bucket, key), context);
  const isOwner = principal === "owner";
  const aside = ownerAside(scene);
  const answer = prove(queried.policy, queried.bucket, scene, isOwner ? "not denied" : "allowed", aside);
  const allowed = allowedIn(queried, scene, aside);
  const refused = answer.kind === "broken" ? answer : undefined;
  const found = { allowed, refused, observed: observedOf(answer), cause: undefined };
  if (answer.kind === "undecided") return { ...found, verdict: "undecided", cause: answer.cause };
  if (allowed.verdict === "undecided") return { ...found, verdict: "undecided", cause: allowed.cause };
  if (answer.kind === "proved") return { ...found, verdict: "yes" };
  const denied = isOwner ? prove(queried.policy, queried.bucket, scene, "denied") : undefined;
  const isAllRefused = isOwner ? denied?.kind === "proved" : allowed.verdict === "equal";
  const more = denied === undefined ? (allowed.observed ?? []) : observedOf(denied);
  const observed = observedIn([[...found.observed, ...more]]);
  return { ...found, verdict: isAllRefused ? "no" : "partly", observed };
}

function observedOf(answer: Proof): readonly PointPosition[] {
  if (answer.kind === "undecided") return [];
  return answer.kind === "proved" ? (answer.observed ?? []) : observedIn(answer.dependsOn);
}

/** Returns the access of anonymous callers. */
export function publicIn(queried: QueriedPolicy): AccessDifference {
  return allowedIn(queried, anonymousScene(queried.bucket));
}

/** Proves that a policy allows no anonymous request. */
export function provePrivate({ policy, bucket }: QueriedPolicy, budget?: Budget): Proof {
  return prove(policy, bucket, anonymousScene(bucket), "not allowed", [], budget);
}

function anonymousScene(bucket: Bucket): RequestSet {
  return requestSetOf(["anonymous"], ["oss:*"], resourceNames(bucket, "*"), new Map());
}
