import { actionsMatching, type Action } from "../../policy/actions.ts";
import { listingKeys } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const prefixOnMixed: Rule = {
  code: "prefix-on-mixed",
  severity: "warning",
  summary: "oss:Prefix or oss:Delimiter beside actions on objects, which have neither",
  explanation: `A prefix and a delimiter are parameters of the calls that list a bucket. If the same statement also has actions on
objects, its condition is not met for them (OSS docs: bucket policy): an Allow never grants them and a Deny never
refuses them. The result of a negated operator such as StringNotLike for a missing key is not documented.

Fix: move the actions on objects to a statement of their own, without the key.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const [key] = listingKeys(statement);
      if (key === undefined) return [];
      const words = statement.actions.map((word) => ({ word, actions: actionsMatching(word.text) }));
      if (words.every(({ actions }) => actions.every(isOnObjects))) return [];
      return words
        .filter(({ actions }) => actions.some((action) => isOnObjects(action) && action.access !== "list"))
        .map(({ word }) => ({
          message: `\`${word.text}\` acts on objects, and only listing calls have \`${key.text}\``,
          span: word.span,
          help: "move the actions on objects to a statement without the key",
        }));
    }),
};

function isOnObjects({ level }: Action): boolean {
  return level === "object";
}
