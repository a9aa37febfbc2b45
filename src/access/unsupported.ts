import { memoizeOf } from "../memoize.ts";
import { findConditionKey, findOperator } from "../policy/conditions.ts";
import { isMapped, parseIpTest } from "../policy/ip-range.ts";
import { parseMoment } from "../policy/moment.ts";
import { isLabel, type ConditionTest, type Policy, type Statement } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";
import { parseResource } from "../policy/resource.ts";

/** Part of a policy without a known meaning. */
export interface Unsupported {
  /** Index of the statement in the canonical policy; absent for a field of the policy itself. */
  readonly statement?: number;
  readonly what: string;
}

/**
 * Returns every part of a policy without a known meaning; empty if the policy is supported. A decision must
 * not ignore such a part: it could be wrong in either direction.
 */
export function unsupported(policy: Policy): readonly Unsupported[] {
  const ofPolicy = policy.other
    .filter((one) => !isLabel(one, "policy"))
    .map(({ name }) => ({ what: `the field \`${name}\` of the policy` }));
  const ofStatements = policy.statements.flatMap((statement, index) =>
    unsupportedIn(statement).map((what) => ({ statement: index, what })),
  );
  return [...ofPolicy, ...ofStatements];
}

/**
 * Formats the parts as a list for people, without the indices: the order of a canonical policy is not that of a file or a live
 * policy.
 */
export function unsupportedText(found: readonly Unsupported[]): string {
  return [...new Set(found.map(({ what }) => what))].join("; ");
}

/** Returns every part of a statement without a known meaning. */
const unsupportedIn = memoizeOf(findUnsupported);

function findUnsupported(statement: Statement): readonly string[] {
  const { effect, principal, action, resource, condition, other } = statement;
  const texts = [...(principal ?? []), ...(action ?? []), ...(resource ?? [])];
  return [
    ...other.filter((one) => !isLabel(one, "statement")).map(({ name }) => `the field \`${name}\``),
    ...(effect === "Allow" || effect === "Deny" ? [] : ["an Effect that is neither Allow nor Deny"]),
    ...(principal ?? []).filter((word) => !isPrincipal(word)).map((word) => `the principal \`${word}\``),
    ...listProblem("Action", action),
    ...listProblem("Resource", resource),
    ...(resource ?? []).filter((word) => !isResource(word)).map((word) => `the resource \`${word}\``),
    ...[...(action ?? []), ...(resource ?? [])]
      .filter((word) => word.includes("${"))
      .map((word) => `\`${word}\``),
    ...texts.filter((word) => !isUnicode(word)).map(() => "a text that is not Unicode"),
    ...(condition ?? []).flatMap(inTest),
  ];
}

function listProblem(name: string, members: readonly string[] | null): readonly string[] {
  if (members === null) return [`a missing ${name}`];
  return members.length === 0 ? [`an empty list of ${name}`] : [];
}

/**
 * Returns bounds of a statement: `least` matches no more, and `most` no less, than any meaning of its unknown
 * parts. A decision that is the same with both is certain. Null if its Effect is unknown.
 */
export function boundsOf(
  statement: Statement,
): { readonly least: Statement; readonly most: Statement } | null {
  const { effect, principal, action, resource, condition, other } = statement;
  if (effect !== "Allow" && effect !== "Deny") return null;
  if (unsupportedIn(statement).length === 0) return { least: statement, most: statement };
  const isKnown = (words: readonly string[] | null, isWord: (word: string) => boolean) =>
    words !== null &&
    words.length > 0 &&
    words.every((word) => isWord(word) && isUnicode(word) && !word.includes("${"));
  const most: Statement = {
    effect,
    principal: isKnown(principal, isPrincipal) ? principal : ["*"],
    action: isKnown(action, () => true) ? action : ["oss:*"],
    resource: isKnown(resource, isResource) ? resource : ["*"],
    condition: [...(condition ?? []).filter((test) => inTest(test).length === 0), ...holdsAlways],
    other: [],
  };
  // Without an Effect it decides nothing, and the indices of the others do not change.
  return { least: { ...statement, effect: null }, most: other.length === 0 ? most : { ...most, ...widest } };
}

/** Condition that every request meets: with it `*` includes the owner. */
export const holdsAlways: readonly ConditionTest[] = [
  { operator: "Bool", key: "acs:SecureTransport", values: ["false", "true"] },
];

/** Fields of the widest statement: NotPrincipal and the like may replace the known fields. */
const widest = { principal: ["*"], action: ["oss:*"], resource: ["*"], condition: holdsAlways };

/** Returns true for a resource of OSS, or of another service, which never matches here (OSS docs: policy syntax). */
function isResource(word: string): boolean {
  return parseResource(word) !== undefined || /^acs:(?!oss:)[a-z]+:[^:]*:[^:]*:./s.test(word);
}

function isPrincipal(word: string): boolean {
  return word === "*" || /^[0-9]+$/.test(word) || parseRoleSession(word) !== undefined;
}

function inTest({ operator: name, key, values }: ConditionTest): readonly string[] {
  const operator = findOperator(name);
  if (operator === undefined || !operator.hasMeaning) return [`the operator \`${name}\``];
  if (key === null) return [`the operator \`${name}\` without a condition key`];
  const known = findConditionKey(key);
  if (known === undefined) return [`the condition key \`${key}\``];
  if (known.family !== operator.family) return [`\`${name}\` on \`${known.name}\``];
  if (values.length === 0) return [`an empty list of values of \`${key}\``];
  if (!values.every(isUnicode)) return ["a text that is not Unicode"];
  return values.filter((value) => !isValue(operator.family, value)).map((value) => `the value \`${value}\``);
}

function isValue(family: string, value: string): boolean {
  switch (family) {
    case "Bool":
      return /^(true|false)$/i.test(value);
    case "Numeric":
      return /^(0|[1-9][0-9]{0,14})$/.test(value);
    case "Date":
      return parseMoment(value)?.kind === "moment";
    case "Ip":
      return isAddress(value);
  }
  return !value.includes("${");
}

/** Returns true for an address with a known meaning; OSS does not document IPv4-mapped IPv6 addresses. */
function isAddress(value: string): boolean {
  const range = parseIpTest(value);
  return range !== undefined && !isMapped(range);
}

/** Returns true if a text has no lone surrogate. */
function isUnicode(text: string): boolean {
  return text.isWellFormed();
}
