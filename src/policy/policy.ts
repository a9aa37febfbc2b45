import { createHash } from "node:crypto";
import { compareText } from "../diagnostic.ts";
import {
  isExactNumber,
  isList,
  isObject,
  parseJson,
  stableText,
  type Json,
  type JsonObject,
  type Scalar,
} from "./json.ts";

/**
 * A policy in canonical form: two documents that differ in spelling alone have one form, so that
 * deep equality is equality of policies. It is made of lists and texts only: a name from a document
 * never becomes the name of a member, where `constructor` or `valueOf` would mislead a comparison.
 */
export interface Policy {
  /** `"1"` is the only version there is; null where it is missing or not a string. */
  readonly version: string | null;
  /** A set: sorted, without repetition. */
  readonly statements: readonly Statement[];
  readonly other: readonly UnknownField[];
}

/**
 * One statement in canonical form. Lists are sets, sorted. A field whose value has a shape that the
 * policy language does not know (a number as principal, say) stands in `other` and is null here.
 */
export interface Statement {
  readonly effect: string | null;
  /** Everyone is `["*"]`: OSS reads `"*"`, `["*"]`, `[]` and a missing Principal alike (OSS docs: policy syntax). */
  readonly principal: readonly string[] | null;
  readonly action: readonly string[] | null;
  readonly resource: readonly string[] | null;
  /**
   * Null where there is none. An empty Condition is not the same as none: whether it counts as a
   * condition for the owner rule is not documented.
   */
  readonly condition: readonly ConditionTest[] | null;
  readonly other: readonly UnknownField[];
}

/** One key under one operator; the key is null where the operator stands alone. */
export interface ConditionTest {
  readonly operator: string;
  readonly key: string | null;
  readonly values: readonly string[];
  /**
   * The values that are JSON numbers or booleans, by their text; absent where all are strings. OSS wants
   * strings, and what it makes of the others is not documented.
   */
  readonly unquoted?: readonly string[];
}

/** What the policy language does not know, kept as it was written and compared as it is. */
export interface UnknownField {
  readonly name: string;
  /** Its value as stable JSON text. */
  readonly json: string;
}

/** The `Sid` of a statement and the `Id` of a policy name it, and say nothing about any request. */
export function isLabel({ name, json }: UnknownField, of: "policy" | "statement"): boolean {
  return name === (of === "policy" ? "Id" : "Sid") && json.startsWith('"');
}

/** The canonical form of a policy document. Letter case is never folded. */
export function canonicalPolicy(document: JsonObject): Policy {
  const { Version: version, Statement: statement, ...rest } = document;
  const items = statement !== undefined && isList(statement) ? statement : [];
  const strange = items.length > 0 ? items.filter((item) => !isObject(item)) : statement;
  return {
    version: typeof version === "string" ? version : null,
    statements: statementSet(items.filter(isObject).map(canonicalStatement)),
    other: unknownFields({
      ...rest,
      ...(version === undefined || typeof version === "string" ? {} : { Version: version }),
      ...(strange === undefined || isEmptyList(strange) ? {} : { Statement: strange }),
    }),
  };
}

export function canonicalStatement(document: JsonObject): Statement {
  const known = {
    effect: typeof document["Effect"] === "string" ? document["Effect"] : null,
    principal: hasOtherPrincipal(document) ? null : principalSet(document["Principal"]),
    action: memberSet(document["Action"]),
    resource: memberSet(document["Resource"]),
    condition: conditionTests(document["Condition"]),
  };
  const understood = new Map<string, unknown>([
    ["Effect", known.effect],
    ["Principal", known.principal],
    ["Action", known.action],
    ["Resource", known.resource],
    ["Condition", known.condition],
  ]);
  const rest = Object.entries(document).filter(([name]) => (understood.get(name) ?? null) === null);
  return { ...known, other: unknownFields(Object.fromEntries(rest)) };
}

/** Whether another field, such as NotPrincipal, stands in the place of Principal: it is not everyone then. */
function hasOtherPrincipal(document: JsonObject): boolean {
  return document["Principal"] === undefined && Object.keys(document).some((name) => /principal/i.test(name));
}

/** Tells statements apart: equal texts are equal statements. */
export function statementKey(statement: Statement): string {
  return JSON.stringify(statement);
}

/** `sha256:` and the hash of the canonical form; `none` where there is no policy. */
export function policyDigest(policy: Policy | "none"): string {
  if (policy === "none") return "none";
  const text = JSON.stringify(policy);
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The statement in OSS's own words and order, as it is shown to people. */
export function statementDocument(statement: Statement): JsonObject {
  const { effect, principal, action, resource, condition, other } = statement;
  const fields: readonly (readonly [string, Json | null])[] = [
    ["Effect", effect],
    ["Principal", principal],
    ["Action", action],
    ["Resource", resource],
    ["Condition", condition === null ? null : conditionDocument(condition)],
  ];
  const unknown = other.map(({ name, json }): [string, Json] => {
    const parsed = parseJson(json);
    return [name, "value" in parsed ? parsed.value : json];
  });
  return Object.fromEntries([...fields.filter(([, value]) => value !== null), ...unknown]) as JsonObject;
}

function conditionDocument(tests: readonly ConditionTest[]): JsonObject {
  const operators = [...new Set(tests.map(({ operator }) => operator))];
  return Object.fromEntries(
    operators.map((operator) => {
      const own = tests.filter((test) => test.operator === operator && test.key !== null);
      return [operator, Object.fromEntries(own.map((test) => [test.key ?? "", documentValues(test)]))];
    }),
  );
}

function documentValues({ values, unquoted = [] }: ConditionTest): readonly Json[] {
  return values.map((text) => {
    const parsed = unquoted.includes(text) ? parseJson(text) : { value: text };
    return "value" in parsed ? parsed.value : text;
  });
}

function statementSet(statements: readonly Statement[]): readonly Statement[] {
  const byKey = new Map(statements.map((statement) => [statementKey(statement), statement]));
  return [...byKey].sort(([a], [b]) => compareText(a, b)).map(([, statement]) => statement);
}

function principalSet(value: Json | undefined): readonly string[] | null {
  if (value === undefined) return ["*"];
  const members = memberSet(value);
  return members?.length === 0 ? ["*"] : members;
}

/** One string or a list of strings, as a sorted set; null for any other shape. */
function memberSet(value: Json | undefined): readonly string[] | null {
  if (typeof value === "string") return [value];
  if (value === undefined || !isList(value)) return null;
  return value.every((item) => typeof item === "string") ? sortedSet(value) : null;
}

/** Sorted by operator and key; null for none, and for a shape that the policy language does not know. */
function conditionTests(value: Json | undefined): readonly ConditionTest[] | null {
  if (!isObject(value)) return null;
  const tests: ConditionTest[] = [];
  for (const [operator, keys] of Object.entries(value)) {
    if (!isObject(keys)) return null;
    const entries = Object.entries(keys);
    if (entries.length === 0) tests.push({ operator, key: null, values: [] });
    for (const [key, written] of entries) {
      const found = conditionValues(written);
      if (found === null) return null;
      tests.push({ operator, key, ...found });
    }
  }
  return tests.sort((a, b) => compareText(a.operator, b.operator) || compareText(a.key ?? "", b.key ?? ""));
}

/** The texts of the values, sorted, and those of them that are not JSON strings. */
function conditionValues(value: Json): Pick<ConditionTest, "values" | "unquoted"> | null {
  const members: readonly Json[] = isList(value) ? value : [value];
  const texts = members.map(valueText);
  if (!texts.every((text) => text !== null)) return null;
  const quoted = members.filter((member) => typeof member === "string");
  const unquoted = sortedSet(texts).filter((text) => !quoted.includes(text));
  return { values: sortedSet(texts), ...(unquoted.length === 0 ? {} : { unquoted }) };
}

function valueText(value: Json): string | null {
  if (value === null || isList(value) || isObject(value)) return null;
  return scalarText(value);
}

export function scalarText(value: Scalar): string {
  return isExactNumber(value) ? value.value : String(value);
}

function unknownFields(fields: JsonObject): readonly UnknownField[] {
  return Object.entries(fields)
    .map(([name, value]) => ({ name, json: stableText(value) }))
    .sort((a, b) => compareText(a.name, b.name));
}

function isEmptyList(value: Json): boolean {
  return isList(value) && value.length === 0;
}

function sortedSet(members: readonly string[]): readonly string[] {
  return [...new Set(members)].sort(compareText);
}
