import { correcting, whyUncertain } from "../certain.ts";
import { isClosed, isJoined } from "../closed.ts";
import { trimmed } from "../meaning.ts";
import type { Finding, PolicyInFile, Rule } from "../rule.ts";
import { quoted, type Text } from "../texts.ts";

export const outerSpace: Rule = {
  code: "outer-space",
  severity: "warning",
  summary: "white space at the start or end of a text, such as a space after an action",
  explanation: `OSS compares strings character by character, so " oss:GetObject" is no action, and a key with a space at its end is
another object. A variable whose value is a block of text after > or | ends with a line feed. In an action, a principal,
a resource, an operator or a key the space is never right, and the finding is an error.

Fix: write the text without it: in quotes on one line, or with >- or |- in place of > or |.`,
  check: (policy) => policy.texts.flatMap((text) => judge(text, policy)),
};

function judge(word: Text, policy: PolicyInFile): readonly Finding[] {
  const { text, span } = word;
  const without = trimmed(text);
  // A text of spaces alone can be intended, as in a delimiter.
  if (without === text || without === "" || isJoined(word, policy)) return [];
  // invisible-character reports line feeds between the ends.
  if (/[\r\n]/.test(without)) return [];
  const hasLineFeed = /[\r\n]$/.test(text);
  const message = hasLineFeed ? "this text ends with a line feed" : "this text has white space at an end";
  const help =
    hasLineFeed && !word.isWhole
      ? "remove the line feed; if it comes from a variable, begin its block with `>-` or `|-`"
      : ["write", quoted(without), whyUncertain(word, without, policy) ?? ""].join(" ").trimEnd();
  const severity = isClosed(word, policy) || isInResource(word, policy) || hasLineFeed ? "error" : "warning";
  return [{ severity, message, span, help, ...correcting(word, without, policy) }];
}

function isInResource({ span }: Text, { statements }: PolicyInFile): boolean {
  return statements.some(({ resources }) => resources.some((word) => word.span === span));
}
