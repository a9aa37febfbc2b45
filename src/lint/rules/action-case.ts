import { isPattern, readAction } from "../../policy/actions.ts";
import { globMatches } from "../../policy/glob.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const actionCase: Rule = {
  code: "action-case",
  severity: "error",
  summary: "an action that differs from OSS's spelling in upper and lower case",
  explanation: `Whether OSS ignores case in the actions of a bucket policy is not documented. The RAM documentation says that
matching generally ignores case, and still advises the exact spelling (RAM docs: policy elements). If case matters, the
action matches no request, and a Deny blocks nothing.

Fix: write the action as OSS spells it, such as oss:GetObject or oss:PutBucketAcl.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => statement.actions)
      .flatMap((written) => {
        const { text, span } = written;
        const word = readAction(text);
        if (word.kind !== "other case") return [];
        const message = `\`${text}\` matches actions of OSS only if OSS ignores case, which is not documented`;
        const names = word.actions.map(({ name }) => name);
        const respelt = isPattern(text) ? respelledPattern(text, names) : names[0];
        if (respelt === undefined)
          return [{ message, span, help: "write the actions that are meant, in OSS's spelling" }];
        return [{ message, span, help: `write \`${respelt}\``, ...replacing(written, respelt) }];
      }),
};

/** Returns the pattern in the case of the names that it matches; undefined if no one spelling matches all of them. */
function respelledPattern(pattern: string, names: readonly string[]): string | undefined {
  const [first = ""] = names;
  const end = pattern.search(/[*?]/);
  const respelt = first.slice(0, end) + pattern.slice(end);
  return names.every((name) => globMatches(respelt, name)) ? respelt : undefined;
}
