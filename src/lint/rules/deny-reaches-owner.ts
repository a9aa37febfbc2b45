import { everyoneSpan } from "../everyone.ts";
import type { Rule } from "../rule.ts";

export const denyReachesOwner: Rule = {
  code: "deny-reaches-owner",
  severity: "note",
  summary: "a Deny on everyone with a Condition: it applies to the bucket owner, too",
  explanation: `With a Condition, the principal * includes the bucket owner; without one it does not (OSS docs: bucket policy, owner
rule). Every caller that meets the Condition is refused, the owner's own root account included. How an owner regains
access after a lockout is not documented.

Fix: nothing, if that is intended. Otherwise name the principals that the Deny is for, or leave oss:PutBucketPolicy and
oss:DeleteBucketPolicy out of its actions, so that the policy can still be changed.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const span = everyoneSpan(statement);
      if (statement.effect !== "Deny" || span === undefined || statement.tests.length === 0) return [];
      const message = "with its Condition, this Deny on everyone applies to the bucket owner, too";
      return [{ message, span, help: "name the principals if the owner is not meant" }];
    }),
};
