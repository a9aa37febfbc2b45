import { correcting, whyUncertain } from "../certain.ts";
import { isJoined } from "../closed.ts";
import { invisible, trimmed } from "../meaning.ts";
import type { Rule } from "../rule.ts";
import { codePoint } from "../texts.ts";

export const invisibleCharacter: Rule = {
  code: "invisible-character",
  severity: "error",
  summary: "a control, bidirectional or other invisible character",
  explanation: `OSS compares strings character by character, so a value with a zero-width space or a line feed differs from the value
that a reader sees, and does not match it. A bidirectional mark makes a line look different from what is sent. Such
characters come from pasting, or are added on purpose; a review cannot see them.

Fix: remove the character: retype the value, or delete from one visible letter to the next.`,
  check: (policy) =>
    policy.texts.flatMap((word) => {
      if (/^[\x20-\x7e]*$/.test(word.text)) return [];
      // outer-space reports line feeds at the ends, joined-values those between two values.
      const text = isJoined(word, policy) ? word.text.replaceAll(/[\t\r\n]/g, " ") : trimmed(word.text);
      const found = [...new Set(text.match(invisible) ?? [])].slice(0, 3).map(codePoint);
      if (found.length === 0) return [];
      const message = `this text contains the invisible ${found.length === 1 ? "character" : "characters"} ${found.join(", ")}`;
      // Only the author knows what belongs between lines that are joined.
      const visible = word.text.replaceAll(invisible, "");
      const fix = /[\t\r\n]/.test(text) ? {} : correcting(word, visible, policy);
      const why = whyUncertain(word, visible, policy);
      const help = why === undefined ? "remove it: type the text again" : `remove it ${why}`;
      return [{ message, span: word.span, help, ...fix }];
    }),
};
