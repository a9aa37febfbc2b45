/** Grants of a policy into which no request of the access logs fell. */

import { partialDecider } from "../access/partial.ts";
import { knownMasks, type BothPolicies } from "../access/partial-masks.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { callerClasses } from "./caller-classes.ts";
import { shortNames } from "./short-names.ts";
import { classTable, requestNames } from "./class-table.ts";
import { partialOf } from "./replay.ts";
import type { SeenRequest } from "../requests/seen-request.ts";
import { requestClasses } from "./request-classes.ts";
import { spanOf, type ChangeRequests } from "./request-effects.ts";

/** Part of an Allow statement that no request met: the whole, or all requests of one member of a list. */
export interface UnseenGrant {
  /** Index of the statement in the canonical policy. */
  readonly statement: number;
  readonly part: "statement" | GrantField;
  readonly principals: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

type GrantField = "principal" | "action" | "resource";
const grantFields: readonly GrantField[] = ["principal", "action", "resource"];

/** Result for one bucket: without requests, nothing is claimed. */
export interface UnseenGrants extends Pick<ChangeRequests, "total" | "from" | "to" | "cause"> {
  readonly grants: readonly UnseenGrant[];
  /** One request of each class; undefined if there were too many classes to keep one of each. */
  readonly examples: readonly SeenRequest[] | undefined;
}

/** Search that goes on while a log is read. */
export interface GrantSearch {
  readonly add: (request: SeenRequest) => void;
  readonly result: () => UnseenGrants;
}

/** One member of a list of a statement, as a statement of its own. */
interface Member {
  readonly statement: number;
  readonly field: GrantField;
  readonly word: string;
  readonly alone: Statement;
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
      if (marks !== undefined && "mark" in marks) marks.mark(request);
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
  const masksOf = (request: SeenRequest): bigint => {
    const partial = partialOf(request, bucket);
    const callers = partial.principal === undefined ? roleSessions : [partial.principal];
    return callers
      .flatMap((caller) => knownMasks(partial, caller, both).flat())
      .reduce((all, mask) => all | mask, 0n);
  };
  const classOf = classTable<true>(
    { ...requestNames(), ofCaller: shortNames(callerClasses(policy.statements, bucket)) },
    requestClasses(policy.statements, bucket, interpretations),
    (request) => {
      // A part of a line would keep the whole part of the log in memory.
      if (examples.length <= maxExamples)
        examples.push({ ...request, key: Buffer.from(request.key).toString() });
      seen |= masksOf(request);
      return true;
    },
  );
  return {
    mark: (request: SeenRequest) => void classOf(request),
    unseen: () => {
      const unmet = members.filter((_, at) => (seen & (1n << BigInt(at))) === 0n);
      const grants = policy.statements.flatMap((statement, at) => grantsOf(statement, at, members, unmet));
      return { grants, examples: examples.length <= maxExamples ? examples : undefined };
    },
  };
}

/** Returns the members of the lists of all Allow statements. */
function membersOf({ statements }: Policy): readonly Member[] {
  return statements.flatMap((statement, index) =>
    statement.effect !== "Allow"
      ? []
      : grantFields.flatMap((field) =>
          (statement[field] ?? []).map((word): Member => ({
            statement: index,
            field,
            word,
            alone: { ...statement, [field]: aloneIn(field, word, statement) },
          })),
        ),
  );
}

/** `*` next to other principals may include the owner, whom `*` alone does not. */
function aloneIn(field: GrantField, word: string, statement: Statement): readonly string[] {
  const isEveryone = field === "principal" && word === "*";
  return isEveryone && (statement.principal?.length ?? 0) > 1 ? ["*", "0"] : [word];
}

function grantsOf(
  statement: Statement,
  index: number,
  members: readonly Member[],
  unmet: readonly Member[],
): readonly UnseenGrant[] {
  const own = members.filter((one) => one.statement === index);
  const left = unmet.filter((one) => one.statement === index);
  const { principal, action, resource } = statement;
  const whole = {
    statement: index,
    principals: principal ?? [],
    actions: action ?? [],
    resources: resource ?? [],
  };
  if (left.length === 0) return [];
  if (left.length === own.length) return [{ ...whole, part: "statement" }];
  const lists = { principal: "principals", action: "actions", resource: "resources" } as const;
  return left.map(({ field, word }) => ({ ...whole, part: field, [lists[field]]: [word] }));
}
