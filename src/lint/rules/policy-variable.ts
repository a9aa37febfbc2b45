import { valuesUnder } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const policyVariable: Rule = {
  code: "policy-variable",
  severity: "warning",
  summary: "a variable of RAM policies, which OSS does not document for bucket policies",
  explanation: `RAM policies know variables such as \${ram:UserName} (RAM docs: policy elements); OSS's documentation of bucket
policies does not. Whether OSS puts a value in its place or compares the characters as they are is not documented, so
what a change of such a policy gives cannot be decided, and plan blocks the bucket.

Mend: name the users, each with the keys that are theirs.`,
  // In an action, a principal or a key it is no documented word at all, and other rules speak of it.
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
