import { findOperator } from "../../policy/conditions.ts";
import { operatorEntries } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const undocumentedOperator: Rule = {
  code: "undocumented-operator",
  severity: "warning",
  summary: "an operator that OSS lists without documenting its effect",
  explanation: `OSS's list of operators has IpAddressIncludeBorder (OSS docs: policy syntax), and no page says how it differs from
IpAddress. The documentation does not show what a statement with it allows or denies, so this tool cannot decide it
either.

Fix: write IpAddress.`,
  check: ({ statements }) =>
    statements
      .flatMap(operatorEntries)
      .filter(({ name }) => findOperator(name)?.hasMeaning === false)
      .map(({ name, nameSpan }) => ({
        message: `the effect of \`${name}\` is not documented`,
        span: nameSpan,
        help: "write `IpAddress`",
      })),
};
