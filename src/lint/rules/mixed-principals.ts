import type { Rule } from "../rule.ts";

export const mixedPrincipals: Rule = {
  code: "mixed-principals",
  severity: "warning",
  summary: "`*` beside other principals, where OSS does not say whether this includes the owner",
  explanation: `The principal * alone, without a Condition, is everyone except the bucket owner (OSS docs: bucket policy, owner rule).
Whether this rule also covers a list with * and other principals is not documented: a Deny may apply to the owner. For
all other callers, * already includes the other principals.

Fix: write * alone, or the other principals without it.`,
  check: ({ statements }) =>
    statements.flatMap(({ principals }) => {
      const everyone = principals.find(({ text }) => text === "*");
      const other = principals.find(({ text }) => text !== "*");
      if (everyone === undefined || other === undefined) return [];
      const message = `whether \`*\` beside \`${other.text}\` includes the bucket owner is not documented`;
      return [
        {
          message,
          span: everyone.span,
          help: "write `*` alone if everyone is meant, or the others without it",
        },
      ];
    }),
};
