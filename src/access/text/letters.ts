/** Letters that a state of a product automaton distinguishes, and the first text of a language. */

import type { Language } from "./language.ts";
import type { DfaState } from "./nfa.ts";

const shortest = new Map<Language, string>();

/** Returns the first text of a language in search order. Memoized. */
export function shortestOf(language: Language): string {
  const known = shortest.get(language);
  if (known !== undefined) return known;
  let front = [{ state: 0, text: "" }];
  for (;;) {
    const found = front.find(({ state }) => language.accepts(state));
    if (found !== undefined) {
      shortest.set(language, found.text);
      return found.text;
    }
    front = front.flatMap(({ state, text }) =>
      lettersAt(language, state, []).flatMap((letter) => {
        const after = language.next(state, letter);
        return after === undefined ? [] : [{ state: after, text: text + letter }];
      }),
    );
  }
}

/** Candidates to represent all letters that no pattern mentions; the first unused one is taken. */
const preferredLetters = [..."xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_. "];

/** Returns the letters that a state distinguishes, after one that represents all other letters. */
export function lettersAt(language: Language, state: number, at: readonly DfaState[]): readonly string[] {
  const named = language.letters(state).slice();
  for (const { letters } of at) for (const letter of letters) if (!named.includes(letter)) named.push(letter);
  if (!language.isOpen(state)) return named;
  const isFree = (letter: string) => !named.includes(letter) && language.next(state, letter) !== undefined;
  const other = preferredLetters.find(isFree) ?? rareLetters.find(isFree);
  if (other !== undefined) named.unshift(other);
  return named;
}

/** More letters than a policy can mention: 16 KB cannot hold 6,000 of three bytes each. */
const rareLetters = Array.from({ length: 6_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
