import { childOf } from "../../desired/node.ts";
import { insteadOf } from "../misspelt.ts";
import { isWritten, type Rule } from "../rule.ts";
import { sourceText } from "../texts.ts";

export const version: Rule = {
  code: "version",
  severity: "error",
  summary: 'a Version that is not the string "1"',
  explanation: `OSS has one version of its policy language, the string "1", and refuses any other, the number 1 included (OSS docs:
EC 0030-00000002 and 0030-00000005). Dates such as "2012-10-17" belong to another cloud's language.

Fix: write Version: "1", with the quotes.`,
  check: ({ node }) => {
    const written = childOf(node, "Version");
    if (written?.kind === "scalar" && written.value === "1") return [];
    const message = written === undefined ? "`Version` is missing" : '`Version` must be the string "1"';
    const help = 'write `Version: "1"`';
    if (written?.kind !== "scalar")
      return [{ message, span: (written ?? node).span, help, ...insteadOf(node, "Version") }];
    if (!isWritten(written)) return [{ message, span: written.span, help }];
    const fix = { edits: [{ span: written.span, text: sourceText(written.span, '"1"') }] };
    return [{ message, span: written.span, help, fix }];
  },
};
