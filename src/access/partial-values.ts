/** Values that an unknown part of a request can have: one for each class that no test of two policies distinguishes. */

import type { Bucket } from "../policy/bucket.ts";
import { findConditionKey } from "../policy/conditions.ts";
import type { ConditionTest, Statement } from "../policy/policy.ts";
import type { Budget } from "./budget.ts";
import { fieldsOf, type Field } from "./engine/fields.ts";
import { anyRequest, presenceOf } from "./engine/request-kind.ts";
import { textGroup } from "./engine/text-groups.ts";
import { textClasses, type PatternQuery } from "./text/text-classes.ts";

/** Representatives of what a request may hide; undefined is a key that is not there. */
export interface PartialValues {
  /** One session for each class of role sessions. */
  readonly roleSessions: readonly string[];
  readonly ofKey: (key: string) => readonly (string | undefined)[];
}

/** Finds the representatives for the tests of these statements. Throws OverBudget. */
export function partialValues(
  statements: readonly Statement[],
  bucket: Bucket,
  foldsRoles: readonly boolean[],
  budget: Budget,
): PartialValues {
  const tests = statements.flatMap(({ condition }) => condition ?? []);
  const fields = foldsRoles.map((folds) => fieldsOf(statements, bucket, folds, budget));
  const roleSessions = fields.flatMap(([principal]) =>
    samplesOf(principal).flatMap((sample) => (sample?.startsWith("arn:") === true ? [sample] : [])),
  );
  const known = new Map<string, readonly (string | undefined)[]>();
  return {
    roleSessions: [...new Set(roleSessions)],
    ofKey: (key) => {
      const field = fields[0]?.find(({ name }) => name === key);
      const found = known.get(key) ?? valuesOf(key, field, tests, budget);
      known.set(key, found);
      return found;
    },
  };
}

function samplesOf(field: Field | undefined): readonly (string | undefined)[] {
  return field?.kind === "atoms" ? field.atoms.map(({ sample }) => sample) : [];
}

function valuesOf(
  key: string,
  field: Field | undefined,
  tests: readonly ConditionTest[],
  budget: Budget,
): readonly (string | undefined)[] {
  if (field === undefined) return [undefined];
  const own = tests.filter((test) => test.key === key);
  const values = field.kind === "atoms" ? samplesOf(field) : textsOf(field, own, budget);
  const canLack = presenceOf(key, { ...anyRequest, isListing: true }) !== "always";
  return [...new Set([...values.filter((value) => value !== undefined), ...(canLack ? [undefined] : [])])];
}

function textsOf(
  field: Extract<Field, { readonly kind: "texts" }>,
  tests: readonly ConditionTest[],
  budget: Budget,
): readonly string[] {
  const groups = tests.flatMap(queriesOf).map(({ group, start }, query): PatternQuery => ({
    group,
    start,
    query,
  }));
  const classes = textClasses({
    language: field.language,
    groups,
    isSettled: () => false,
    spend: (steps) => {
      budget.spend(steps, () => `the patterns of ${field.name} take too many states`);
    },
  });
  return classes.map(({ sample }) => sample);
}

/** Returns the patterns of a test. Without its values that are no JSON strings, it has another meaning. */
function queriesOf({ operator, values, unquoted = [], key }: ConditionTest) {
  const style = {
    isLiteral: !operator.endsWith("Like"),
    foldsCase: operator.endsWith("IgnoreCase") || findConditionKey(key ?? "")?.family === "Bool",
  };
  const lists = unquoted.length === 0 ? [values] : [values, values.filter((one) => !unquoted.includes(one))];
  return lists.map((list) => textGroup(list, style, false, ""));
}
