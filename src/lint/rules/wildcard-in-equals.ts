import { valuesUnder } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const wildcardInEquals: Rule = {
  code: "wildcard-in-equals",
  severity: "error",
  summary: "a wildcard under StringEquals or StringNotEquals, which take it as a plain character",
  explanation: `Only StringLike and StringNotLike treat * and ? as wildcards; StringEquals, StringNotEquals and their IgnoreCase forms
compare them as plain characters (OSS docs: bucket policy). So StringEquals with vpc-* matches no VPC, and
StringNotEquals with vpc-* is met by every VPC.

Fix: write StringLike or StringNotLike, or the whole value without a wildcard.`,
  check: ({ statements }) =>
    valuesUnder(statements, ({ name }) => likeOperators.has(name))
      .filter(({ value }) => /[*?]/.test(value.text))
      .map(({ value, operator }) => ({
        message: `\`${operator.name}\` takes the wildcard in \`${value.text}\` as a plain character`,
        span: value.span,
        help: /^\*+$/.test(value.text)
          ? "write the values: under `StringLike`, `*` is met by every value, and confines nothing"
          : `write \`${likeOperators.get(operator.name) ?? ""}\``,
      })),
};

const likeOperators: ReadonlyMap<string, string> = new Map([
  ["StringEquals", "StringLike"],
  ["StringNotEquals", "StringNotLike"],
  ["StringEqualsIgnoreCase", "StringLike"],
  ["StringNotEqualsIgnoreCase", "StringNotLike"],
]);
