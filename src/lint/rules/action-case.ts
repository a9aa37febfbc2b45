import { isPattern, readAction } from "../../policy/actions.ts";
import { globMatches } from "../../policy/glob.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const actionCase: Rule = {
  code: "action-case",
  severity: "error",
  summary: "an action that differs from OSS's spelling in upper and lower case",
  explanation: `Whether OSS leaves case aside in the actions of a bucket policy is not documented. For RAM policies it
says that matching is in general without case, and advises the exact spelling all the same (RAM docs: policy
elements). If case counts, the word matches no request, and a Deny stops nothing.

Mend: write the action as OSS spells it, such as oss:GetObject or oss:PutBucketAcl.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => statement.actions)
      .flatMap((written) => {
        const { text, span } = written;
        const word = readAction(text);
        if (word.kind !== "other case") return [];
        const message = `\`${text}\` matches actions of OSS only if case does not count, which is not documented`;
        const names = word.actions.map(({ name }) => name);
        const respelt = isPattern(text) ? respelledPattern(text, names) : names[0];
        if (respelt === undefined)
          return [{ message, span, help: "spell it as OSS spells the actions that are meant" }];
        return [{ message, span, help: `write \`${respelt}\``, ...replacing(written, respelt) }];
      }),
};

/** The pattern in the case of what it matches, if one spelling matches all of that. */
function respelledPattern(pattern: string, names: readonly string[]): string | undefined {
  const [first = ""] = names;
  const end = pattern.search(/[*?]/);
  const respelt = first.slice(0, end) + pattern.slice(end);
  return names.every((name) => globMatches(respelt, name)) ? respelt : undefined;
}
