import type { YamlProblem } from "./yaml-problem.ts";

/**
 * Returns the edits that put words of a text in quotes, as a member to spread. Empty if one has a quote or a backslash
 * in it, or does not end a value: what follows a blank may belong to it.
 */
export function inQuotes(
  text: string,
  words: readonly { readonly start: number; readonly word: string }[],
): Pick<YamlProblem, "edits"> {
  const isValue = ({ start, word }: (typeof words)[number]) =>
    word !== "" &&
    !/["'\\#]/.test(word) &&
    /^[ \t]*(?:[,\]}\r\n]|$| #)/.test(text.slice(start + word.length));
  if (!words.every(isValue)) return {};
  return {
    edits: words.map(({ start, word }) => ({ start, end: start + word.length, text: `"${word}"` })),
  };
}
