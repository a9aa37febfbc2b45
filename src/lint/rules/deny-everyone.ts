import { everyoneSpan } from "../everyone.ts";
import type { Rule } from "../rule.ts";

export const denyEveryone: Rule = {
  code: "deny-everyone",
  severity: "warning",
  summary: "a Deny on everyone without a Condition: it applies to every RAM user and role",
  explanation: `Without a Condition, the principal * is everyone except the bucket owner (OSS docs: bucket policy, owner rule). The
owner is the root account. Nothing in the documentation says that its RAM users and roles count as the owner, so the
Deny applies to them, and to this tool if it runs as one of them. No Allow overrides a Deny.

Fix: name the principals that the Deny is for. With a Condition it applies only where that is met, but to the owner as
well.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const span = everyoneSpan(statement);
      const isOther = ["Condition", "NotPrincipal"].some((name) => statement.entry(name) !== undefined);
      if (statement.effect !== "Deny" || span === undefined || isOther) return [];
      const message = "this Deny applies to every RAM user and role, including the one that runs this tool";
      return [
        {
          message,
          span,
          help: "name the principals that are meant; a Condition narrows it, and then it reaches the owner too",
        },
      ];
    }),
};
