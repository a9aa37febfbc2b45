/** Left quotients (Brzozowski derivatives) of patterns by the fixed prefix of a field, as words to print. */

import { asciiLower } from "../../policy/ascii.ts";
import { literalPrefixOf, mayOverlap, type LiteralPrefix } from "../text/literal-prefix.ts";
import { memoizeBy, memoizeOf } from "../../memoize.ts";
import type { TextGroup } from "../engine/fields.ts";
import { patternSet, startStates, type PatternStyle } from "../text/nfa.ts";
import type { PatternQuery } from "../text/text-classes.ts";

/** Pattern without the fixed prefix of its field, as it is printed. */
export interface PatternWord {
  readonly text: string;
  readonly style: PatternStyle;
}

/** Returns what remains of the patterns of a group after its prefix; one pattern can leave several words. */
export const wordsOf = memoizeOf(findWords);

function findWords(group: TextGroup): readonly PatternWord[] {
  const { patterns, start, style } = group;
  return patterns.flatMap((pattern, index) => {
    const letters = [...pattern];
    const begin = group.group.starts[index] ?? 0;
    const places = start
      .map((place) => place - begin)
      .filter((place) => place >= 0 && place <= letters.length);
    const isRun = (place: number) => !style.isLiteral && letters[place] === "*";
    return places
      .filter((place) => !(isRun(place - 1) && places.includes(place - 1)))
      .map((place) => ({
        text: letters.slice(place).join(""),
        style: plainStyle(letters.slice(place), style),
      }));
  });
}

/** Returns the style; a pattern without a wildcard is literal, whatever the operator. */
function plainStyle(letters: readonly string[], { isLiteral, foldsCase }: PatternStyle): PatternStyle {
  return { isLiteral: isLiteral || !letters.some((letter) => letter === "*" || letter === "?"), foldsCase };
}

export const wordKey = memoizeOf(
  ({ text, style }: PatternWord) => `${Number(style.isLiteral)}${Number(style.foldsCase)}${text}`,
);

/** Returns false only if no text matches both words. A quick check, in any letter case: true proves nothing. */
export function wordsMayMeet(one: PatternWord, other: PatternWord): boolean {
  return mayOverlap(beginOf(one), beginOf(other));
}

const beginOf = memoizeOf(({ text, style }: PatternWord): LiteralPrefix => {
  const folded = asciiLower(text);
  return style.isLiteral ? { text: folded, isOpen: false } : literalPrefixOf(folded);
});

/** Returns one query for each word. */
export function queriesOf(words: readonly PatternWord[]): readonly PatternQuery[] {
  return words.map((word, query) => ({ ...startingGroup(word), query }));
}

/** Size of the cache. Each group keeps its DFA, and many branches have the same words. */
const maxGroups = 1_000;

const startingGroup = memoizeBy(
  wordKey,
  ({ text, style }: PatternWord) => {
    const group = patternSet([text], style);
    return { group, start: startStates(group) };
  },
  maxGroups,
);
