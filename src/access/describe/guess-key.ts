/** Guess of an object key between patterns, which mostly saves a search. */

import { memoizeOf } from "../../memoize.ts";
import { globMatches } from "../../policy/glob.ts";
import type { PatternWord } from "./pattern-words.ts";

/** Parts of a pattern. One without a `*` is all beginning. */
interface PatternParts {
  /** Characters before the first `*`. */
  readonly begin: readonly string[];
  /** What is between the first and the last `*`, without them. */
  readonly middle: string;
  /** Characters after the last `*`, from the last one on. */
  readonly end: readonly string[];
  readonly stars: number;
}

/**
 * Returns whether some object key matches all of `all` and none of `none`; undefined if that takes a search.
 * "Yes" has a key that does, "no" a difference at one end of the patterns, or a pattern that covers another.
 */
export function someKeyByGuess(
  all: readonly PatternWord[],
  none: readonly PatternWord[],
): boolean | undefined {
  if (all.some(foldsCase) || none.some(foldsCase)) return undefined;
  const [first] = all;
  const guess = all.length === 1 && first !== undefined ? guessOfOne(first) : guessOf(all.map(partsOf));
  if (guess === undefined) return false;
  if (none.some((other) => all.some((one) => isCovered(partsOf(one), partsOf(other))))) return false;
  const isKey = guess !== "" && !/^[/\\]/.test(guess);
  const isFound =
    isKey && all.every((word) => matches(word, guess)) && !none.some((word) => matches(word, guess));
  return isFound ? true : undefined;
}

const foldsCase = ({ style }: PatternWord) => style.foldsCase;

/** Returns a text that likely matches patterns with these parts; undefined if none can. */
function guessOf(parts: readonly PatternParts[]): string | undefined {
  const [begin, end] = [merged(parts.map((one) => one.begin)), merged(parts.map((one) => one.end))];
  if (begin === undefined || end === undefined) return undefined;
  const fixed = parts.find(({ stars }) => stars === 0);
  const middles = parts.map(({ middle }) => middle).join("");
  const letters = fixed?.begin ?? [...begin, filler, middles, filler, ...[...end].reverse()];
  return letters.join("").replaceAll("?", filler);
}

const guessOfOne = memoizeOf((word: PatternWord) => guessOf([partsOf(word)]));

/** A letter that no pattern is likely to name. */
const filler = "\u0001";

function matches({ text, style }: PatternWord, key: string): boolean {
  return style.isLiteral ? text === key : globMatches(text, key);
}

const partsOf = memoizeOf(({ text, style }: PatternWord): PatternParts => {
  const [begin = "", ...rest] = style.isLiteral ? [text] : text.split("*");
  const end = rest.at(-1) ?? "";
  return {
    begin: [...begin],
    middle: rest.slice(0, -1).join(""),
    end: [...end].reverse(),
    stars: rest.length,
  };
});

/** Returns the longest of these lists, with the letters of the others for its `?`; undefined if two letters differ. */
function merged(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const both: string[] = [];
  for (const list of lists) {
    for (const [at, letter] of list.entries()) {
      const known = both[at] ?? "?";
      if (known !== "?" && letter !== "?" && known !== letter) return undefined;
      both[at] = known === "?" ? letter : known;
    }
  }
  return both;
}

/** Returns true if the only `*` of the other pattern takes what this one has between the ends. */
function isCovered(one: PatternParts, other: PatternParts): boolean {
  const covers = (outer: readonly string[], inner: readonly string[]) =>
    outer.length <= inner.length && outer.every((letter, at) => letter === "?" || letter === inner[at]);
  return other.stars === 1 && covers(other.begin, one.begin) && covers(other.end, one.end);
}
