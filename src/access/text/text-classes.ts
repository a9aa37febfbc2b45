/**
 * Equivalence classes of texts (satisfiable minterms of the queries): breadth-first search of the product
 * automaton of a language and all pattern DFAs, which is built on the fly.
 */

import type { Language } from "./language.ts";
import { dfaStep, acceptAll, determinize, type PatternSet, type NfaStates, type DfaState } from "./nfa.ts";

/** Class of texts with the same answer to each query, and its shortest text. */
export interface TextClass {
  readonly truth: readonly boolean[];
  /** The answers as a text of 0 and 1. */
  readonly name: string;
  readonly sample: string;
}

export interface PatternQuery {
  readonly group: PatternSet;
  readonly start: NfaStates;
  /** Number of the query, from 0. A query is true if one of its groups matches. */
  readonly query: number;
}

/** Input of the search. */
export interface Exploration {
  readonly language: Language;
  /** Pattern sets that run in parallel, with their start states and queries. */
  readonly groups: readonly PatternQuery[];
  /** Returns true if the known answers make the open ones irrelevant. */
  isSettled(known: readonly (boolean | undefined)[]): boolean;
  /** Counts the steps for one product state before they are taken. Throws if the budget is exceeded. */
  spend(steps: number): void;
}

/**
 * Returns every combination of answers that some text of the language has, the shortest text first.
 * Branches that are settled are pruned.
 */
export function textClasses(exploration: Exploration): readonly TextClass[] {
  const { groups, language } = exploration;
  if (groups.length === 0) return [{ truth: [], name: "", sample: shortestOf(language) }];
  const found = new Map<string, TextClass>();
  const met = new Set<Key>();
  const missing = reachableClasses(exploration, found);
  const atStart = metTogether(
    groups,
    groups.map(({ group, start }) => determinize(group, start)),
  );
  const seen = new Set<Key>([placeKey(atStart, 0)]);
  // Most letters lead to a state that is already known, so one scratch list is reused.
  const moved: DfaState[] = [...atStart];
  const move = moverOf(groups, moved);
  let front: SearchNode[] = [{ state: 0, at: atStart, text: "", kinds: missing.from(atStart) }];
  while (front.length > 0) {
    const next: SearchNode[] = [];
    for (const { state, at, text, kinds } of front) {
      if (!missing.isAny(kinds)) continue;
      const letters = lettersAt(language, state, at);
      exploration.spend(stepsOf(at) * letters.length);
      if (language.accepts(state)) {
        const key = matchKey(at);
        if (!met.has(key)) {
          met.add(key);
          const truth = answersOf(groups, at, isMatch);
          const name = truthName(truth);
          if (!found.has(name)) found.set(name, { truth, name, sample: text });
        }
        if (at.every(({ known }) => known !== undefined)) continue;
      }
      for (const letter of letters) {
        const after = language.next(state, letter);
        if (after === undefined) continue;
        const isAlike = move(at, letter);
        const key = placeKey(moved, after);
        if (seen.has(key)) continue;
        seen.add(key);
        const open = isAlike ? kinds : missing.from(moved);
        if (open.length > 0) next.push({ state: after, at: [...moved], text: text + letter, kinds: open });
      }
    }
    front = next;
  }
  return [...found.values()];
}

function stepsOf(at: readonly DfaState[]): number {
  let steps = 0;
  for (const one of at) steps += one.steps;
  return steps;
}

const shortest = new Map<Language, string>();

/** Returns the first text of a language in search order. Memoized. */
function shortestOf(language: Language): string {
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

/** Returns the answer to each query: the three-valued OR of its groups. */
function answersOf<T extends boolean | undefined>(
  groups: readonly PatternQuery[],
  at: readonly DfaState[],
  answer: (one: DfaState) => T,
): readonly T[] {
  const answers: T[] = [];
  for (const [index, { query }] of groups.entries()) {
    const one = at[index];
    if (one === undefined) continue;
    const [given, before] = [answer(one), answers[query]];
    if (
      before === undefined ? answers.length <= query || given === true : before === false && given !== false
    )
      answers[query] = given;
  }
  return answers;
}

/** State of the product automaton, with the shortest text that leads to it. */
interface SearchNode {
  readonly state: number;
  readonly at: readonly DfaState[];
  readonly text: string;
  /** Classes that it may still reach. Classes found in the meantime are removed from the end. */
  readonly kinds: string[];
}

/** Returns a function that writes the successors on a letter to `moved`; it is true if no further answer became known. */
function moverOf(groups: readonly PatternQuery[], moved: DfaState[]): Mover {
  const mates = matesOf(groups);
  const met: number[] = [];
  return (at, letter) => {
    let isAlike = true;
    // By index: an iterator would take longer than the step itself.
    for (let index = 0; index < at.length; index += 1) {
      const one = at[index];
      const query = groups[index];
      if (one === undefined || query === undefined) continue;
      const after = one.known === undefined ? dfaStep(query.group, one, letter) : one;
      moved[index] = after;
      if (after.known === one.known) continue;
      isAlike = false;
      if (after.known === true) met.push(index);
    }
    for (let index = met.pop(); index !== undefined; index = met.pop())
      for (const mate of mates[index] ?? []) moved[mate] = acceptAll;
    return isAlike;
  };
}

type Mover = (at: readonly DfaState[], letter: string) => boolean;

/** Returns the groups of the same query, for each group, itself included. */
function matesOf(groups: readonly PatternQuery[]): readonly (readonly number[])[] {
  return groups.map(({ query }) => groups.flatMap((other, at) => (other.query === query ? [at] : [])));
}

/** Once one group makes its query true for good, replaces the groups of the query by accept-all. */
function metTogether(groups: readonly PatternQuery[], at: readonly DfaState[]): readonly DfaState[] {
  if (!at.some(({ known }) => known === true)) return at;
  const met = new Set(groups.flatMap(({ query }, index) => (at[index]?.known === true ? [query] : [])));
  return at.map((one, index) => (met.has(groups[index]?.query ?? -1) ? acceptAll : one));
}

interface ReachableClasses {
  from(at: readonly DfaState[]): string[];
  isAny(kinds: string[]): boolean;
}

/**
 * Returns a function that finds the classes that a state can still reach. Memoized by the known answers,
 * which are the same at most states.
 */
function reachableClasses(
  { groups, isSettled }: Exploration,
  found: ReadonlyMap<string, TextClass>,
): ReachableClasses {
  const missing = new Map<Key, string[]>();
  return {
    from: (at) => {
      const key = knowledgeKey(at);
      const kinds = missing.get(key) ?? endsOf(answersOf(groups, at, isKnown), isSettled);
      missing.set(key, kinds);
      return kinds;
    },
    isAny: (kinds) => {
      while (kinds.length > 0 && found.has(kinds.at(-1) ?? "")) kinds.pop();
      return kinds.length > 0;
    },
  };
}

/** Limit of open queries up to which the reachable classes are enumerated. */
const maxOpen = 5;
const anyEnd = ["not enumerated"];

/** Enumerates the classes that agree with the known answers, except settled ones. */
function endsOf(known: readonly (boolean | undefined)[], isSettled: Exploration["isSettled"]): string[] {
  if (isSettled(known)) return [];
  const open: number[] = [];
  const end: boolean[] = [];
  for (let at = 0; at < known.length; at += 1) {
    const one = known[at];
    if (one === undefined) open.push(at);
    end.push(one === true);
  }
  if (open.length > maxOpen) return [...anyEnd];
  const names: string[] = [];
  for (let choice = (1 << open.length) - 1; choice >= 0; choice -= 1) {
    for (let bit = 0; bit < open.length; bit += 1) end[open[bit] ?? 0] = ((choice >> bit) & 1) === 1;
    if (!isSettled(end)) names.push(truthName(end));
  }
  return names;
}

function truthName(truth: readonly boolean[]): string {
  let name = "";
  for (const one of truth) name += one ? "1" : "0";
  return name;
}

const isKnown = ({ known }: DfaState) => known;
const isMatch = ({ known, matches }: DfaState) => known ?? matches;
type Key = number | string;

const placesPerWord = 2 ** 10;

// Each state is looked up several times, so its keys are numbers where they fit.

/** Returns the key of a product state. */
function placeKey(at: readonly DfaState[], state: number): Key {
  let number = state;
  for (const { code } of at) {
    if (code >= placesPerWord) return textOf(at, ({ code: own }) => own, state);
    number = number * placesPerWord + code;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : textOf(at, ({ code }) => code, state);
}

/** Returns the key of what is known whatever follows. */
function knowledgeKey(at: readonly DfaState[]): Key {
  let number = 1;
  for (const { known } of at) number = number * 4 + (known === undefined ? 2 : Number(known));
  if (number <= Number.MAX_SAFE_INTEGER) return number;
  return textOf(at, ({ known }) => (known === undefined ? 2 : Number(known)), 1);
}

/** Returns the key of the answers for the text itself. */
function matchKey(at: readonly DfaState[]): Key {
  let number = 1;
  for (const { known, matches } of at) number = number * 2 + Number(known ?? matches);
  if (number <= Number.MAX_SAFE_INTEGER) return number;
  return textOf(at, ({ known, matches }) => Number(known ?? matches), 1);
}

/** Packs a row of numbers into a text: two UTF-16 units for each. */
function textOf(at: readonly DfaState[], digit: (one: DfaState) => number, first: number): string {
  const letters = [first];
  for (const one of at) {
    const value = digit(one);
    letters.push(value & 0x7fff, value >>> 15);
  }
  return String.fromCharCode(...letters);
}

/** Candidates to represent all letters that no pattern mentions; the first unused one is taken. */
const preferredLetters = [..."xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_. "];

/** Returns the letters that a state distinguishes, after one that represents all other letters. */
function lettersAt(language: Language, state: number, at: readonly DfaState[]): readonly string[] {
  const named = [...language.letters(state)];
  for (const { letters, known } of at) {
    if (known !== undefined) continue;
    for (const letter of letters) if (!named.includes(letter)) named.push(letter);
  }
  if (!language.isOpen(state)) return named;
  const isFree = (letter: string) => !named.includes(letter) && language.next(state, letter) !== undefined;
  const other = preferredLetters.find(isFree) ?? rareLetters.find(isFree);
  if (other !== undefined) named.unshift(other);
  return named;
}

/** More letters than a policy can mention: 16 KB cannot hold 6,000 of three bytes each. */
const rareLetters = Array.from({ length: 6_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
