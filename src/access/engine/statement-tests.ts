/** Compiler from a statement to a conjunction: one test a field, as a bit mask of atoms or as pattern NFAs. */

import { asciiLower } from "../../policy/ascii.ts";
import { findOperator } from "../../policy/conditions.ts";
import { globMatches } from "../../policy/glob.ts";
import type { ConditionTest, Statement } from "../../policy/policy.ts";
import { memoize, memoizeOf, memoizeWithin } from "../../memoize.ts";
import { parseResource } from "../../policy/resource.ts";
import {
  always,
  type AtomTest,
  type Field,
  type Test,
  type TextTest,
  type AtomField,
  type TextField,
} from "./fields.ts";
import { matchedInterval, type Interval } from "./intervals.ts";
import { textGroup } from "./text-groups.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { partitionPoint } from "../partition-point.ts";
import type { Interpretation } from "../request.ts";

/** Inputs for compiling a test. */
interface TestContext {
  readonly bucket: Bucket;
  readonly interpretation: Interpretation;
  /** Key of the positions that the test depends on. */
  readonly positions: string;
}

/** Compiler of statements for one list of fields. Tests that no open question changes are compiled once. */
export class StatementCompiler {
  readonly #fields: readonly Field[];
  readonly #bucket: Bucket;
  /** Tests by the positions that they depend on, each at the place of its field. */
  readonly #known = new Map<Statement, Map<string, Test[]>>();
  /** Positions of each field. */
  readonly #positions = new Map<Interpretation, readonly string[]>();

  constructor(fields: readonly Field[], bucket: Bucket) {
    this.#fields = fields;
    this.#bucket = bucket;
  }

  /** Returns the tests of a statement, one for each field. */
  testsOf(statement: Statement, interpretation: Interpretation): readonly Test[] {
    const known = this.#known.get(statement) ?? new Map<string, Test[]>();
    this.#known.set(statement, known);
    const ofFields = this.#positionsUnder(interpretation);
    return this.#fields.map((field, at) => {
      const positions = ofFields[at] ?? "";
      const tests = known.get(positions) ?? [];
      known.set(positions, tests);
      const found = tests[at];
      if (found !== undefined) return found;
      const around = { bucket: this.#bucket, interpretation, positions };
      const made =
        field.kind === "texts" ? textTestOf(statement, field, around) : atomTestOf(statement, field, around);
      tests[at] = made;
      return made;
    });
  }

  #positionsUnder(interpretation: Interpretation): readonly string[] {
    const known = this.#positions.get(interpretation);
    if (known !== undefined) return known;
    const made = this.#fields.map((field) => positionsOn(field, interpretation));
    this.#positions.set(interpretation, made);
    return made;
  }
}

/** Returns the positions that the tests of a field depend on, as a key. */
function positionsOn({ name }: Field, interpretation: Interpretation): string {
  switch (name) {
    case "principal": {
      const { emptyCondition, mixedPrincipals, ownerNamed, roleCase } = interpretation;
      return `${emptyCondition},${mixedPrincipals},${ownerNamed},${roleCase}`;
    }
    case "action":
      return interpretation.actionCase;
    case "resource":
      return `${interpretation.namedRegion},${interpretation.foreignOwner}`;
    default: {
      const { absentKey, absentText, boolCase, hostBits, unquotedValue } = interpretation;
      return `${absentKey},${absentText},${boolCase},${hostBits},${unquotedValue}`;
    }
  }
}

function atomTestOf(statement: Statement, field: AtomField, around: TestContext): Test {
  if (field.name === "principal") return principalTest(statement, field, around);
  if (field.name === "action") return actionTest(statement, field, around.interpretation);
  const tests = testsOn(statement, field);
  return tests.length === 0 ? always : atomTest(tests, field, around.interpretation);
}

/** Several policies of the longest. Each test keeps the DFAs of its patterns. */
const maxStatements = 300;

/** Kept beyond one comparison: a test of texts does not depend on the other statements. */
const textTestOf = memoizeWithin(
  ({ name }: TextField, { bucket, positions }: TestContext) =>
    `${name} ${positions} ${name === "resource" ? `${bucket.owner} ${bucket.name}` : ""}`,
  (statement: Statement, field, around): Test => {
    if (field.name === "resource") return resourceTest(statement, around);
    const tests = testsOn(statement, field);
    return tests.length === 0 ? always : textTest(tests, field, around.interpretation);
  },
  maxStatements,
);

function testsOn({ condition }: Statement, { name }: Field): readonly ConditionTest[] {
  return (condition ?? []).filter(({ key }) => key === name);
}

/** Returns the conjunction of the tests of two statements, field by field. */
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
 * Returns the test of the principal. `*` without a Condition excludes the owner (OSS docs: bucket policy).
 * `anonymous` and `owner` occur only in queries, never in a policy.
 */
function principalTest(
  statement: Statement,
  field: Field,
  { bucket, interpretation }: TestContext,
): AtomTest {
  const { principal, condition, effect } = statement;
  const spares =
    condition === null || (condition.length === 0 && interpretation.emptyCondition === "is none");
  const names = new Set(principal);
  const isAlone = names.size === 1 || interpretation.mixedPrincipals === "spare the owner";
  const { mask } = maskOf(field, (caller = "") => {
    if (caller === "owner")
      return (
        names.has("owner") ||
        (names.has("*") && !(spares && isAlone)) ||
        (names.has(bucket.owner) && !(effect === "Deny" && interpretation.ownerNamed === "is spared"))
      );
    return names.has("*") || names.has(caller);
  });
  const folds = interpretation.roleCase === "is left aside";
  const roles = [...names].filter((name) => name.startsWith("arn:"));
  return { kind: "atoms", mask: roles.reduce((sum, role) => sum | roleMask(field, role, folds), mask) };
}

const roleMask = memoizeWithin(
  (role: string, folds: boolean) => `${Number(folds)}${role}`,
  (field: Field, role: string, folds: boolean): bigint =>
    maskOf(
      field,
      (caller = "") =>
        caller.startsWith("arn:") &&
        (globMatches(role, caller) || (folds && foldedRoleMatches(role, caller))),
    ).mask,
);

/** Returns true if a role session matches, ignoring letter case in the name of the role. */
export function foldedRoleMatches(pattern: string, caller: string): boolean {
  return globMatches(withLowerRole(pattern), withLowerRole(caller));
}

/** Returns the ARN of a role session with the name of the role in lower case. */
export const withLowerRole = memoize((arn) =>
  arn
    .split("/")
    .map((part, index) => (index === 1 ? asciiLower(part) : part))
    .join("/"),
);

function actionTest({ action }: Statement, field: Field, { actionCase }: Interpretation): AtomTest {
  const folds = actionCase === "is left aside";
  const mask = (action ?? []).reduce((sum, word) => sum | actionMask(field, word, folds), 0n);
  return { kind: "atoms", mask };
}

const actionMask = memoizeWithin(
  (word: string, folds: boolean) => `${Number(folds)}${word}`,
  (field: Field, word: string, folds: boolean): bigint => {
    const pattern = folds ? asciiLower(word) : word;
    const names = folds ? lowerSamples(field) : samplesOf(field);
    return names.reduce(
      (sum, name, index) => (globMatches(pattern, name) ? sum | (1n << BigInt(index)) : sum),
      0n,
    );
  },
);

const lowerSamples = memoizeOf((field: Field) => samplesOf(field).map(asciiLower));

const samplesOf = memoizeOf((field: Field): readonly string[] =>
  field.kind === "atoms" ? field.atoms.map(({ sample = "" }) => sample) : [],
);

function resourceTest({ resource }: Statement, { bucket, interpretation }: TestContext): TextTest {
  const names = (resource ?? []).flatMap((text) => {
    const parsed = parseResource(text);
    if (parsed === undefined) return [];
    if (parsed.kind === "everything") return ["*"];
    if (parsed.region !== "*" && interpretation.namedRegion === "never matches") return [];
    const isOwn = globMatches(parsed.owner, bucket.owner);
    return isOwn || interpretation.foreignOwner === "matches" ? [parsed.name] : [];
  });
  const made = textGroup(names, { isLiteral: false, foldsCase: false }, false, `${bucket.name}/`);
  const isOnBucket = names.some((name) => globMatches(name, bucket.name));
  return { kind: "texts", groups: [made], absent: isOnBucket, impossible: isOnBucket };
}

/** Returns true if a request without the key meets all tests: negated ones, if the interpretation lets them hold. */
function absentMeets(tests: readonly ConditionTest[], { absentKey }: Interpretation): boolean {
  return tests.every(({ operator }) => operator.includes("Not") && absentKey === "negated is true");
}

function atomTest(
  tests: readonly ConditionTest[],
  field: AtomField,
  interpretation: Interpretation,
): AtomTest {
  const absent = absentMeets(tests, interpretation)
    ? maskOf(field, (sample) => sample === undefined).mask
    : 0n;
  const masks = tests.map((test) => valuesMeeting(test, field, interpretation));
  return { kind: "atoms", mask: absent | masks.reduce((both, mask) => both & mask) };
}

/** Returns the values that meet a test. Of an ordered key, those of an interval are found by its ends. */
function valuesMeeting(test: ConditionTest, field: AtomField, interpretation: Interpretation): bigint {
  const { boolCase, hostBits } = interpretation;
  const { all, starts } = presentValues(field);
  const matching = valuesIn(test, interpretation).reduce((sum, value) => {
    if (starts.length > 0) return sum | bitsWithin(starts, matchedInterval(test.operator, value, hostBits));
    const text = boolCase === "counts" ? value : asciiLower(value);
    return sum | maskOf(field, (sample) => sample === text).mask;
  }, 0n);
  return findOperator(test.operator)?.negated === true ? all & ~matching : matching;
}

/** Returns the values of a key as bits and, if the key is ordered, the first one of each atom. */
const presentValues = memoizeOf((field: AtomField) => ({
  all: maskOf(field, (sample) => sample !== undefined).mask,
  starts: field.atoms.flatMap(({ range }) => (range === undefined ? [] : [range.first])),
}));

/** Returns the bits of the atoms that begin within an interval. */
function bitsWithin(starts: readonly bigint[], interval: Interval | undefined): bigint {
  if (interval === undefined) return 0n;
  const below = (bound: bigint) => partitionPoint(0, starts.length, (at) => (starts[at] ?? bound) < bound);
  const [first, end] = [below(interval.first), below(interval.last + 1n)];
  return end <= first ? 0n : ((1n << BigInt(end - first)) - 1n) << BigInt(first);
}

/** Returns the values that can match under an interpretation. */
function valuesIn({ values, unquoted }: ConditionTest, { unquotedValue }: Interpretation): readonly string[] {
  if (unquoted === undefined || unquotedValue === "is its text") return values;
  return values.filter((value) => !unquoted.includes(value));
}

function textTest(tests: readonly ConditionTest[], field: Field, interpretation: Interpretation): TextTest {
  const groups = tests.map((test) => {
    const { operator } = test;
    const values = valuesIn(test, interpretation);
    const style = { isLiteral: !operator.endsWith("Like"), foldsCase: operator.endsWith("IgnoreCase") };
    return textGroup(values, style, operator.includes("Not"), "");
  });
  // acs:SourceVpc is never absent: from the Internet it is the empty text.
  const isNone = field.name !== "acs:SourceVpc" && absentMeets(tests, interpretation);
  const isEmpty = tests.every((test) => meetsEmpty(test));
  const absent = interpretation.absentText === "is the empty text" ? isEmpty : isNone;
  // The result for oss:Prefix on calls that do not list is documented (OSS docs: bucket policy).
  return { kind: "texts", groups, absent, impossible: field.name === "oss:Prefix" ? isNone : absent };
}

/** Returns true if the empty text meets a test. */
export function meetsEmpty({ operator, values }: ConditionTest): boolean {
  return values.some((value) => matchesEmpty(operator, value)) !== operator.includes("Not");
}

/** Returns true if the empty text matches a value of a text operator. */
export function matchesEmpty(operator: string, value: string): boolean {
  return value === "" || (operator.endsWith("Like") && /^\*+$/.test(value));
}
