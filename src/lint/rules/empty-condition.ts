import { findOperator } from "../../policy/conditions.ts";
import { operatorEntries, testsWithoutValue } from "../condition.ts";
import type { Finding, Rule, StatementInFile } from "../rule.ts";

export const emptyCondition: Rule = {
  code: "empty-condition",
  severity: "error",
  summary: "a Condition or an operator without a key, or a negated operator without a value",
  explanation: `OSS stores a policy with an empty Condition (tests of ossutil). Whether it then counts as a Condition is
not documented, and much hangs on it: a Deny on everyone spares the bucket owner without a Condition and binds
the owner with one (OSS docs: bucket policy). Nor is it documented what a negated operator with an empty list of
values yields; never-true speaks of the other operators.

Mend: remove it, or write what is to be tested.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const condition = statement.entry("Condition")?.value;
      const written = [
        { name: "Condition", value: condition },
        ...operatorEntries(statement).map(({ name, value }) => ({ name, value })),
      ];
      const empty = written.flatMap(({ name, value }) => {
        if (value?.kind !== "map" || value.entries.length > 0) return [];
        const help = `remove \`${name}\`, or write what is to be tested`;
        return [{ message: `\`${name}\` is empty`, span: value.span, help }];
      });
      return [...empty, ...negatedWithoutValue(statement)];
    }),
};

function negatedWithoutValue(statement: StatementInFile): readonly Finding[] {
  return testsWithoutValue(statement).flatMap(({ operator, key }) => {
    if (findOperator(operator)?.negated !== true) return [];
    const message = `\`${key.name}\` under \`${operator}\` has no value, and what that yields is not documented`;
    return [{ message, span: key.value.span, help: "write the values that are meant" }];
  });
}
