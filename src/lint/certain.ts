import { actionsMatching, isPattern, readAction } from "../policy/actions.ts";
import { findConditionKey, findOperator } from "../policy/conditions.ts";
import { canMatch, vocabularyOf } from "../policy/key-values.ts";
import { parseRoleSession } from "../policy/principal.ts";
import { matchesBucket, matchesObjects, parseResource } from "../policy/resource.ts";
import { comparisonOf } from "./condition.ts";
import type { PolicyInFile, StatementInFile, TestInFile } from "./rule.ts";
import { replacing, type Word } from "./texts.ts";

/** Field of a statement that a text is in, or the test whose value it is. */
type WordPlace = { readonly statement: StatementInFile } & (
  | { readonly field: "Principal" | "Action" | "Resource" }
  | { readonly field: "value"; readonly test: TestInFile }
);

/**
 * Returns the edit that writes a word without its slip, as a member to spread. It is empty where the word has a meaning
 * as it is written, so that the edit would change what is allowed or denied, and where only a wildcard is left.
 */
export function correcting(word: Word, text: string, policy: PolicyInFile): ReturnType<typeof replacing> {
  return whyUncertain(word, text, policy) === undefined ? replacing(word, text) : {};
}

/** Returns why only the author knows if a word means this text: the words of a help; undefined if it is certain. */
export function whyUncertain(word: Word, text: string, policy: PolicyInFile): string | undefined {
  const place = placeOf(word, policy);
  if (place === undefined) return undefined;
  if (isEverything(text)) return `only if ${everything[place.field]} is meant`;
  const isWider = place.field === "value" && hasTexts(place.test) && isPattern(text);
  if (isWider || hasMeaning(word.text, place, policy.bucket.bucket))
    return "if it is a slip, or silence this with its reason";
  return place.field === "value" && hasTexts(place.test) && !isGranting(place.statement, place.test)
    ? "if it is a slip: the statement then denies or excludes something else"
    : undefined;
}

const everything: Readonly<Record<WordPlace["field"], string>> = {
  Principal: "everyone",
  Action: "every action",
  Resource: "every resource",
  value: "every value",
};

/** Reports whether nothing but wildcards is left of a text, apart from the beginning of every action or resource. */
export function isEverything(text: string): boolean {
  return /^(?:oss:|acs:oss:[^:]*:[^:]*:)?[*?]+$/.test(text);
}

/** Reports whether a test allows something if its value matches: a value that is lost then opens nothing. */
function isGranting({ effect }: StatementInFile, { operator }: Pick<TestInFile, "operator">): boolean {
  return effect === "Allow" && findOperator(operator.text)?.negated === false;
}

/** Reports whether an action gives administration, which is never a guess. */
export function givesAdministration(action: string): boolean {
  return isEverything(action) || actionsMatching(action).some(({ access }) => access === "admin");
}

function placeOf({ span }: Word, { statements }: PolicyInFile): WordPlace | undefined {
  const isIn = (words: readonly Word[]) => words.some((word) => word.span === span);
  for (const statement of statements) {
    if (isIn(statement.principals)) return { field: "Principal", statement };
    if (isIn(statement.actions)) return { field: "Action", statement };
    if (isIn(statement.resources)) return { field: "Resource", statement };
    const test = statement.tests.find(({ values }) => isIn(values));
    if (test !== undefined) return { field: "value", statement, test };
  }
  return undefined;
}

/** Reports whether some request can match a text as it is written. No text that OSS compares has a line break. */
function hasMeaning(text: string, place: WordPlace, bucket: string): boolean {
  if (/[\r\n]/.test(text)) return false;
  switch (place.field) {
    case "Principal":
      return (
        /^(?:\*|[0-9]+)$/.test(text) || (/^[\x21-\x7e]+$/.test(text) && parseRoleSession(text) !== undefined)
      );
    case "Action":
      return readAction(text).kind === "actions";
    case "Resource": {
      const resource = parseResource(text);
      return resource !== undefined && (matchesBucket(resource, bucket) || matchesObjects(resource, bucket));
    }
    case "value":
      return canBeValue(text, place.test);
  }
}

/** Reports whether a test compares texts as they are; the other operators read addresses, dates, numbers and booleans. */
function hasTexts({ operator }: TestInFile): boolean {
  return findOperator(operator.text)?.family === "String";
}

/** Reports whether a request can have a text as the value of a key. */
function canBeValue(text: string, { operator, key }: TestInFile): boolean {
  const known = findOperator(operator.text);
  const comparison = known === undefined ? undefined : comparisonOf(known);
  if (comparison === undefined) return false;
  const vocabulary = vocabularyOf(findConditionKey(key.text)?.name ?? key.text);
  return vocabulary === undefined || canMatch(vocabulary, text, comparison);
}
