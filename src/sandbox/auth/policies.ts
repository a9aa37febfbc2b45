import { evaluate } from "../../access/evaluate.ts";
import { openQuestionsIn } from "../../access/interpretations.ts";
import type { OpenQuestion } from "../../access/interpretation-texts.ts";
import type { Decision, Interpretation, Request } from "../../access/request.ts";
import { unsupported, type Unsupported } from "../../access/unsupported.ts";
import { memoize } from "../../memoize.ts";
import { actions } from "../../policy/action-catalogue.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { globMatches } from "../../policy/glob.ts";
import { hasWildOctets } from "../../policy/ip-range.ts";
import { isObject, parseJson } from "../../policy/json.ts";
import {
  canonicalWithSources,
  type ConditionTest,
  type Policy,
  type Statement,
} from "../../policy/policy.ts";
import type { Demand } from "./demand.ts";

/** Policy that takes part in a decision. */
export interface NamedPolicy {
  /** As `statement 2 of NAME` has it. */
  readonly name: string;
  readonly policy: Policy;
  /** Index in the list of the document for each statement; the same without. */
  readonly sources?: readonly number[];
  /** Parts without a known meaning. */
  readonly opaque: readonly Unsupported[];
  /** Statements of known meaning, and what is known of the others: each matches no more than it does under any reading. */
  readonly known: readonly IndexedStatement[];
}

interface IndexedStatement {
  /** Index in the canonical policy. */
  readonly index: number;
  readonly statement: Statement;
}

/** One way to read the documentation where it leaves something open. */
export interface Reading extends Interpretation {
  /** Which of the statements with a part of unknown meaning are about the request. */
  readonly opaqueMatch: "none" | "those that allow" | "all";
}

/** Statement that decided, of one of the policies. */
export interface DecidingStatement {
  readonly policy: string;
  /** Index in the list of the document. */
  readonly index: number;
}

/** Answer of some policies together: a Deny of any of them, then an Allow of any of them. */
export interface PolicyAnswer {
  readonly decision: Decision;
  readonly statements: readonly DecidingStatement[];
}

/** Caller as a policy sees it. */
export interface PolicyCaller {
  readonly principal: string;
  /** Account of a RAM user; undefined for any other caller. */
  readonly memberOf: string | undefined;
}

/** Returns a policy in canonical form under a name. */
export function namedPolicy(name: string, policy: Policy, sources?: readonly number[]): NamedPolicy {
  const opaque = unsupported({ ...policy, statements: policy.statements.map(withoutWildOctets) });
  const known = policy.statements.flatMap((statement, index) => {
    const least = isOpaque(opaque, index) ? knownPart(statement) : statement;
    return least === undefined ? [] : [{ index, statement: least }];
  });
  return { name, policy, opaque, known, ...(sources === undefined ? {} : { sources }) };
}

/** Replaces addresses such as `101.*.*.100`: they are too many ranges to compare, but one address is in them or not. */
function withoutWildOctets(statement: Statement): Statement {
  const condition = statement.condition?.map((test) =>
    test.operator.endsWith("IpAddress")
      ? { ...test, values: test.values.map((value) => (hasWildOctets(value) ? "0.0.0.0/0" : value)) }
      : test,
  );
  return { ...statement, condition: condition ?? null };
}

/**
 * Returns a statement without the values of unknown meaning: one value that matches is enough, unless the operator is
 * negated. Undefined if more of it is unknown, or nothing is left of a test.
 */
function knownPart(statement: Statement): Statement | undefined {
  const condition = statement.condition?.map((test) =>
    test.operator.includes("Not")
      ? test
      : { ...test, values: test.values.filter((value) => isKnown({ ...test, values: [value] })) },
  );
  const least = { ...statement, condition: condition ?? null };
  return isSupported(least) ? least : undefined;
}

function isKnown(test: ConditionTest): boolean {
  return isSupported({
    effect: "Deny",
    principal: ["*"],
    action: ["oss:*"],
    resource: ["*"],
    condition: [test],
    other: [],
  });
}

function isSupported(statement: Statement): boolean {
  const statements = [withoutWildOctets(statement)];
  return unsupported({ version: "1", statements, other: [] }).length === 0;
}

/** Parses the text of a bucket policy; undefined if it is none, as a seed may have it. Memoized. */
export const bucketPolicyIn = memoize((text: string): NamedPolicy | undefined => {
  const parsed = parseJson(text.replace(/^\uFEFF/, ""));
  if (!("value" in parsed) || !isObject(parsed.value)) return undefined;
  const { policy, sources } = canonicalWithSources(parsed.value);
  return namedPolicy(bucketPolicyName, policy, sources);
});

/** Name of the policy of a bucket among those that decide. */
export const bucketPolicyName = "the bucket policy";

/** Returns the open questions that what is known of the statements depends on. */
export function questionsOf(policies: readonly NamedPolicy[], bucket: Bucket): readonly OpenQuestion[] {
  return openQuestionsIn(
    policies.map(({ policy, known }) => ({ ...policy, statements: known.map(({ statement }) => statement) })),
    bucket,
  );
}

/** Returns the answer of some policies to one demand, under one reading of the documentation. */
export function answerOf(
  policies: readonly NamedPolicy[],
  caller: PolicyCaller,
  bucket: Bucket,
  demand: Demand,
  reading: Reading,
): PolicyAnswer {
  const answers = policies.map((policy) => answerOfOne(policy, caller, bucket, demand, reading));
  for (const decision of ["deny", "allow"] as const) {
    const deciding = answers.filter((answer) => answer.decision === decision);
    if (deciding.length > 0)
      return { decision, statements: deciding.flatMap(({ statements }) => statements) };
  }
  return { decision: "none", statements: [] };
}

/** Actions on the service, such as oss:ListBuckets. */
const serviceActions: ReadonlySet<string> = new Set(
  actions.filter(({ level }) => level === "service").map(({ name }) => name),
);

/** Name in place of an action on the service. */
const serviceCall = "oss:ServiceCall";

/**
 * Returns statements in which an action on the service has a name that the evaluator does not know. It is about bucket policies,
 * which can grant no such action; RAM policies can (OSS docs: RAM policies).
 */
function aboutService(
  statements: readonly Statement[],
  action: string,
  { actionCase }: Reading,
): readonly Statement[] {
  const cased = (text: string): string => (actionCase === "counts" ? text : text.toLowerCase());
  const renamed = (patterns: readonly string[]): readonly string[] =>
    patterns.some((pattern) => globMatches(cased(pattern), cased(action))) ? [serviceCall] : [];
  return statements.map((statement) => ({
    ...statement,
    action: statement.action && renamed(statement.action),
  }));
}

function answerOfOne(
  { name, policy, sources, opaque, known }: NamedPolicy,
  { principal, memberOf }: PolicyCaller,
  bucket: Bucket,
  demand: Demand,
  reading: Reading,
): PolicyAnswer {
  const { key, context } = demand;
  const isOnService = serviceActions.has(demand.action);
  const named = (statements: readonly Statement[]): readonly Statement[] =>
    isOnService ? aboutService(statements, demand.action, reading) : statements;
  const action = isOnService ? serviceCall : demand.action;
  const request = { principal, action, resource: key, context };
  const statements = named(known.map(({ statement }) => statement));
  const all = named(policy.statements);
  const read =
    reading.accountUid === "covers its RAM users" && memberOf !== undefined
      ? statements.map((statement) => covering(statement, memberOf, principal))
      : statements;
  const certain = evaluate({ ...policy, statements: read }, request, bucket, reading);
  const opaqueEffects = opaque.map(({ statement }) =>
    opaqueEffect(statement === undefined ? undefined : all[statement], request, bucket, reading),
  );
  const decision = (["deny", "allow"] as const).find(
    (one) => certain.decision === one || opaqueEffects.includes(one),
  );
  const deciding =
    decision === certain.decision ? certain.deciding.map((index) => known[index]?.index ?? index) : [];
  return {
    decision: decision ?? "none",
    statements: deciding.map((index) => ({ policy: name, index: sources?.[index] ?? index })),
  };
}

function isOpaque(opaque: readonly Unsupported[], index: number): boolean {
  return opaque.some(({ statement }) => statement === index);
}

/**
 * Returns what a statement without a known meaning does to a request, under one reading; a field of the policy itself,
 * which has no statement, may do anything. Where only its Condition is not known, the rest tells whether it can match.
 */
function opaqueEffect(
  statement: Statement | undefined,
  request: Request,
  bucket: Bucket,
  reading: Reading,
): Decision {
  if (reading.opaqueMatch === "none") return "none";
  if (statement !== undefined) {
    const bare = { version: "1", statements: [{ ...statement, condition: null }], other: [] };
    const isKnown = unsupported(bare).length === 0;
    if (isKnown && evaluate(bare, request, bucket, reading).decision === "none") return "none";
  }
  if (statement?.effect === "Allow") return "allow";
  if (reading.opaqueMatch === "all") return "deny";
  return statement?.effect === "Deny" ? "none" : "allow";
}

/** Returns the statement as it is if the UID of an account covers this caller, too. */
function covering(statement: Statement, account: string, caller: string): Statement {
  const { principal } = statement;
  if (principal?.includes(account) !== true) return statement;
  return { ...statement, principal: [...principal, caller] };
}
