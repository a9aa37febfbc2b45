import { findOperator } from "../../policy/conditions.ts";
import { contradict, type KeyTest } from "../../policy/contradiction.ts";
import { testsWithoutValue } from "../condition.ts";
import type { Finding, Rule, StatementInFile, Word } from "../rule.ts";

export const neverTrue: Rule = {
  code: "never-true",
  severity: "error",
  summary: "a Condition that no request can meet",
  explanation: `All operators of a Condition must be met. One of the values under an operator must match, and under a negated operator
none may (OSS docs: bucket policy; RAM docs: policy elements). If the tests of one key exclude each other, an
Allow never grants and a Deny never protects. The rule assumes that a missing key fails the test or has an empty value;
for most keys OSS does not document this. What OSS does with an empty list of values is not documented either.

Fix: correct the values, or split the statement in two.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => [...withoutValue(statement), ...contradictions(statement)]),
};

function withoutValue(statement: StatementInFile): readonly Finding[] {
  return testsWithoutValue(statement).flatMap(({ operator, key }) => {
    const known = findOperator(operator);
    if (known === undefined || known.negated) return [];
    const message = `\`${key.name}\` under \`${operator}\` has no value, and what OSS does with an empty list is not documented`;
    return [{ message, span: key.value.span, help: "write the values, or remove the statement" }];
  });
}

interface WrittenTest extends KeyTest {
  readonly key: Word;
}

function contradictions({ tests }: StatementInFile): readonly Finding[] {
  const written = tests.flatMap(({ operator, key, values }): readonly WrittenTest[] => {
    const known = findOperator(operator.text);
    if (known === undefined || values.length === 0) return [];
    return [{ operator: known, key, values: values.map(({ text }) => text) }];
  });
  const keys = [...new Set(written.map(({ key }) => key.text))];
  return keys.flatMap((name) => {
    const own = smallest(written.filter(({ key }) => key.text === name));
    const [first] = own;
    // A key is twice under an operator only in two spellings, which other rules report.
    if (first === undefined || new Set(own.map(({ operator }) => operator.name)).size < own.length) return [];
    const names = own.map(({ operator }) => `\`${operator.name}\``).join(" and ");
    const message = `no value of \`${name}\` can meet ${names} at once`;
    return [{ message, span: first.key.span, help: "correct the values, or split the statement in two" }];
  });
}

/** Returns a minimal set of tests that exclude each other, so that the message names no other; empty if they do not. */
function smallest(tests: readonly WrittenTest[]): readonly WrittenTest[] {
  if (!contradict(tests)) return [];
  const fewer = tests.map((left) => tests.filter((test) => test !== left)).find(contradict);
  return fewer === undefined ? tests : smallest(fewer);
}
