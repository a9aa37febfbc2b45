import { isGrantable, isPattern, readAction } from "../../policy/actions.ts";
import type { Rule } from "../rule.ts";

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
      .flatMap(({ text, span }) => {
        const word = readAction(text);
        if (word.kind !== "other case") return [];
        const message = `\`${text}\` matches actions of OSS only if case does not count, which is not documented`;
        const example = (word.actions.find(isGrantable) ?? word.actions[0])?.name ?? "oss:GetObject";
        const help = isPattern(text) ? `spell it as OSS does, as in \`${example}\`` : `write \`${example}\``;
        return [{ message, span, help }];
      }),
};
