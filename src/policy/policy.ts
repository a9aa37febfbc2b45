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
 * Policy in canonical form. Documents that differ only in spelling have the same form, so deep equality is
 * equality of policies. It contains only lists and texts: a name from a document never becomes a member
 * name, where `constructor` or `valueOf` would mislead a comparison.
 */
export interface Policy {
  /** `"1"` is the only version; null if it is missing or not a string. */
  readonly version: string | null;
  /** Set: sorted, without duplicates. */
  readonly statements: readonly Statement[];
  readonly other: readonly UnknownField[];
}

/**
 * Statement in canonical form. Lists are sorted sets. A field whose value has an unknown shape, such as a
 * number as principal, is null here and kept in `other`.
 */
export interface Statement {
  readonly effect: string | null;
  /** `["*"]` for everyone: OSS treats `"*"`, `["*"]`, `[]` and a missing Principal alike (OSS docs: policy syntax). */
  readonly principal: readonly string[] | null;
  readonly action: readonly string[] | null;
  readonly resource: readonly string[] | null;
  /**
   * Null if there is none. An empty Condition differs from none: OSS does not document whether it counts as
   * a Condition for the owner rule.
   */
  readonly condition: readonly ConditionTest[] | null;
  readonly other: readonly UnknownField[];
}

/** Test of one key with one operator; the key is null if the operator has no key. */
export interface ConditionTest {
  readonly operator: string;
  readonly key: string | null;
  readonly values: readonly string[];
  /**
   * Texts of the values that are JSON numbers or booleans; absent if all are strings. OSS requires strings,
   * and does not document how it treats others.
   */
  readonly unquoted?: readonly string[];
}

/** Field unknown to the policy language, kept and compared as written. */
export interface UnknownField {
  readonly name: string;
  /** Value as stable JSON text. */
  readonly json: string;
}

/** Returns true for the `Sid` of a statement or the `Id` of a policy, which do not affect any request. */
export function isLabel({ name, json }: UnknownField, of: "policy" | "statement"): boolean {
  return name === (of === "policy" ? "Id" : "Sid") && json.startsWith('"');
}

/** Returns the canonical form of a policy document. Letter case is kept. */
export function canonicalPolicy(document: JsonObject): Policy {
  return canonicalWithSources(document).policy;
}

/** Canonical form of a document, and where its statements come from. */
export interface CanonicalWithSources {
  readonly policy: Policy;
  /** Index in the document's list for each canonical statement: of the last, if several are alike. */
  readonly sources: readonly number[];
}

export function canonicalWithSources(document: JsonObject): CanonicalWithSources {
  const { Version: version, Statement: statement, ...rest } = document;
  const items = statement !== undefined && isList(statement) ? statement : [];
  const strange = items.length > 0 ? items.filter((item) => !isObject(item)) : statement;
  const set = statementSet(items);
  const policy = {
    version: typeof version === "string" ? version : null,
    statements: set.map((one) => one.statement),
    other: unknownFields({
      ...rest,
      ...(version === undefined || typeof version === "string" ? {} : { Version: version }),
      ...(strange === undefined || isEmptyList(strange) ? {} : { Statement: strange }),
    }),
  };
  return { policy, sources: set.map(({ source }) => source) };
}

export function canonicalStatement(document: JsonObject): Statement {
  const known = {
    effect: typeof document["Effect"] === "string" ? document["Effect"] : null,
    principal: hasOtherPrincipal(document) ? null : principalSet(document["Principal"]),
    action: memberSet(document["Action"]),
    resource: memberSet(document["Resource"]),
    condition: conditionTests(document["Condition"]),
  };
  const isParsed = (name: string) => {
    const field = fieldOf.get(name);
    return field !== undefined && known[field] !== null;
  };
  const rest = Object.entries(document).filter(([name]) => !isParsed(name));
  return { ...known, other: rest.length === 0 ? [] : unknownFields(Object.fromEntries(rest)) };
}

const fieldOf: ReadonlyMap<string, "effect" | "principal" | "action" | "resource" | "condition"> = new Map([
  ["Effect", "effect"],
  ["Principal", "principal"],
  ["Action", "action"],
  ["Resource", "resource"],
  ["Condition", "condition"],
]);

/** Returns true if another field, such as NotPrincipal, replaces Principal, which then is not everyone. */
function hasOtherPrincipal(document: JsonObject): boolean {
  return document["Principal"] === undefined && Object.keys(document).some((name) => /principal/i.test(name));
}

/** Returns a key: equal texts are equal statements. */
export function statementKey(statement: Statement): string {
  return JSON.stringify(statement);
}

/** Returns `sha256:` and the hash of the canonical form; `none` if there is no policy. Memoized. */
export function policyDigest(policy: Policy | "none"): string {
  if (policy === "none") return "none";
  const known =
    digests.get(policy) ?? `sha256:${createHash("sha256").update(JSON.stringify(policy)).digest("hex")}`;
  digests.set(policy, known);
  return known;
}

const digests = new WeakMap<Policy, string>();

/** Returns the statement with OSS's field names and order, for display. */
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

interface SourcedStatement {
  readonly statement: Statement;
  readonly source: number;
}

function statementSet(items: readonly Json[]): readonly SourcedStatement[] {
  const byKey = new Map<string, SourcedStatement>();
  for (const [source, item] of items.entries()) {
    if (!isObject(item)) continue;
    const statement = canonicalStatement(item);
    byKey.set(statementKey(statement), { statement, source });
  }
  return [...byKey].sort(([a], [b]) => compareText(a, b)).map(([, one]) => one);
}

function principalSet(value: Json | undefined): readonly string[] | null {
  if (value === undefined) return ["*"];
  const members = memberSet(value);
  return members?.length === 0 ? ["*"] : members;
}

/** Returns a string or a list of strings as a sorted set; null for any other shape. */
function memberSet(value: Json | undefined): readonly string[] | null {
  if (typeof value === "string") return [value];
  if (value === undefined || !isList(value)) return null;
  return value.every((item) => typeof item === "string") ? sortedSet(value) : null;
}

/** Returns the tests sorted by operator and key; null if there is no Condition or its shape is unknown. */
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

/** Returns the sorted texts of the values, and the texts of those that are not JSON strings. */
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
