import { everyoneSpan } from "../everyone.ts";
import type { Rule } from "../rule.ts";

export const denyReachesOwner: Rule = {
  code: "deny-reaches-owner",
  severity: "note",
  summary: "a Deny on everyone with a Condition: it binds the bucket owner, too",
  explanation: `With a Condition, the principal * includes the bucket owner; without one it does not (OSS docs: bucket
policy, owner rule). Whoever meets the Condition is refused, the owner's own root account included. How an
owner gets back in after locking itself out is not documented.

Mend: nothing, if that is meant. Else name the principals that the Deny is for, or leave oss:PutBucketPolicy and
oss:DeleteBucketPolicy out of its actions, so that the policy can still be changed.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const span = everyoneSpan(statement);
      if (statement.effect !== "Deny" || span === undefined || statement.tests.length === 0) return [];
      const message = "with its Condition this Deny on everyone binds the bucket owner, too";
      return [{ message, span, help: "name the principals if the owner is not meant" }];
    }),
};
