import { findOperator } from "../../policy/conditions.ts";
import { operatorEntries } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const undocumentedOperator: Rule = {
  code: "undocumented-operator",
  severity: "warning",
  summary: "an operator that OSS names without saying what it does",
  explanation: `OSS's list of operators has IpAddressIncludeBorder (OSS docs: policy syntax), and no page says how it
differs from IpAddress. What a statement with it allows or denies cannot be told from the documentation,
by this tool neither.

Mend: write IpAddress.`,
  check: ({ statements }) =>
    statements
      .flatMap(operatorEntries)
      .filter(({ name }) => findOperator(name)?.hasMeaning === false)
      .map(({ name, nameSpan }) => ({
        message: `what \`${name}\` does is not documented`,
        span: nameSpan,
        help: "write `IpAddress`",
      })),
};
