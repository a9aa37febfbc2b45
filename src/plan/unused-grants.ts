/** Grants of a policy into which no request of the access logs fell. */

import type { PointPosition } from "../access/interpretation-texts.ts";
import { observedPositionsIn } from "../access/interpretations.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import type { SeenRequest } from "../requests/seen-request.ts";
import type { GrantField, Member } from "./grant-members.ts";
import { grantMarks, type GrantMarks } from "./grant-marks.ts";
import {
  isWildcard,
  maxCells,
  type CellSearch,
  type StatementCells,
  type WildcardActions,
} from "./seen-cells.ts";
import { unloggedIn, type UnloggedActions } from "./unlogged-actions.ts";
import { canBeOn, coveredBy, unseenBoxes } from "./unseen-boxes.ts";
import { spanOf, type ChangeRequests } from "./request-effects.ts";

/**
 * Part of an Allow statement that no request met: no request of these principals, with these actions, on these resources. It is
 * the whole statement, all requests of one member of a list, the actions that were not seen of a wildcard action, or a
 * combination of members that were each seen.
 */
export interface UnseenGrant {
  /** Index of the statement in the canonical policy. */
  readonly statement: number;
  readonly part: "statement" | GrantField | "wildcard" | "combination";
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** For a wildcard action. */
  readonly wildcard?: SeenWildcard;
  /** Observed positions of undocumented points that decide which requests its statement meets. */
  readonly observed?: readonly PointPosition[];
}

/** Wildcard action with the actions that were seen, and those that requests may have needed beside them. */
export interface SeenWildcard {
  readonly word: string;
  readonly seen: readonly string[];
  readonly possible: readonly string[];
  /** Actions that no log shows. */
  readonly unlogged: readonly string[];
}

/** Result for one bucket: without requests, nothing is claimed. */
export interface UnseenGrants extends Pick<ChangeRequests, "total" | "from" | "to" | "cause"> {
  readonly grants: readonly UnseenGrant[];
  /** Reason why combinations of members are not looked at, for some statement at least. */
  readonly limited?: string;
  /** Actions of the policy's grants that no log shows, of which nothing is claimed. */
  readonly unlogged?: readonly string[];
  /** One request of each class; undefined if there were too many classes to keep one of each. */
  readonly examples: readonly SeenRequest[] | undefined;
}

/** Search that goes on while a log is read. */
export interface GrantSearch {
  readonly add: (request: SeenRequest) => void;
  /** Adds a copy, into any bucket, that may have read an object of this one. */
  readonly addCopy: (request: SeenRequest) => void;
  readonly result: () => UnseenGrants;
}

/**
 * Starts a search for the grants of a policy that no request meets. A request of which a part is unknown counts for every
 * grant that it may meet.
 */
export function searchGrants(policy: Policy | "none", bucket: Bucket): GrantSearch {
  const span = { total: 0, fromMs: Infinity, toMs: -Infinity };
  const marks = policy === "none" ? undefined : grantMarks(policy, bucket);
  return {
    add: (request) => {
      span.total += 1;
      span.fromMs = Math.min(span.fromMs, request.timeMs);
      span.toMs = Math.max(span.toMs, request.timeMs);
      if (marks !== undefined && "mark" in marks) marks.mark(request);
    },
    addCopy: (request) => {
      if (marks !== undefined && "mark" in marks) marks.markSource(request);
    },
    result: () => {
      const { total, fromMs, toMs } = span;
      const times = total === 0 ? {} : spanOf(fromMs, toMs);
      if (policy === "none" || marks === undefined || total === 0)
        return { total, ...times, grants: [], examples: [] };
      if ("cause" in marks) return { total, ...times, cause: marks.cause, grants: [], examples: [] };
      return { total, ...times, ...unseenOf(policy, bucket, marks) };
    },
  };
}

function unseenOf(
  policy: Policy,
  bucket: Bucket,
  { members, cells, isMet, examples }: GrantMarks,
): Pick<UnseenGrants, "grants" | "limited" | "unlogged" | "examples"> {
  const met = new Set(members.filter((_, at) => isMet(at)));
  const found = policy.statements.map((statement, at) =>
    grantsOf(
      { statement, index: at, members: members.filter((one) => one.statement === at), met },
      cells,
      bucket,
    ),
  );
  const unlogged = [...new Set(found.flatMap((one) => one.unlogged))].sort();
  return {
    grants: found.flatMap(({ grants }) => grants).map(withObserved(policy, bucket)),
    ...(found.some(({ isLimited }) => isLimited) ? { limited } : {}),
    ...(unlogged.length === 0 ? {} : { unlogged }),
    examples: examples(),
  };
}

function withObserved(policy: Policy, bucket: Bucket): (grant: UnseenGrant) => UnseenGrant {
  const observed = policy.statements.map((one) =>
    observedPositionsIn([{ ...policy, statements: [one] }], bucket),
  );
  return (grant) => {
    const positions = observed[grant.statement] ?? [];
    return positions.length === 0 ? grant : { ...grant, observed: positions };
  };
}

const limited =
  "of some statements only members are listed, since too many combinations of them were not seen";

/** Statement with its members and those that a request met. */
interface MetStatement {
  readonly statement: Statement;
  readonly index: number;
  readonly members: readonly Member[];
  readonly met: ReadonlySet<Member>;
}

/** Statement as a grant of all that it allows. */
type WholeGrant = Omit<UnseenGrant, "part">;

function grantsOf(
  one: MetStatement,
  cells: CellSearch,
  bucket: Bucket,
): {
  readonly grants: readonly UnseenGrant[];
  readonly isLimited: boolean;
  readonly unlogged: readonly string[];
} {
  const { statement, index, members, met } = one;
  const { principal, action, resource } = statement;
  const whole: WholeGrant = {
    statement: index,
    principals: principal ?? [],
    actions: action ?? [],
    resources: resource ?? [],
  };
  if (members.length === 0) return { grants: [], isLimited: false, unlogged: [] };
  const byWord = unloggedIn(whole.actions, whole.resources, bucket);
  const unlogged = [...byWord.values()].flatMap(({ names }) => names);
  const unmet = members.filter((member) => !met.has(member));
  const isUnmet = unmet.length === members.length;
  if (isUnmet && unlogged.length === 0)
    return { grants: [{ ...whole, part: "statement" }], isLimited: false, unlogged };
  const seen = cells.of(index);
  const boxes = combinationsOf(one, seen, bucket);
  const listed = isUnmet ? unmet.filter(({ field }) => field === "action") : unmet;
  return {
    grants: [
      ...listed.flatMap((member) => memberGrants(member, whole, byWord, bucket)),
      ...wildcardsOf(one, whole, { ...seen, byWord }, bucket),
      ...(boxes ?? []),
    ],
    isLimited: boxes === undefined,
    unlogged,
  };
}

/** Returns what no request of a member met: without the actions that no log shows, it is a part of the member alone. */
function memberGrants(
  { field, word }: Member,
  whole: WholeGrant,
  byWord: ReadonlyMap<string, UnloggedActions>,
  bucket: Bucket,
): readonly UnseenGrant[] {
  if (field === "action") return byWord.has(word) ? [] : [{ ...whole, part: field, actions: [word] }];
  const one = field === "principal" ? { ...whole, principals: [word] } : { ...whole, resources: [word] };
  const unlogged = unloggedIn(whole.actions, one.resources, bucket);
  if (unlogged.size === 0) return [{ ...one, part: field }];
  const actions = whole.actions.filter((name) => byWord.get(name)?.isPart !== false);
  return actions.length === 0 ? [] : [{ ...one, part: "combination", actions }];
}

/** Returns the actions that were not seen of the wildcard actions that were, and of those with actions that no log shows. */
function wildcardsOf(
  { members, met }: MetStatement,
  whole: WholeGrant,
  {
    byWildcard,
    byWord,
  }: Pick<StatementCells, "byWildcard"> & { byWord: ReadonlyMap<string, UnloggedActions> },
  bucket: Bucket,
): readonly UnseenGrant[] {
  const words = members.filter(
    (member) => member.field === "action" && (met.has(member) || byWord.has(member.word)),
  );
  return words.flatMap(({ word }): readonly UnseenGrant[] => {
    if (!isWildcard(word)) return [];
    const found = byWildcard.get(word);
    const seen = [...(found?.seen ?? [])].sort();
    const isNew = (name: string) => !seen.includes(name);
    const possible = [...(found?.possible ?? [])].filter(isNew).sort();
    const unlogged = [...(byWord.get(word)?.names ?? [])].filter(isNew).sort();
    const names = (coveredBy(word) ?? [])
      .filter((action) => whole.resources.some((resource) => canBeOn(bucket.name, [action], resource)))
      .map(({ name }) => name)
      .filter((name) => isNew(name) && !possible.includes(name) && !unlogged.includes(name));
    const wildcard = { word, seen, possible, unlogged };
    return names.length === 0 ? [] : [{ ...whole, part: "wildcard", actions: names.sort(), wildcard }];
  });
}

/** Returns all actions with which a wildcard was met. */
function metActions(found: WildcardActions | undefined): readonly string[] {
  return found === undefined ? [] : [...new Set([...found.seen, ...found.possible])].sort();
}

/** Returns the combinations of seen members that were not seen; undefined if there are too many. */
function combinationsOf(
  { index, members, met }: MetStatement,
  { has, byWildcard }: StatementCells,
  bucket: Bucket,
): readonly UnseenGrant[] | undefined {
  const wordsOf = (field: GrantField) =>
    members.flatMap((member) => (member.field === field && met.has(member) ? [member.word] : []));
  const actions = wordsOf("action").flatMap((word) =>
    isWildcard(word) ? metActions(byWildcard.get(word)) : [word],
  );
  const grid = [wordsOf("principal"), [...new Set(actions)], wordsOf("resource")] as const;
  if (has === undefined || grid.reduce((size, words) => size * words.length, 1) > maxCells) return undefined;
  const boxes = unseenBoxes(grid, (principal, action, resource) => {
    if (has(principal, action, resource)) return "seen";
    return canBeOn(bucket.name, coveredBy(action), resource) ? "unseen" : "idle";
  });
  return boxes?.map(([principals, own, resources]) => ({
    statement: index,
    part: "combination",
    principals,
    actions: own,
    resources,
  }));
}
