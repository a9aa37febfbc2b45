import { isJoined } from "../closed.ts";
import { invisible, trimmed } from "../meaning.ts";
import type { Rule } from "../rule.ts";
import { codePoint, replacing } from "../texts.ts";

export const invisibleCharacter: Rule = {
  code: "invisible-character",
  severity: "error",
  summary: "a control, bidirectional or other invisible character",
  explanation: `OSS compares strings character by character, so a value with a zero-width space or a line feed in it is
another one than it seems, and matches nothing that is meant. A bidirectional mark lets a line read differently from
what is sent. Such characters come in by pasting, or by intent; a review cannot see them.

Mend: remove the character: retype the value, or delete from one visible letter to the next.`,
  check: (policy) =>
    policy.texts.flatMap((word) => {
      // outer-space speaks of line feeds at the ends, joined-values of those between two values.
      const text = isJoined(word, policy) ? word.text.replaceAll(/[\t\r\n]/g, " ") : trimmed(word.text);
      const found = [...new Set(text.match(invisible) ?? [])].slice(0, 3).map(codePoint);
      if (found.length === 0) return [];
      const message = `this text holds the invisible ${found.length === 1 ? "character" : "characters"} ${found.join(", ")}`;
      // Where lines are joined, only the author knows with what between them.
      const fix = /[\t\r\n]/.test(text) ? {} : replacing(word, word.text.replaceAll(invisible, ""));
      return [{ message, span: word.span, help: "remove it: type the text anew", ...fix }];
    }),
};
