import { actionsMatching } from "../../policy/actions.ts";
import { listingKeys } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const prefixOnObject: Rule = {
  code: "prefix-on-object",
  severity: "error",
  summary: "oss:Prefix or oss:Delimiter in a statement whose actions are all on objects",
  explanation: `A prefix and a delimiter are parameters of the calls that list a bucket; calls on an object have none, and a condition
on oss:Prefix is not met for them (OSS docs: bucket policy). The result of a negated operator such as StringNotLike for
a missing key is not documented.

Fix: narrow Resource to the objects that are meant, such as acs:oss:*:UID:BUCKET/photos/*, and then remove the test.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const keys = listingKeys(statement);
      if (keys.length === 0) return [];
      const matched = statement.actions.map(({ text }) => actionsMatching(text));
      // An unknown action may act on anything; unknown-action reports it.
      const isCertain = matched.length > 0 && matched.every((actions) => actions.length > 0);
      if (!isCertain || matched.flat().some(({ level }) => level !== "object")) return [];
      return keys.map(({ text, span }) => ({
        message: `only listing calls have \`${text}\`, and every action of this statement is on objects`,
        span,
        help: "narrow `Resource` to the objects that are meant, and then remove the test",
      }));
    }),
};
