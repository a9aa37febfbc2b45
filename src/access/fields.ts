import { actions, isGrantable, type Action } from "../policy/actions.ts";
import { findConditionKey, findOperator } from "../policy/conditions.ts";
import { globMatches } from "../policy/glob.ts";
import { parseIpRange, parseIpTest } from "../policy/ip-range.ts";
import type { ConditionTest, Statement } from "../policy/policy.ts";
import { remembered, rememberedBy } from "../policy/remembered.ts";
import { parseResource } from "../policy/resource.ts";
import { beginningOf, type Beginning } from "./beginnings.ts";
import { anyText, objectKey, roleSession, sourceVpc, type Language } from "./language.ts";
import { addressAtoms, orderedAtoms, type Atom } from "./points.ts";
import type { Bucket, Reading } from "./request.ts";
import { patternGroup, startOf, type Group, type PatternStyle, type Places } from "./patterns.ts";
import { textClasses } from "./texts.ts";

/** One thing that a request has: who asks, for which action, a condition key, or on what. */
export type Field = AtomField | TextField;

/** A field with finitely many values that a policy can tell apart. */
export interface AtomField {
  readonly kind: "atoms";
  readonly name: string;
  readonly atoms: readonly Atom[];
  /** Of the principal: the patterns of role sessions by which its atoms differ. */
  readonly roles: readonly string[];
}

/** A field whose values are texts. */
export interface TextField {
  readonly kind: "texts";
  readonly name: string;
  readonly language: Language;
}

/** The part of a statement that speaks of one field. */
export type Test = AtomTest | TextTest;

/** Bit n is whether atom n of the field meets it. */
export interface AtomTest {
  readonly kind: "atoms";
  readonly mask: bigint;
}

/** All groups must match, or, where negated, must not. */
export interface TextTest {
  readonly kind: "texts";
  readonly groups: readonly TextGroup[];
  /** What a request without the key, or one to the bucket itself, makes of it. */
  readonly absent: boolean;
  /** The same of a call that cannot have the key. */
  readonly impossible: boolean;
}

export interface TextGroup {
  readonly group: Group;
  readonly start: Places;
  readonly isNegated: boolean;
  readonly patterns: readonly string[];
  readonly style: PatternStyle;
  /** What every text begins with. */
  readonly prefix: string;
  readonly key: string;
  /** What the texts that match begin with, in small letters. */
  readonly begins: readonly Beginning[];
}

/** What is worked out for a group is kept with it, and that may be much. */
const mostGroups = 1_000;

export const always: AtomTest = { kind: "atoms", mask: -1n };

/** What the fields and the tests of them are worked out from. */
export interface Surroundings {
  readonly statements: readonly Statement[];
  readonly bucket: Bucket;
  readonly reading: Reading;
}

export const grantable: readonly Action[] = actions.filter(isGrantable);

/** Who asks, then the action, then keys with few values, then texts: those prune best late. */
export function fieldsOf({ statements, bucket }: Surroundings): readonly Field[] {
  const tests = statements.flatMap(({ condition }) => condition ?? []);
  const keys = [...new Set(tests.map(({ key }) => key ?? ""))].sort();
  const byKey = keys.map((key) =>
    keyField(
      key,
      tests.filter((test) => test.key === key),
    ),
  );
  return [
    principalField(statements, bucket),
    atomField(
      "action",
      grantable.map(({ name }) => ({ sample: name })),
    ),
    ...byKey.filter(({ kind }) => kind === "atoms"),
    ...byKey.filter(({ kind }) => kind === "texts"),
    { kind: "texts", name: "resource", language: objectKey },
  ];
}

function keyField(key: string, tests: readonly ConditionTest[]): Field {
  const absent: Atom = { sample: undefined };
  switch (findConditionKey(key)?.family) {
    case "Bool":
      return atomField(key, [{ sample: "true" }, { sample: "false" }, absent]);
    case "Numeric":
      return atomField(key, [...orderedAtoms("Numeric", tests), absent]);
    case "Date":
      return atomField(key, [...orderedAtoms("Date", tests), absent]);
    case "Ip":
      return atomField(key, [...addressAtoms(tests), absent]);
    case "String":
    case undefined:
      return { kind: "texts", name: key, language: key === "acs:SourceVpc" ? sourceVpc : anyText };
  }
}

function atomField(name: string, atoms: readonly Atom[], roles: readonly string[] = []): AtomField {
  return { kind: "atoms", name, atoms, roles };
}

const anotherUid = (taken: readonly string[]) => {
  let uid = 299999999999999999n;
  while (taken.includes(String(uid))) uid -= 1n;
  return String(uid);
};

/** Anonymous, the owner, each UID that is named, any other UID, and each kind of role session. */
function principalField(statements: readonly Statement[], { owner }: Bucket): AtomField {
  const words = [...new Set(statements.flatMap(({ principal }) => principal ?? []))].sort();
  const uids = words.filter((word) => /^[0-9]+$/.test(word) && word !== owner);
  const roles = words.filter((word) => word.startsWith("arn:"));
  const style = { isLiteral: false, foldsCase: false };
  const groups = roles.flatMap((role) => [patternGroup([role], style), foldedRole(role)]);
  const sessions = textClasses({
    language: roleSession,
    groups: groups.map((group, question) => ({ group, start: startOf(group), question })),
    isSettled: () => false,
    spend: () => undefined,
  });
  const samples = ["anonymous", "owner", ...uids, anotherUid([...uids, owner])];
  const all = [...samples, ...sessions.map(({ sample }) => sample)];
  return atomField(
    "principal",
    all.map((sample) => ({ sample })),
    roles,
  );
}

/** The role stands between the slashes; only there letter case may be left aside. */
function foldedRole(role: string): Group {
  const exact = patternGroup([role], { isLiteral: false, foldsCase: false });
  const folded = patternGroup([role], { isLiteral: false, foldsCase: true });
  const letters = [...role];
  const first = letters.indexOf("/");
  const second = letters.indexOf("/", first + 1);
  const marks = exact.marks.map((mark, index) =>
    index > first && index < second ? (folded.marks[index] ?? mark) : mark,
  );
  return { ...exact, marks };
}

/** The tests of one statement, one for each field. */
export function testsOf(
  statement: Statement,
  fields: readonly Field[],
  around: Surroundings,
): readonly Test[] {
  return fields.map((field) => {
    if (field.name === "principal") return principalTest(statement, field, around);
    if (field.name === "action") return actionTest(statement, around.reading);
    if (field.name === "resource") return resourceTest(statement, around);
    const tests = (statement.condition ?? []).filter(({ key }) => key === field.name);
    if (tests.length === 0) return always;
    return field.kind === "atoms"
      ? atomTest(tests, field, around.reading)
      : textTest(tests, field, around.reading);
  });
}

/** What two statements ask of the same fields, as one that asks for both. */
export function testsOfBoth(some: readonly Test[], others: readonly Test[]): readonly Test[] {
  return some.map((one, index) => {
    const other = others[index] ?? always;
    if (one.kind === "atoms") return other.kind === "atoms" ? { ...one, mask: one.mask & other.mask } : other;
    if (other.kind === "atoms") return one;
    return {
      kind: "texts",
      groups: [...one.groups, ...other.groups],
      absent: one.absent && other.absent,
      impossible: one.impossible && other.impossible,
    };
  });
}

function maskOf(field: Field, holds: (sample: string | undefined) => boolean): AtomTest {
  const atoms = field.kind === "atoms" ? field.atoms : [];
  const mask = atoms.reduce(
    (sum, { sample }, index) => (holds(sample) ? sum | (1n << BigInt(index)) : sum),
    0n,
  );
  return { kind: "atoms", mask };
}

/**
 * `*` without a Condition spares the owner (OSS docs: bucket policy). `anonymous` and `owner` stand in
 * questions about a policy, never in a policy.
 */
function principalTest(statement: Statement, field: Field, { bucket, reading }: Surroundings): AtomTest {
  const { principal, condition, effect } = statement;
  const spares = condition === null || (condition.length === 0 && reading.emptyCondition === "is none");
  const names = new Set(principal);
  const folds = reading.roleCase === "is left aside";
  return maskOf(field, (asking = "") => {
    if (asking === "owner")
      return (
        names.has("owner") ||
        (names.has("*") && !spares) ||
        (names.has(bucket.owner) && !(effect === "Deny" && reading.ownerNamed === "is spared"))
      );
    if (names.has("*") || names.has(asking)) return true;
    if (!asking.startsWith("arn:")) return false;
    const roles = [...names].filter((name) => name.startsWith("arn:"));
    return roles.some((role) => globMatches(role, asking) || (folds && foldedRoleMatches(role, asking)));
  });
}

/** Whether a role session matches where letter case is left aside in the name of the role. */
export function foldedRoleMatches(pattern: string, asking: string): boolean {
  const fold = (arn: string) =>
    arn
      .split("/")
      .map((part, index) => (index === 1 ? part.toLowerCase() : part))
      .join("/");
  return globMatches(fold(pattern), fold(asking));
}

function actionTest({ action }: Statement, { actionCase }: Reading): AtomTest {
  const maskOfPattern = actionCase === "counts" ? exactActions : actionsInAnyCase;
  return { kind: "atoms", mask: (action ?? []).reduce((mask, pattern) => mask | maskOfPattern(pattern), 0n) };
}

const exactActions = remembered((pattern) => actionMask((name) => globMatches(pattern, name)));

const actionsInAnyCase = remembered((pattern) => {
  const folded = pattern.toLowerCase();
  return actionMask((name) => globMatches(folded, name.toLowerCase()));
});

function actionMask(isMeant: (name: string) => boolean): bigint {
  return grantable.reduce(
    (mask, { name }, index) => (isMeant(name) ? mask | (1n << BigInt(index)) : mask),
    0n,
  );
}

function resourceTest({ resource }: Statement, { bucket, reading }: Surroundings): TextTest {
  const names = (resource ?? []).flatMap((text) => {
    const parsed = parseResource(text);
    if (parsed === undefined) return [];
    if (parsed.kind === "everything") return ["*"];
    if (parsed.region !== "*" && reading.namedRegion === "never matches") return [];
    const isOwn = globMatches(parsed.owner, bucket.owner);
    return isOwn || reading.foreignOwner === "matches" ? [parsed.name] : [];
  });
  const made = textGroup(names, { isLiteral: false, foldsCase: false }, false, `${bucket.name}/`);
  const isOnBucket = names.some((name) => globMatches(name, bucket.name));
  return { kind: "texts", groups: [made], absent: isOnBucket, impossible: isOnBucket };
}

/** A request without the key meets the negated tests, or none, as the reading has it. */
function absentMeets(tests: readonly ConditionTest[], { absentKey }: Reading): boolean {
  return tests.every(({ operator }) => operator.includes("Not") && absentKey === "negated is true");
}

function atomTest(tests: readonly ConditionTest[], field: Field, reading: Reading): AtomTest {
  return maskOf(field, (sample) =>
    sample === undefined ? absentMeets(tests, reading) : tests.every((test) => holdsAt(test, sample)),
  );
}

function holdsAt({ operator, values }: ConditionTest, sample: string): boolean {
  const known = findOperator(operator);
  const matches = values.some((value) => compares(operator, value, sample));
  return matches !== (known?.negated ?? false);
}

function compares(operator: string, value: string, sample: string): boolean {
  if (operator === "Bool") return value.toLowerCase() === sample;
  if (operator.includes("IpAddress")) {
    const [range, address] = [parseIpTest(value), parseIpRange(sample)];
    if (range === undefined || address === undefined || range.version !== address.version) return false;
    return range.first <= address.first && address.first <= range.last;
  }
  const isDate = operator.startsWith("Date");
  const [left, right] = isDate ? [Date.parse(sample), Date.parse(value)] : [Number(sample), Number(value)];
  if (operator.includes("LessThan")) return left < right || (operator.endsWith("Equals") && left === right);
  if (operator.includes("GreaterThan"))
    return left > right || (operator.endsWith("Equals") && left === right);
  return left === right;
}

function textTest(tests: readonly ConditionTest[], field: Field, reading: Reading): TextTest {
  const groups = tests.map(({ operator, values }) => {
    const style = { isLiteral: !operator.endsWith("Like"), foldsCase: operator.endsWith("IgnoreCase") };
    return textGroup(values, style, operator.includes("Not"), "");
  });
  // acs:SourceVpc is never absent: its texts hold the empty one.
  const isNone = field.name !== "acs:SourceVpc" && absentMeets(tests, reading);
  const isEmpty = tests.every((test) => meetsEmpty(test));
  const absent = reading.absentText === "is the empty text" ? isEmpty : isNone;
  // For oss:Prefix on other calls than listings it is documented (OSS docs: bucket policy).
  return { kind: "texts", groups, absent, impossible: field.name === "oss:Prefix" ? isNone : absent };
}

/** Whether the empty text meets a test. */
function meetsEmpty({ operator, values }: ConditionTest): boolean {
  return values.some((value) => matchesEmpty(operator, value)) !== operator.includes("Not");
}

/** Whether the empty text matches a value of an operator on texts. */
export function matchesEmpty(operator: string, value: string): boolean {
  return value === "" || (operator.endsWith("Like") && /^\*+$/.test(value));
}

/** A text matches it where, behind the prefix, it matches one of the patterns. Policies share many groups. */
export const textGroup = rememberedBy(
  (patterns: readonly string[], style: PatternStyle, isNegated: boolean, prefix: string) =>
    `${isNegated}${groupKey(patterns, style, prefix)}`,
  (patterns, style, isNegated, prefix): TextGroup => {
    const group = patternGroup(patterns, style);
    const [start, key] = [startOf(group, prefix), groupKey(patterns, style, prefix)];
    const begins = patterns.map((pattern) => {
      const folded = pattern.toLowerCase();
      return style.isLiteral ? { text: folded, isOpen: false } : beginningOf(folded);
    });
    return { group, start, isNegated, patterns, style, prefix, key, begins };
  },
  mostGroups,
);

function groupKey(patterns: readonly string[], style: PatternStyle, prefix: string): string {
  return JSON.stringify([patterns, style, prefix]);
}
