import type { Rule } from "../rule.ts";

export const mixedPrincipals: Rule = {
  code: "mixed-principals",
  severity: "warning",
  summary: "`*` beside other principals, of which OSS does not say whether the owner is one",
  explanation: `The principal * alone, without a Condition, is everyone but the bucket owner (OSS docs: bucket policy, owner
rule). Whether a list that names others beside the * follows that rule too is not documented: a Deny may bind the
owner. For everyone else * says all that the other principals say.

Mend: write * alone, or the other principals without it.`,
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
