import type { Language } from "./language.ts";
import { dfaStep, acceptAll, determinize, type PatternSet, type NfaStates, type DfaState } from "./nfa.ts";

/** One kind of text: which queries it meets, and the shortest text of the kind. */
export interface TextClass {
  readonly truth: readonly boolean[];
  readonly sample: string;
}

export interface PatternQuery {
  readonly group: PatternSet;
  readonly start: NfaStates;
  /** A query is met where one of its groups matches; they are counted from 0. */
  readonly query: number;
}

export interface Exploration {
  readonly language: Language;
  /** Each group with where it stands before the first letter, and the query that it is part of. */
  readonly groups: readonly PatternQuery[];
  /** Whether what is known of each query makes the rest not worth telling apart. */
  isSettled(known: readonly (boolean | undefined)[]): boolean;
  /** Counts the steps that one state of the joint automaton takes, before they are made; throws where it is too many. */
  spend(steps: number): void;
}

/**
 * Every combination of queries that some text of the language meets, shortest text first, but for
 * branches that are settled. The joint automaton is built as it is walked.
 */
export function textClasses(exploration: Exploration): readonly TextClass[] {
  const { groups, language } = exploration;
  if (groups.length === 0) return [{ truth: [], sample: shortestOf(language) }];
  const found = new Map<string, TextClass>();
  const met = new Set<Key>();
  const missing = reachableClasses(exploration, found);
  const atStart = metTogether(
    groups,
    groups.map(({ group, start }) => determinize(group, start)),
  );
  const seen = new Set<Key>([keyOf(atStart, place, bitsOfPlace, 0)]);
  // Most letters lead where another has led already, so that one list is enough to look there.
  const moved: DfaState[] = [...atStart];
  const move = (at: readonly DfaState[], letter: string) => moveAll(groups, at, letter, moved);
  let front: SearchNode[] = [{ state: 0, at: atStart, text: "", kinds: missing.from(atStart) }];
  while (front.length > 0) {
    const next: SearchNode[] = [];
    for (const { state, at, text, kinds } of front) {
      if (!missing.isAny(kinds)) continue;
      const letters = lettersAt(language, state, at);
      exploration.spend(at.reduce((sum, one) => sum + stepsOf(one), 0) * letters.length);
      if (language.accepts(state)) {
        const key = keyOf(at, matching, 1, 1);
        if (!met.has(key)) {
          met.add(key);
          const truth = answersOf(groups, at, isMatch);
          const name = truthName(truth);
          if (!found.has(name)) found.set(name, { truth, sample: text });
        }
        if (at.every(({ known }) => known !== undefined)) continue;
      }
      for (const letter of letters) {
        const after = language.next(state, letter);
        if (after === undefined) continue;
        const isAlike = move(at, letter);
        const key = keyOf(moved, place, bitsOfPlace, after);
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

/** A state of many places is new more often than not, and takes long to make. */
function stepsOf({ nfaStates }: DfaState): number {
  const counted = Math.min(nfaStates.length, 32);
  return 1 + nfaStates.length + ((counted * counted) >> 3);
}

const shortest = new Map<Language, string>();

/** The first text of a language, in the order in which texts are walked. */
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

/** The answer to each query, from that of its groups: one that is met is enough. */
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

/** A state of the joint automaton, with the shortest text that leads to it. */
interface SearchNode {
  readonly state: number;
  readonly at: readonly DfaState[];
  readonly text: string;
  /** The kinds that it may still lead to; those that are found meanwhile are taken from its end. */
  readonly kinds: string[];
}

/** Fills `moved` with where a letter leads; whether no more is known there than before. */
function moveAll(
  groups: readonly PatternQuery[],
  at: readonly DfaState[],
  letter: string,
  moved: DfaState[],
): boolean {
  let [isAlike, isMet] = [true, false];
  // By index: an iterator would take longer than the step itself.
  for (let index = 0; index < at.length; index += 1) {
    const one = at[index];
    const asked = groups[index];
    if (one === undefined || asked === undefined) continue;
    const after = one.known === undefined ? dfaStep(asked.group, one, letter) : one;
    if (after.known !== one.known) {
      isAlike = false;
      isMet ||= after.known === true;
    }
    moved[index] = after;
  }
  if (isMet) metTogether(groups, moved).forEach((one, index) => (moved[index] = one));
  return isAlike;
}

/** Where one group meets its query for good, the others of that query need not be followed. */
function metTogether(groups: readonly PatternQuery[], at: readonly DfaState[]): readonly DfaState[] {
  const met = new Set(groups.flatMap(({ query }, index) => (at[index]?.known === true ? [query] : [])));
  return at.map((one, index) => (met.has(groups[index]?.query ?? -1) ? acceptAll : one));
}

interface ReachableClasses {
  from(at: readonly DfaState[]): string[];
  isAny(kinds: string[]): boolean;
}

/**
 * The kinds that a state can still lead to and that are worth telling apart. What is known is the same
 * at most states, so that this is worked out once for each.
 */
function reachableClasses(
  { groups, isSettled }: Exploration,
  found: ReadonlyMap<string, TextClass>,
): ReachableClasses {
  const missing = new Map<Key, string[]>();
  return {
    from: (at) => {
      const key = keyOf(at, knowledge, 2, 1);
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

/** With more open queries than this, the ways in which they can end are not looked through. */
const maxOpen = 5;
const anyEnd = ["not looked through"];

/** The kinds that may come of what is known, but for those that are settled. */
function endsOf(known: readonly (boolean | undefined)[], isSettled: Exploration["isSettled"]): string[] {
  if (isSettled(known)) return [];
  if (known.filter((one) => one === undefined).length > maxOpen) return [...anyEnd];
  const ends = known.reduce<readonly (readonly boolean[])[]>(
    (all, one) => all.flatMap((end) => (one === undefined ? [true, false] : [one]).map((is) => [...end, is])),
    [[]],
  );
  return ends.filter((end) => !isSettled(end)).map(truthName);
}

function truthName(truth: readonly boolean[]): string {
  return truth.map(Number).join("");
}

const isKnown = ({ known }: DfaState) => known;
const isMatch = ({ known, matches }: DfaState) => known ?? matches;
const knowledge = ({ known }: DfaState) => (known === undefined ? 2 : Number(known));
const matching = ({ known, matches }: DfaState) => Number(known ?? matches);
const place = ({ code }: DfaState) => code;
const bitsOfPlace = 10;

type Key = number | string;

/** One key for a row of numbers: a number where they fit into one, since every state is looked up. */
function keyOf(at: readonly DfaState[], digit: (one: DfaState) => number, bits: number, first: number): Key {
  const base = 2 ** bits;
  let number = first;
  for (const one of at) {
    const value = digit(one);
    if (value >= base) return textOf(at, digit, first);
    number = number * base + value;
  }
  return number <= Number.MAX_SAFE_INTEGER ? number : textOf(at, digit, first);
}

/** Two letters for each number. */
function textOf(at: readonly DfaState[], digit: (one: DfaState) => number, first: number): string {
  const letters = [first];
  for (const one of at) {
    const value = digit(one);
    letters.push(value & 0x7fff, value >>> 15);
  }
  return String.fromCharCode(...letters);
}

/** For letters that nothing tells apart: the first of these that nothing names. */
const preferredLetters = [..."xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_. "];

/** All letters that are told apart in a state, and first one that stands for all others. */
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

/** More than any policy has letters: 16 KB hold no 6,000 of three bytes each. */
const rareLetters = Array.from({ length: 6_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
