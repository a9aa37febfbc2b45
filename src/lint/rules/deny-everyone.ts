import { everyoneSpan } from "../everyone.ts";
import type { Rule } from "../rule.ts";

export const denyEveryone: Rule = {
  code: "deny-everyone",
  severity: "warning",
  summary: "a Deny on everyone without a Condition: it binds every RAM user and role",
  explanation: `Without a Condition, the principal * is everyone but the bucket owner (OSS docs: bucket policy, owner
rule). The owner is the root account; its RAM users and roles are not the owner as far as the documentation goes,
so that a Deny binds them, and this tool if it runs as one of them. No Allow outweighs a Deny.

Mend: name the principals that the Deny is for, or add the Condition under which it is to apply.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const span = everyoneSpan(statement);
      const hasCondition = statement.entry("Condition") !== undefined;
      if (statement.effect !== "Deny" || span === undefined || hasCondition) return [];
      const message = "this Deny binds every RAM user and role, the one that runs this tool included";
      return [{ message, span, help: "name the principals that are meant, or add a Condition" }];
    }),
};
