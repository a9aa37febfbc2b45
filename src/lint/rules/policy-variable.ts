import { valuesUnder } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const policyVariable: Rule = {
  code: "policy-variable",
  severity: "warning",
  summary: "a variable of RAM policies, which OSS does not document for bucket policies",
  explanation: `RAM policies have variables such as \${ram:UserName} (RAM docs: policy elements); OSS's documentation of bucket
policies does not mention them. Whether OSS replaces such a variable or compares its characters as they are is not
documented. So the effect of a change of such a policy cannot be decided, and plan blocks the bucket.

Fix: name the users, each with their own keys.`,
  // In an action, a principal or a key it is not a documented word, and other rules report it.
  check: ({ statements }) =>
    [
      ...statements.flatMap(({ resources }) => resources),
      ...valuesUnder(statements, ({ family }) => family === "String").map(({ value }) => value),
    ]
      .filter(({ text }) => text.includes("${"))
      .map(({ text, span }) => ({
        message: `whether OSS replaces the variable in \`${text}\` is not documented`,
        span,
        help: "write the text that is meant in its place",
      })),
};
