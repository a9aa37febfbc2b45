import type { YamlProblem } from "./yaml-problem.ts";

/** Returns the edits that put words in quotes, as a member to spread; empty if one has a quote or a backslash in it. */
export function inQuotes(
  words: readonly { readonly start: number; readonly word: string }[],
): Pick<YamlProblem, "edits"> {
  if (words.some(({ word }) => word === "" || /["'\\#]/.test(word))) return {};
  return {
    edits: words.map(({ start, word }) => ({ start, end: start + word.length, text: `"${word}"` })),
  };
}
