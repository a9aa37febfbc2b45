import { emptyPrincipalSpan } from "../everyone.ts";
import { insteadOf } from "../misspelt.ts";
import type { Rule } from "../rule.ts";

export const emptyPrincipal: Rule = {
  code: "empty-principal",
  severity: "error",
  summary: "a missing or empty Principal, which means everyone",
  explanation: `OSS takes an empty Principal as everyone, anonymous callers included (OSS docs: policy syntax). It also accepts a
statement without Principal, and then counts the policy as public (tests of the official Python SDK). An author who
leaves the list empty most likely means no one.

Fix: name the principals that are meant, or write Principal: ["*"] if everyone is meant.`,
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
