/** Marks on the members of the Allow statements of a policy that requests met, or may have met. */

import { withLowerRole } from "../access/engine/statement-tests.ts";
import { callersOf, partialDecider } from "../access/partial.ts";
import { knownMasks, ofCaller, type BothPolicies, type PartialRequest } from "../access/partial-masks.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy } from "../policy/policy.ts";
import type { MayNeed, SeenCaller, SeenRequest } from "../requests/seen-request.ts";
import { callerClasses } from "./caller-classes.ts";
import { classTable, entry, requestNames } from "./class-table.ts";
import { membersOf, type Member } from "./grant-members.ts";
import { partialOf } from "./replay.ts";
import { requestClasses } from "./request-classes.ts";
import { searchCells, type CellSearch, type WildcardActions } from "./seen-cells.ts";
import { shortNames } from "./short-names.ts";

export interface GrantMarks {
  readonly members: readonly Member[];
  readonly cells: CellSearch;
  /** Marks what a request of the bucket met, and what it may have met with its own object. */
  readonly mark: (request: SeenRequest) => void;
  /** Marks what a request of any bucket may have met with any object of this one. */
  readonly markSource: (request: SeenRequest) => void;
  /** Returns true if the member of this index has a mark. */
  readonly isMet: (member: number) => boolean;
  /** Returns one request of each class; undefined if there were too many classes to keep one of each. */
  readonly examples: () => readonly SeenRequest[] | undefined;
}

/** Examples that are kept; with more, there is not one of each class. */
const maxExamples = 100_000;

/** Starts to mark; fails if the policy cannot be decided. Requests of one class are looked at once. */
export function grantMarks(policy: Policy, bucket: Bucket): GrantMarks | { readonly cause: string } {
  const decider = partialDecider(policy, "none", bucket);
  if ("cause" in decider) return decider;
  const { interpretations, roleSessions } = decider;
  const members = membersOf(policy);
  const alone = members.map((member) => member.alone);
  const policies: BothPolicies = { before: alone, after: [], bucket, interpretations };
  const callers = callersOf(policies, roleSessions);
  const cells = searchCells(members);
  const examples: SeenRequest[] = [];
  let met = 0n;
  const meet = (partial: PartialRequest, kind: keyof WildcardActions): void => {
    const known = knownMasks(partial, policies);
    for (const caller of inBothCases(partial.principal).flatMap(callers))
      for (const masks of ofCaller(known, caller))
        for (const [at, mask] of masks.entries()) {
          met |= mask;
          cells.add(mask, partial.actions[at] ?? "", kind);
        }
  };
  const markOne = (request: SeenRequest): true => {
    // A part of a line would keep the whole part of the log in memory.
    if (examples.length <= maxExamples)
      examples.push({ ...request, key: Buffer.from(request.key).toString() });
    if (request.symlink === "may follow") targets.add(anyObject(request));
    const partial = partialOf(request, bucket);
    meet(partial, "seen");
    const actions = possibleActions(request);
    if (actions.length > 0) meet({ ...partial, actions }, "possible");
    return true;
  };
  const markRead = (request: SeenRequest): true => {
    meet(partialOf({ ...request, ...callOf(request) }, bucket), "possible");
    return true;
  };
  const { statements } = policy;
  const names = { ...requestNames(), ofCaller: shortNames(callerClasses(statements, bucket)) };
  const classes = requestClasses(statements, bucket, interpretations);
  const ofNeeds = shortNames<MayNeed>(({ own }) => own.join());
  // Requests that may have needed different actions are of different classes.
  const tables = new Map<string, (request: SeenRequest) => true>();
  const readClass = classTable<true>(names, classes, markRead);
  const targets = targetReads((request) => void readClass(request));
  return {
    members,
    cells,
    mark: (request) => {
      const { mayNeed, symlink } = request;
      if (symlink === "is one") targets.count();
      const needs = mayNeed === undefined ? "" : String(ofNeeds(mayNeed));
      const name = `${needs} ${symlink ?? ""}`;
      entry(tables, name, () => classTable<true>(names, classes, markOne))(request);
    },
    markSource: (request) => void readClass(sourceOf(request, bucket)),
    isMet: (member) => (met & (1n << BigInt(member))) !== 0n,
    examples: () => (examples.length <= maxExamples ? examples : undefined),
  };
}

/** Reads of the targets of symlinks, which count once a request shows that the bucket has a symlink. */
function targetReads(markRead: (request: SeenRequest) => void) {
  const waiting: SeenRequest[] = [];
  let hasSymlink = false;
  return {
    add: (request: SeenRequest): void => {
      if (hasSymlink || waiting.length >= maxExamples) markRead(request);
      else waiting.push(request);
    },
    count: (): void => {
      hasSymlink = true;
      for (const request of waiting.splice(0)) markRead(request);
    },
  };
}

/** Returns the read of an object of the bucket by the caller of a request. */
function anyObject(request: SeenRequest): SeenRequest {
  return { ...request, actions: getObject, key: "", isKeyUnknown: true };
}

const getObject: readonly string[] = ["oss:GetObject"];

/** Returns a caller as it is, and a role with capitals also in lower case: OSS does not document whether their case counts. */
function inBothCases(principal: string | undefined): readonly (string | undefined)[] {
  const lower = principal === undefined ? undefined : withLowerRole(principal);
  return lower === principal ? [principal] : [principal, lower];
}

/** Returns the actions that a request may have needed on its own object: a delete without its keys may have named versions. */
function possibleActions({ actions, isKeyUnknown, mayNeed }: SeenRequest): readonly string[] {
  const own = mayNeed?.own ?? [];
  const isOfVersions = isKeyUnknown === true && actions.includes("oss:DeleteObject");
  return isOfVersions ? [...new Set([...own, "oss:DeleteObjectVersion"])] : own;
}

/** Returns true for a condition key of the caller and its network, which a copy and the read of its source share. */
export function isOfCall(key: string): boolean {
  return key.startsWith("acs:");
}

/** Returns the condition keys of a copy that its read has, too: headers and the access point are those of the copy alone. */
function callOf({ context, absent }: SeenRequest): Pick<SeenRequest, "context" | "absent"> {
  return {
    context: new Map([...context].filter(([key]) => isOfCall(key))),
    absent: new Set([...absent].filter(isOfCall)),
  };
}

/** Returns what a request may have read of a bucket. */
function sourceOf(request: SeenRequest, { owner }: Bucket): SeenRequest {
  const { caller, mayNeed } = request;
  const isOther = caller.kind === "owner" && caller.uid !== owner;
  const reader: SeenCaller = isOther ? { kind: "uid", uid: caller.uid, account: caller.uid } : caller;
  return { ...request, caller: reader, actions: mayNeed?.anywhere ?? [], key: "", isKeyUnknown: true };
}
