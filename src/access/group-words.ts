import { rememberedBy } from "../policy/remembered.ts";
import type { TextGroup } from "./fields.ts";
import { patternGroup, startOf, type PatternStyle } from "./patterns.ts";
import type { Asked } from "./texts.ts";

/** A pattern of texts as people see it: without what every text of the field begins with. */
export interface Word {
  readonly text: string;
  readonly style: PatternStyle;
}

/** What is left of the patterns of a group behind the text that each of its texts begins with. */
export function wordsOf(group: TextGroup): readonly Word[] {
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

/** A pattern without a wildcard is the text itself, whatever the operator. */
function plainStyle(letters: readonly string[], { isLiteral, foldsCase }: PatternStyle): PatternStyle {
  return { isLiteral: isLiteral || !letters.some((letter) => letter === "*" || letter === "?"), foldsCase };
}

export function wordKey({ text, style }: Word): string {
  return `${Number(style.isLiteral)}${Number(style.foldsCase)}${text}`;
}

/** Each word as a question of its own. */
export function askedOf(words: readonly Word[]): readonly Asked[] {
  return words.map((word, question) => ({ ...startingGroup(word), question }));
}

/** What is worked out for a group is kept with it, and many branches have the same words. */
const mostGroups = 1_000;

const startingGroup = rememberedBy(
  wordKey,
  ({ text, style }: Word) => {
    const group = patternGroup([text], style);
    return { group, start: startOf(group) };
  },
  mostGroups,
);
