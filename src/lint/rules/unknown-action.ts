import { nearMiss } from "../../near-miss.ts";
import { actions, actionsMatching, isGrantable, isPattern, readAction } from "../../policy/actions.ts";
import { remembered } from "../../policy/remembered.ts";
import type { Rule } from "../rule.ts";

export const unknownAction: Rule = {
  code: "unknown-action",
  severity: "error",
  summary: "an action that is none of OSS's, or a pattern that matches none",
  explanation: `OSS stores a policy with an action that it does not know: one of its own tools' tests puts an Allow on
ram:ListObjects and succeeds. Such a word matches no request, so an Allow gives nothing and, worse, a Deny
stops nothing. This tool knows the actions that OSS documents (OSS docs: policy syntax), and a few more from
the SDKs; whether OSS has others is not documented. Names of other clouds are not OSS's: what s3:ListBucket is
elsewhere is oss:ListObjects here.

Mend: write the action as OSS's documentation spells it.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => statement.actions)
      .filter(({ text }) => readAction(text).kind === "unknown")
      .map(({ text, span }) => ({
        message: isPattern(text) ? `\`${text}\` matches no action of OSS` : `\`${text}\` is no action of OSS`,
        span,
        help: mend(text),
      })),
};

const mend = remembered((text) => {
  const near = nearAction(`oss:${text.replace(/^.*:/s, "")}`);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return "write an action that OSS documents, such as `oss:GetObject`, or a pattern such as `oss:Get*`";
});

/** With the same verb, where it has one that OSS uses: `oss:ListBucket` is not meant as `oss:PutBucket`. */
function nearAction(word: string): string | undefined {
  if (actionsMatching(word).length > 0) return word;
  if (isPattern(word)) return undefined;
  const names = actions.filter(isGrantable).map(({ name }) => name);
  const verb = /^oss:[A-Z][a-z]+/.exec(word)?.[0] ?? word;
  const sameVerb = names.filter((name) => name.startsWith(verb));
  return nearMiss(word, sameVerb.length > 0 ? sameVerb : names);
}
