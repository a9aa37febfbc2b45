import { findOperator } from "../../policy/conditions.ts";
import { operatorEntries, testsWithoutValue } from "../condition.ts";
import type { Finding, Rule, StatementInFile } from "../rule.ts";

export const emptyCondition: Rule = {
  code: "empty-condition",
  severity: "error",
  summary: "a Condition or an operator without a key, or a negated operator without a value",
  explanation: `OSS stores a policy with an empty Condition (tests of ossutil). Whether it then counts as a Condition is not
documented, and that matters: a Deny on everyone exempts the bucket owner without a Condition, and applies to the owner
with one (OSS docs: bucket policy). The result of a negated operator with an empty list of values is not documented
either; never-true reports the other operators.

Fix: remove it, or write the tests that are meant.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const condition = statement.entry("Condition")?.value;
      const written = [
        { name: "Condition", value: condition },
        ...operatorEntries(statement).map(({ name, value }) => ({ name, value })),
      ];
      const empty = written.flatMap(({ name, value }) => {
        if (value?.kind !== "map" || value.entries.length > 0) return [];
        const help = `remove \`${name}\`, or write the tests that are meant`;
        return [{ message: `\`${name}\` is empty`, span: value.span, help }];
      });
      return [...empty, ...negatedWithoutValue(statement)];
    }),
};

function negatedWithoutValue(statement: StatementInFile): readonly Finding[] {
  return testsWithoutValue(statement).flatMap(({ operator, key }) => {
    if (findOperator(operator)?.negated !== true) return [];
    const message = `\`${key.name}\` under \`${operator}\` has no value, and the result of that test is not documented`;
    return [{ message, span: key.value.span, help: "write the values that are meant" }];
  });
}
