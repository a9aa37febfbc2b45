import type { Language } from "./language.ts";

/** Some patterns of which a text matches at least one, or not: `*` and `?` are wildcards unless a pattern is literal. */
export interface Group {
  readonly marks: readonly Mark[];
  /** Where each pattern begins in `marks`. */
  readonly starts: readonly number[];
}

/** One place in a pattern: a letter (both its cases where case is left aside), a wildcard, or the end. */
type Mark =
  | { readonly kind: "letter"; readonly letters: readonly string[] }
  | { readonly kind: "any" }
  | { readonly kind: "run"; readonly isLast: boolean }
  | { readonly kind: "end" };

export interface PatternStyle {
  readonly isLiteral: boolean;
  readonly foldsCase: boolean;
}

export function patternGroup(patterns: readonly string[], style: PatternStyle): Group {
  const marks: Mark[] = [];
  const starts = patterns.map((pattern) => {
    const start = marks.length;
    const letters = [...pattern];
    for (const [index, letter] of letters.entries())
      marks.push(markOf(letter, index === letters.length - 1, style));
    marks.push({ kind: "end" });
    return start;
  });
  return { marks, starts };
}

function markOf(letter: string, isLast: boolean, { isLiteral, foldsCase }: PatternStyle): Mark {
  if (!isLiteral && letter === "*") return { kind: "run", isLast };
  if (!isLiteral && letter === "?") return { kind: "any" };
  return { kind: "letter", letters: foldsCase ? casesOf(letter) : [letter] };
}

function casesOf(letter: string): readonly string[] {
  return /^[A-Za-z]$/.test(letter) ? [letter.toLowerCase(), letter.toUpperCase()] : [letter];
}

/** The places that a group can stand at; sorted. */
export type Places = readonly number[];

export function startOf({ marks, starts }: Group, prefix = ""): Places {
  let places = settle(marks, starts);
  for (const letter of prefix) places = step({ marks, starts }, places, letter);
  return places;
}

/** Where a group stands, with what follows from it; each is worked out once. */
interface Standing {
  readonly id: number;
  readonly places: Places;
  /** Whether it matches, however the text goes on; undefined where that is open. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** The letters that it tells apart. */
  readonly letters: readonly string[];
  readonly next: Map<string, Standing>;
}

const standings = new WeakMap<readonly Mark[], Map<string, Standing>>();

function standingAt({ marks }: Group, places: Places): Standing {
  const all = standings.get(marks) ?? new Map<string, Standing>();
  standings.set(marks, all);
  const key = places.join();
  const known = all.get(key);
  if (known !== undefined) return known;
  const here = places.map((place) => marks[place]);
  const isSure = here.some((mark) => mark?.kind === "run" && mark.isLast);
  const made: Standing = {
    id: all.size,
    places,
    known: places.length === 0 ? false : isSure ? true : undefined,
    matches: here.some((mark) => mark?.kind === "end"),
    letters: [...new Set(here.flatMap((mark) => (mark?.kind === "letter" ? mark.letters : [])))],
    next: new Map(),
  };
  all.set(key, made);
  return made;
}

function follow(group: Group, from: Standing, letter: string): Standing {
  // All letters that it does not tell apart lead to one place.
  const key = from.letters.includes(letter) ? letter : "";
  const known = from.next.get(key);
  if (known !== undefined) return known;
  const made = standingAt(group, step(group, from.places, letter));
  from.next.set(key, made);
  return made;
}

function step({ marks }: Group, places: Places, letter: string): Places {
  const reached: number[] = [];
  for (const place of places) {
    const mark = marks[place];
    if (mark?.kind === "run") reached.push(place);
    else if (mark?.kind === "any" || (mark?.kind === "letter" && mark.letters.includes(letter)))
      reached.push(place + 1);
  }
  return settle(marks, reached);
}

/** A run may be empty. */
function settle(marks: readonly Mark[], places: Places): Places {
  const all = new Set(places);
  for (const place of all) if (marks[place]?.kind === "run") all.add(place + 1);
  return [...all].sort((a, b) => a - b);
}

/** One kind of text: which groups it matches, and the shortest text of the kind. */
export interface TextClass {
  readonly truth: readonly boolean[];
  readonly sample: string;
}

export interface Exploration {
  readonly language: Language;
  readonly groups: readonly Group[];
  /** Where each group stands before the first letter. */
  readonly places: readonly Places[];
  /** Whether what is known already makes the rest not worth telling apart. */
  isSettled(known: readonly (boolean | undefined)[]): boolean;
  /** Counts one state of the joint automaton; throws where there are too many. */
  spend(): void;
}

/**
 * Every combination of groups that some text of the language matches, shortest text first, but for
 * branches that are settled. The joint automaton is built as it is walked.
 */
export function textClasses(exploration: Exploration): readonly TextClass[] {
  const { groups, language } = exploration;
  const found = new Map<string, TextClass>();
  const seen = new Set<string>();
  const start = groups.map((group, index) => standingAt(group, exploration.places[index] ?? []));
  let front = [{ state: 0, at: start, text: "" }];
  while (front.length > 0) {
    const next: typeof front = [];
    for (const { state, at, text } of front) {
      const key = stateKey(state, at);
      if (seen.has(key)) continue;
      seen.add(key);
      const known = at.map((one) => one.known);
      if (exploration.isSettled(known)) continue;
      exploration.spend();
      if (language.accepts(state)) {
        const truth = at.map(({ matches, known: is }) => is ?? matches);
        const name = truth.join();
        if (!found.has(name)) found.set(name, { truth, sample: text });
        if (known.every((one) => one !== undefined)) continue;
      }
      for (const letter of lettersAt(language, state, at)) {
        const after = language.next(state, letter);
        if (after === undefined) continue;
        const moved = at.map((one, index) => {
          const group = groups[index];
          return group === undefined || one.known !== undefined ? one : follow(group, one, letter);
        });
        next.push({ state: after, at: moved, text: text + letter });
      }
    }
    front = next;
  }
  return [...found.values()];
}

/** Two letters for each number, which is much faster than its digits: every state is looked up. */
function stateKey(state: number, at: readonly Standing[]): string {
  const letters = [state];
  for (const { known, id } of at) {
    const number = known === undefined ? id + 2 : Number(known);
    letters.push(number & 0x7fff, number >>> 15);
  }
  return String.fromCharCode(...letters);
}

/** For letters that nothing tells apart: the first of these that nothing names. */
const pleasant = [..."xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_. "];

function lettersAt(language: Language, state: number, at: readonly Standing[]): readonly string[] {
  const named = new Set(language.letters(state));
  for (const { letters, known } of at)
    if (known === undefined) for (const letter of letters) named.add(letter);
  if (!language.isOpen(state)) return [...named];
  const isFree = (letter: string) => !named.has(letter) && language.next(state, letter) !== undefined;
  const other = pleasant.find(isFree) ?? rareLetters.find(isFree);
  return other === undefined ? [...named] : [other, ...named];
}

/** More than any policy has letters: 16 KB hold no 6,000 of three bytes each. */
const rareLetters = Array.from({ length: 6_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
