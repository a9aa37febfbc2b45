import { operatorEntries } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const emptyCondition: Rule = {
  code: "empty-condition",
  severity: "error",
  summary: "a Condition or an operator without a key",
  explanation: `OSS stores a policy with an empty Condition (tests of ossutil). Whether it then counts as a Condition is
not documented, and much hangs on it: a Deny on everyone spares the bucket owner without a Condition and binds
the owner with one (OSS docs: bucket policy).

Mend: remove it, or write what is to be tested.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const condition = statement.entry("Condition")?.value;
      const written = [
        { name: "Condition", value: condition },
        ...operatorEntries(statement).map(({ name, value }) => ({ name, value })),
      ];
      return written.flatMap(({ name, value }) => {
        if (value?.kind !== "map" || value.entries.length > 0) return [];
        const help = `remove \`${name}\`, or write what is to be tested`;
        return [{ message: `\`${name}\` is empty`, span: value.span, help }];
      });
    }),
};
