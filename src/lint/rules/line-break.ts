import type { Rule, Text } from "../rule.ts";

export const lineBreak: Rule = {
  code: "line-break",
  severity: "error",
  isCause: true,
  summary: "a block of text (`>` or `|`) that keeps a line break in the value",
  explanation: `A block of text behind > or | ends with a line break, which is part of the value, and a block behind | keeps
those between its lines, too. OSS compares values character by character, so such a value matches nothing that is
meant. Several lines are one string, not a list.

Mend: write >- or |- in place of > or |, or the value on one line; write several values as a list.`,
  check: ({ texts }) =>
    texts.flatMap(({ text, span, block }) => {
      if (block === undefined || !text.includes("\n")) return [];
      return [{ ...judge(text, block, span.end.line - span.start.line), span }];
    }),
};

function judge(text: string, block: NonNullable<Text["block"]>, lines: number) {
  const values = text.split("\n").filter((line) => line.trim() !== "");
  if (values.length > 1) {
    const message = `this is one string with ${values.length} lines, and not a list`;
    const isShort = values.length <= 5 && text.length <= 200;
    const list = isShort ? `: \`[${values.map((value) => JSON.stringify(value)).join(", ")}]\`` : "";
    return { message, help: `write a list with one item for each line${list}` };
  }
  const message = `the value ends with a line break, which \`${block}\` keeps`;
  const hasOneLine = lines <= 2;
  const help = hasOneLine
    ? `write \`${block}-\` in place of \`${block}\`, or the value on one line`
    : `write \`${block}-\` in place of \`${block}\`; if each line is a value of its own, write a list`;
  return { message, help };
}
