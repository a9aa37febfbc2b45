import type { ConditionOperator } from "./conditions.ts";
import { globMatches } from "./glob.ts";
import { parseIpRange, type IpRange } from "./ip-range.ts";
import { parseMoment } from "./moment.ts";

/** Test of a Condition on one key. */
export interface KeyTest {
  readonly operator: ConditionOperator;
  readonly values: readonly string[];
}

/** Limit of the total length: comparing two lists takes the product of their lengths. Longer tests are rare. */
const maxCharacters = 4_096;

/**
 * Returns true if no value of a key can meet all tests at once. True is a proof; false means that no proof was
 * found. Tests of uncertain meaning or value are ignored: tests that fail without them fail with them, too.
 */
export function contradict(tests: readonly KeyTest[]): boolean {
  const size = tests.flatMap(({ values }) => values).reduce((sum, value) => sum + value.length, 0);
  if (size > maxCharacters) return false;
  const certain = tests.filter(({ operator }) => operator.hasMeaning);
  if (certain.some(({ operator, values }) => !operator.negated && values.length === 0)) return true;
  return (
    stringsContradict(ofFamily(certain, "String")) ||
    orderContradicts("Numeric", ofFamily(certain, "Numeric"), exactNumberOf) ||
    orderContradicts("Date", ofFamily(certain, "Date"), exactTimeOf) ||
    rangesContradict(ofFamily(certain, "Ip"))
  );
}

function ofFamily(tests: readonly KeyTest[], family: ConditionOperator["family"]): readonly KeyTest[] {
  return tests.filter(({ operator }) => operator.family === family);
}

function valuesOf(tests: readonly KeyTest[], name: string): readonly string[] | undefined {
  const found = tests.filter(({ operator }) => operator.name === name);
  return found.length === 0 ? undefined : found.flatMap(({ values }) => values);
}

function stringsContradict(tests: readonly KeyTest[]): boolean {
  const fails = (text: string) => tests.some((test) => surelyFails(test, text));
  const exact = valuesOf(tests, "StringEquals");
  if (exact !== undefined) return exact.every(fails);
  const folded = valuesOf(tests, "StringEqualsIgnoreCase");
  if (folded !== undefined) return folded.every((text) => failsInAnyCase(tests, text));
  const patterns = valuesOf(tests, "StringLike");
  if (patterns === undefined) return false;
  const excluded = valuesOf(tests, "StringNotLike") ?? [];
  return patterns.every(
    (pattern) =>
      excluded.some((wider) => surelyCovers(wider, pattern)) || (!/[*?]/.test(pattern) && fails(pattern)),
  );
}

/** Returns true if a text certainly fails a test of the String family. */
function surelyFails({ operator, values }: KeyTest, text: string): boolean {
  switch (operator.name) {
    case "StringEquals":
      return !values.includes(text);
    case "StringNotEquals":
      return values.includes(text);
    case "StringEqualsIgnoreCase":
      return values.every((value) => isAscii(value + text) && folded(value) !== folded(text));
    case "StringNotEqualsIgnoreCase":
      return values.some((value) => folded(value) === folded(text));
    case "StringLike":
      return values.every((pattern) => isPlain(pattern, text) && !globMatches(pattern, text));
    case "StringNotLike":
      return values.some((pattern) => isPlain(pattern, text) && globMatches(pattern, text));
    default:
      return false;
  }
}

/** Returns true if a text certainly fails in every letter case. */
function failsInAnyCase(tests: readonly KeyTest[], text: string): boolean {
  const excluded = valuesOf(tests, "StringNotEqualsIgnoreCase") ?? [];
  const patterns = valuesOf(tests, "StringLike");
  const fails = (pattern: string) =>
    isAscii(pattern + text) && !pattern.includes("?") && !globMatches(folded(pattern), folded(text));
  return (
    excluded.some((value) => folded(value) === folded(text)) ||
    (patterns !== undefined && patterns.every(fails))
  );
}

/** Returns true if `?` is unambiguous here: OSS does not document whether it matches a character or a byte. */
function isPlain(pattern: string, text: string): boolean {
  return !pattern.includes("?") || isAscii(text);
}

/** Returns true if a wider pattern covers a pattern: the `*` of the wider one also matches wildcards. */
function surelyCovers(wider: string, pattern: string): boolean {
  return !wider.includes("?") && globMatches(wider, pattern);
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

/** Folds ASCII letters. OSS does not document how it folds others. */
function folded(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

interface Bound {
  readonly value: number;
  readonly isStrict: boolean;
}

function orderContradicts(
  family: "Numeric" | "Date",
  tests: readonly KeyTest[],
  parse: (text: string) => number | undefined,
): boolean {
  const numbers = (relation: string) => numbersOf(valuesOf(tests, `${family}${relation}`), parse);
  const bound = (
    relation: string,
    isStrict: boolean,
    loosest: (...values: number[]) => number,
  ): readonly Bound[] => {
    const values = numbers(relation);
    return values === undefined ? [] : [{ value: loosest(...values), isStrict }];
  };
  const lower = [...bound("GreaterThan", true, Math.min), ...bound("GreaterThanEquals", false, Math.min)];
  const upper = [...bound("LessThan", true, Math.max), ...bound("LessThanEquals", false, Math.max)];
  const excluded = (valuesOf(tests, `${family}NotEquals`) ?? []).map(parse);
  const fails = (value: number) =>
    excluded.includes(value) ||
    lower.some((low) => isBehind(low, { value, isStrict: false })) ||
    upper.some((high) => isBehind({ value, isStrict: false }, high));
  const equal = numbers("Equals");
  if (equal !== undefined) return equal.every(fails);
  return lower.some((low) =>
    upper.some((high) => isBehind(low, high) || (low.value === high.value && fails(low.value))),
  );
}

/** Returns true if no value is between a lower and an upper bound. */
function isBehind(low: Bound, high: Bound): boolean {
  return low.value > high.value || (low.value === high.value && (low.isStrict || high.isStrict));
}

/** Parses the values; undefined if the operator is absent or a value is uncertain. */
function numbersOf(
  values: readonly string[] | undefined,
  parse: (text: string) => number | undefined,
): readonly number[] | undefined {
  const numbers = values?.map(parse);
  return numbers?.every((number) => number !== undefined) ? numbers : undefined;
}

/** Parses a number of at most 15 characters: JavaScript numbers keep those distinct. */
function exactNumberOf(text: string): number | undefined {
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text) && text.length <= 15 ? Number(text) : undefined;
}

function exactTimeOf(text: string): number | undefined {
  const moment = parseMoment(text);
  return moment?.kind === "moment" ? moment.timeMs : undefined;
}

function rangesContradict(tests: readonly KeyTest[]): boolean {
  const allowed = valuesOf(tests, "IpAddress")?.map(cleanRange);
  const excluded = joined((valuesOf(tests, "NotIpAddress") ?? []).flatMap((text) => cleanRange(text) ?? []));
  return (
    allowed !== undefined &&
    allowed.every(
      (range) =>
        range !== undefined &&
        excluded.some(
          ({ version, first, last }) =>
            version === range.version && first <= range.first && range.last <= last,
        ),
    )
  );
}

/** Parses a range with a documented meaning: no host bits, no wildcard. */
function cleanRange(text: string): IpRange | undefined {
  const range = parseIpRange(text);
  return range?.address === range?.first ? range : undefined;
}

type Stretch = Pick<IpRange, "version" | "first" | "last">;

/** Merges ranges that overlap or touch. */
function joined(ranges: readonly Stretch[]): readonly Stretch[] {
  const sorted = [...ranges].sort((a, b) => a.version - b.version || (a.first < b.first ? -1 : 1));
  const result: Stretch[] = [];
  for (const range of sorted) {
    const before = result.at(-1);
    if (before === undefined || before.version !== range.version || before.last + 1n < range.first)
      result.push(range);
    else if (before.last < range.last) result[result.length - 1] = { ...before, last: range.last };
  }
  return result;
}
