import { emptyPrincipalSpan } from "../everyone.ts";
import { insteadOf } from "../misspelt.ts";
import type { Rule } from "../rule.ts";

export const emptyPrincipal: Rule = {
  code: "empty-principal",
  severity: "error",
  summary: "a missing or empty Principal, which means everyone",
  explanation: `OSS reads an empty Principal as everyone, anonymous callers included (OSS docs: policy syntax).
It takes a statement without Principal, too, and counts the policy as public then (tests of the official
Python SDK). Whoever leaves the list empty most likely means nobody.

Mend: name the principals that are meant, or write Principal: ["*"] if everyone is meant.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const span = emptyPrincipalSpan(statement);
      if (span === undefined) return [];
      const isMissing = statement.entry("Principal") === undefined;
      const message = isMissing
        ? "`Principal` is missing, which means everyone"
        : "`Principal` is empty, which means everyone";
      const help = 'name the principals, or write `["*"]` if everyone is meant';
      return [{ message, span, help, ...(isMissing ? insteadOf(statement.node, "Principal") : {}) }];
    }),
};
