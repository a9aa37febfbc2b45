import { actions, isGrantable, readAction } from "../../policy/actions.ts";
import { fitsLevel } from "../levels.ts";
import type { Rule, StatementInFile, Word } from "../rule.ts";
import { replacing } from "../texts.ts";

export const apiNameAction: Rule = {
  code: "api-name-action",
  severity: "error",
  summary: "the name of an API operation, such as HeadObject, instead of an action",
  explanation: `Many API operations share an action: HeadObject needs oss:GetObject, every step of an upload needs oss:PutObject, and
CopyObject needs oss:GetObject on its source and oss:PutObject on its target (OSS docs: policy syntax). The name of such
an operation is not an action. OSS stores it, and it matches no request.

Fix: write the actions that the operation needs.`,
  check: ({ statements, bucket: { bucket } }) =>
    statements.flatMap((statement) =>
      statement.actions.flatMap((written) => {
        const { text, span } = written;
        const word = readAction(text);
        if (word.kind !== "api") return [];
        const message = `\`${text}\` names an API operation, which is not an action`;
        return [
          {
            message,
            span,
            help: help(word.needs, statement),
            ...fix(written, word.needs, statement, bucket),
          },
        ];
      }),
    ),
};

function help(needs: readonly string[], { effect }: StatementInFile): string {
  const names = needs.map((name) => `\`${name}\``).join(" and ");
  const more = effect === "Deny" ? ", and deny every other operation that needs it as well" : "";
  if (isHere(needs)) return `write what the operation needs: ${names}${more}`;
  return `remove it; only a RAM policy can grant what the operation needs: ${names}`;
}

function fix(
  word: Word,
  needs: readonly string[],
  statement: StatementInFile,
  bucket: string,
): ReturnType<typeof replacing> {
  const [only, ...more] = needs;
  if (only === undefined || more.length > 0 || !fitsLevel(only, statement, bucket)) return {};
  // The action covers other operations as well, which the author did not deny.
  if (statement.effect !== "Allow") return {};
  return replacing(word, only);
}

function isHere(needs: readonly string[]): boolean {
  return actions.some((action) => needs.includes(action.name) && isGrantable(action));
}
