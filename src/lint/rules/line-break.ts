import { correcting } from "../certain.ts";
import { isJoined } from "../closed.ts";
import type { PolicyInFile, Rule } from "../rule.ts";
import type { Text } from "../texts.ts";

export const lineBreak: Rule = {
  code: "line-break",
  severity: "error",
  isCause: true,
  summary: "a block of text (`>` or `|`) that keeps a line break in the value",
  explanation: `A block of text after > or | ends with a line break, which is part of the value, and a block after | also keeps the
line breaks between its lines. OSS compares values character by character, so such a value does not match the value
that is meant. Several lines are one string, not a list.

Fix: write >- or |- in place of > or |, or the value on one line; write several values as a list.`,
  check: (policy) =>
    policy.texts.flatMap((word) => {
      if (word.block === undefined || !word.text.includes("\n") || isFoldedList(word, policy)) return [];
      return [{ ...judge(word, word.block, policy), span: word.span }];
    }),
};

/** Reports whether the text is a list that was folded into one line, which joined-values reports. */
function isFoldedList(word: Text, policy: PolicyInFile): boolean {
  return linesOf(word.text).length === 1 && isJoined(word, policy);
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function judge(word: Text, block: NonNullable<Text["block"]>, policy: PolicyInFile) {
  const { text, span } = word;
  const values = linesOf(text);
  if (values.length > 1) {
    const message = `this is one string with ${values.length} lines, not a list`;
    const isShort = values.length <= 5 && text.length <= 200;
    const list = isShort ? `: \`[${values.map((value) => JSON.stringify(value)).join(", ")}]\`` : "";
    return { message, help: `write a list with one item for each line${list}` };
  }
  const message = `the value ends with a line break, which \`${block}\` keeps`;
  if (span.end.line - span.start.line > 2) {
    const help = `write \`${block}-\` in place of \`${block}\`; if each line is a value of its own, write a list`;
    return { message, help };
  }
  const help = `write \`${block}-\` in place of \`${block}\`, or the value on one line`;
  const value = text.replace(/(?<!\n)\n+$/, "");
  return { message, help, ...(values[0] === value ? correcting(word, value, policy) : {}) };
}
