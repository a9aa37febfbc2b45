/** Grants of a policy into which no request of the access logs fell. */

import type { PointPosition } from "../access/interpretation-texts.ts";
import { observedPositionsIn } from "../access/interpretations.ts";
import { partialDecider } from "../access/partial.ts";
import { knownMasks, type BothPolicies, type PartialRequest } from "../access/partial-masks.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { callerClasses, principalOf } from "./caller-classes.ts";
import { membersOf, type GrantField, type Member } from "./grant-members.ts";
import { isWildcard, maxCells, searchCells, type CellSearch, type StatementCells } from "./seen-cells.ts";
import { canBeOn, coveredBy, unseenBoxes } from "./unseen-boxes.ts";
import { shortNames } from "./short-names.ts";
import { classTable, requestNames } from "./class-table.ts";
import { partialOf } from "./replay.ts";
import type { SeenCaller, SeenRequest } from "../requests/seen-request.ts";
import { requestClasses } from "./request-classes.ts";
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
  readonly wildcard?: { readonly word: string; readonly seen: readonly string[] };
  /** Observed positions of undocumented points that decide which requests its statement meets. */
  readonly observed?: readonly PointPosition[];
}

/** Result for one bucket: without requests, nothing is claimed. */
export interface UnseenGrants extends Pick<ChangeRequests, "total" | "from" | "to" | "cause"> {
  readonly grants: readonly UnseenGrant[];
  /** Reason why combinations of members are not looked at, for some statement at least. */
  readonly limited?: string;
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

/** Examples that are kept; with more, there is not one of each class. */
const maxExamples = 100_000;

/**
 * Starts a search for the grants of a policy that no request meets. A request of which a part is unknown counts for every
 * grant that it may meet.
 */
export function searchGrants(policy: Policy | "none", bucket: Bucket): GrantSearch {
  const span = { total: 0, fromMs: Infinity, toMs: -Infinity };
  const marks = policy === "none" ? undefined : markerOf(policy, bucket);
  return {
    add: (request) => {
      span.total += 1;
      span.fromMs = Math.min(span.fromMs, request.timeMs);
      span.toMs = Math.max(span.toMs, request.timeMs);
      if (marks === undefined || !("mark" in marks)) return;
      marks.mark(request);
      if (request.mayNeed?.tagging === true) marks.markAnywhere(request.caller, taggingActions);
    },
    addCopy: ({ caller }) => {
      const isOther = caller.kind === "owner" && caller.uid !== bucket.owner;
      const reader: SeenCaller = isOther ? { kind: "uid", uid: caller.uid, account: caller.uid } : caller;
      if (marks !== undefined && "mark" in marks) marks.markAnywhere(reader, copyActions);
    },
    result: () => {
      const { total, fromMs, toMs } = span;
      const times = total === 0 ? {} : spanOf(fromMs, toMs);
      if (marks === undefined || total === 0) return { total, ...times, grants: [], examples: [] };
      if ("cause" in marks) return { total, ...times, cause: marks.cause, grants: [], examples: [] };
      return { total, ...times, ...marks.unseen() };
    },
  };
}

function markerOf(policy: Policy, bucket: Bucket) {
  const decider = partialDecider(policy, "none", bucket);
  if ("cause" in decider) return decider;
  const { interpretations, roleSessions } = decider;
  const members = membersOf(policy);
  const both: BothPolicies = {
    before: members.map(({ alone }) => alone),
    after: [],
    bucket,
    interpretations,
  };
  const examples: SeenRequest[] = [];
  let seen = 0n;
  const cells = searchCells(members);
  const meet = (partial: PartialRequest, policies: BothPolicies): void => {
    const callers = partial.principal === undefined ? roleSessions : [partial.principal];
    for (const caller of callers)
      for (const masks of knownMasks(partial, caller, policies))
        for (const [at, mask] of masks.entries()) {
          seen |= mask;
          cells.add(mask, partial.actions[at] ?? "");
        }
  };
  const ofCaller = shortNames(callerClasses(policy.statements, bucket));
  const anywhere = { ...both, before: members.map(({ alone }) => onAnyObject(alone)) };
  const classOf = classTable<true>(
    { ...requestNames(), ofCaller },
    requestClasses(policy.statements, bucket, interpretations),
    (request) => {
      // A part of a line would keep the whole part of the log in memory.
      if (examples.length <= maxExamples)
        examples.push({ ...request, key: Buffer.from(request.key).toString() });
      meet(partialOf(request, bucket), both);
      return true;
    },
  );
  return {
    mark: (request: SeenRequest) => void classOf(request),
    markAnywhere: once(
      (caller: SeenCaller, actions: readonly string[]) => `${ofCaller(caller)} ${actions.join()}`,
      (caller, actions) =>
        meet({ ...unknownRequest, principal: principalOf(caller, bucket), actions }, anywhere),
    ),
    unseen: () => {
      const isMet = (_: Member, at: number) => (seen & (1n << BigInt(at))) !== 0n;
      const met = new Set(members.filter(isMet));
      const found = policy.statements.map((statement, at) =>
        grantsOf(
          { statement, index: at, members: members.filter((one) => one.statement === at), met },
          cells,
          bucket,
        ),
      );
      return {
        grants: found.flatMap(({ grants }) => grants).map(withObserved(policy, bucket)),
        ...(found.some(({ isLimited }) => isLimited) ? { limited } : {}),
        examples: examples.length <= maxExamples ? examples : undefined,
      };
    },
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

/** Actions of an upload whose tags are not in the log, and of a copy whose source is not. */
const taggingActions: readonly string[] = ["oss:PutObjectTagging"];
const copyActions: readonly string[] = ["oss:GetObject", "oss:GetObjectVersion"];

/** Function that acts once for each key. */
function once<Given extends readonly unknown[]>(
  keyOf: (...given: Given) => string,
  act: (...given: Given) => void,
): (...given: Given) => void {
  const done = new Set<string>();
  return (...given) => {
    const key = keyOf(...given);
    if (done.has(key)) return;
    done.add(key);
    act(...given);
  };
}

/** Request on some object, of which nothing else is known. */
const unknownRequest = { resource: "x", context: new Map<string, string>(), isAbsent: () => false };

/** Returns a statement without the parts that an unknown object or network may meet. */
function onAnyObject(statement: Statement): Statement {
  return { ...statement, resource: ["*"], condition: null };
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

function grantsOf(
  one: MetStatement,
  cells: CellSearch,
  bucket: Bucket,
): { readonly grants: readonly UnseenGrant[]; readonly isLimited: boolean } {
  const { statement, index, members, met } = one;
  const unmet = members.filter((member) => !met.has(member));
  const { principal, action, resource } = statement;
  const whole = {
    statement: index,
    principals: principal ?? [],
    actions: action ?? [],
    resources: resource ?? [],
  };
  if (members.length === 0) return { grants: [], isLimited: false };
  if (unmet.length === members.length) return { grants: [{ ...whole, part: "statement" }], isLimited: false };
  const lists = { principal: "principals", action: "actions", resource: "resources" } as const;
  const ofMembers = unmet.map(({ field, word }) => ({ ...whole, part: field, [lists[field]]: [word] }));
  const seen = cells.of(index);
  const boxes = combinationsOf(one, seen, bucket);
  return {
    grants: [...ofMembers, ...wildcardsOf(one, whole, seen, bucket), ...(boxes ?? [])],
    isLimited: boxes === undefined,
  };
}

/** Returns the actions that were not seen of the wildcard actions that were. */
function wildcardsOf(
  { members, met }: MetStatement,
  whole: Omit<UnseenGrant, "part">,
  { byWildcard }: StatementCells,
  bucket: Bucket,
): readonly UnseenGrant[] {
  const words = members.filter(({ field }) => field === "action").filter((member) => met.has(member));
  return words.flatMap(({ word }): readonly UnseenGrant[] => {
    if (!isWildcard(word)) return [];
    const seen = [...(byWildcard.get(word) ?? [])].sort();
    const names = (coveredBy(word) ?? [])
      .filter((action) => whole.resources.some((resource) => canBeOn(bucket.name, [action], resource)))
      .map(({ name }) => name)
      .filter((name) => !seen.includes(name));
    return names.length === 0
      ? []
      : [{ ...whole, part: "wildcard", actions: names.sort(), wildcard: { word, seen } }];
  });
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
    isWildcard(word) ? [...(byWildcard.get(word) ?? [])].sort() : [word],
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
