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
  readonly places: Places;
  /** Whether it matches, however the text goes on; undefined where that is open. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** The letters that it tells apart. */
  readonly letters: readonly string[];
  readonly next: Map<string, Standing>;
  /** Equal for what needs not be told apart: 0 and 1 are known, above them is the id. */
  readonly code: number;
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
  const truth = places.length === 0 ? false : isSure ? true : undefined;
  const made: Standing = {
    code: truth === undefined ? all.size + 2 : Number(truth),
    places,
    known: truth,
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

/** One kind of text: which questions it meets, and the shortest text of the kind. */
export interface TextClass {
  readonly truth: readonly boolean[];
  readonly sample: string;
}

export interface Asked {
  readonly group: Group;
  readonly start: Places;
  /** A question is met where one of its groups matches; they are counted from 0. */
  readonly question: number;
}

export interface Exploration {
  readonly language: Language;
  /** Each group with where it stands before the first letter, and the question that it is part of. */
  readonly groups: readonly Asked[];
  /** Whether what is known of each question makes the rest not worth telling apart. */
  isSettled(known: readonly (boolean | undefined)[]): boolean;
  /** Counts one state of the joint automaton; throws where there are too many. */
  spend(): void;
}

/**
 * Every combination of questions that some text of the language meets, shortest text first, but for
 * branches that are settled. The joint automaton is built as it is walked.
 */
export function textClasses(exploration: Exploration): readonly TextClass[] {
  const { groups, language } = exploration;
  const found = new Map<string, TextClass>();
  const met = new Set<Key>();
  const isWorthwhile = outlook(exploration, found);
  const start = metTogether(
    groups,
    groups.map(({ group, start }) => standingAt(group, start)),
  );
  const seen = new Set<Key>([keyOf(start, place, bitsOfPlace, 0)]);
  let front: Spot[] = [{ state: 0, at: start, text: "" }];
  while (front.length > 0) {
    const next: Spot[] = [];
    for (const { state, at, text } of front) {
      if (!isWorthwhile(at)) continue;
      exploration.spend();
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
      for (const letter of lettersAt(language, state, at)) {
        const after = language.next(state, letter);
        if (after === undefined) continue;
        const moved = moveAll(groups, at, letter);
        const key = keyOf(moved, place, bitsOfPlace, after);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state: after, at: moved, text: text + letter });
      }
    }
    front = next;
  }
  return [...found.values()];
}

/** The answer to each question, from that of its groups: one that is met is enough. */
function answersOf<T extends boolean | undefined>(
  groups: readonly Asked[],
  at: readonly Standing[],
  answer: (one: Standing) => T,
): readonly T[] {
  const answers: T[] = [];
  for (const [index, { question }] of groups.entries()) {
    const one = at[index];
    if (one === undefined) continue;
    const [given, before] = [answer(one), answers[question]];
    if (
      before === undefined
        ? answers.length <= question || given === true
        : before === false && given !== false
    )
      answers[question] = given;
  }
  return answers;
}

/** A state of the joint automaton, with the shortest text that leads to it. */
interface Spot {
  readonly state: number;
  readonly at: readonly Standing[];
  readonly text: string;
}

function moveAll(groups: readonly Asked[], at: readonly Standing[], letter: string): readonly Standing[] {
  const moved: Standing[] = [];
  let isMet = false;
  // By index: an iterator would take longer than the step itself.
  for (let index = 0; index < at.length; index += 1) {
    const one = at[index];
    const asked = groups[index];
    if (one === undefined || asked === undefined) continue;
    const after = one.known === undefined ? follow(asked.group, one, letter) : one;
    if (after.known === true && one.known === undefined) isMet = true;
    moved.push(after);
  }
  return isMet ? metTogether(groups, moved) : moved;
}

/** Where one group meets its question for good, the others of that question need not be followed. */
function metTogether(groups: readonly Asked[], at: readonly Standing[]): readonly Standing[] {
  const met = new Set(groups.flatMap(({ question }, index) => (at[index]?.known === true ? [question] : [])));
  return at.map((one, index) => (met.has(groups[index]?.question ?? -1) ? forever : one));
}

/** What has matched, however the text goes on. */
const forever: Standing = { code: 1, places: [], known: true, matches: true, letters: [], next: new Map() };

/**
 * Whether a state can still lead to a kind that is not found yet and is worth telling apart. What is
 * known is the same at most states, so that this is worked out once for each.
 */
function outlook(
  { groups, isSettled }: Exploration,
  found: ReadonlyMap<string, TextClass>,
): (at: readonly Standing[]) => boolean {
  const missing = new Map<Key, string[]>();
  return (at) => {
    const key = keyOf(at, knowledge, 2, 1);
    const left = missing.get(key) ?? endsOf(answersOf(groups, at, isKnown), isSettled);
    missing.set(key, left);
    while (left.length > 0 && found.has(left.at(-1) ?? "")) left.pop();
    return left.length > 0;
  };
}

/** With more open questions than this, the ways in which they can end are not looked through. */
const mostOpen = 5;
const anyEnd = ["not looked through"];

/** The kinds that may come of what is known, but for those that are settled. */
function endsOf(known: readonly (boolean | undefined)[], isSettled: Exploration["isSettled"]): string[] {
  if (isSettled(known)) return [];
  if (known.filter((one) => one === undefined).length > mostOpen) return [...anyEnd];
  const ends = known.reduce<readonly (readonly boolean[])[]>(
    (all, one) => all.flatMap((end) => (one === undefined ? [true, false] : [one]).map((is) => [...end, is])),
    [[]],
  );
  return ends.filter((end) => !isSettled(end)).map(truthName);
}

function truthName(truth: readonly boolean[]): string {
  return truth.map(Number).join("");
}

const isKnown = ({ known }: Standing) => known;
const isMatch = ({ known, matches }: Standing) => known ?? matches;
const knowledge = ({ known }: Standing) => (known === undefined ? 2 : Number(known));
const matching = ({ known, matches }: Standing) => Number(known ?? matches);
const place = ({ code }: Standing) => code;
const bitsOfPlace = 10;

type Key = number | string;

/** One key for a row of numbers: a number where they fit into one, since every state is looked up. */
function keyOf(at: readonly Standing[], digit: (one: Standing) => number, bits: number, first: number): Key {
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
function textOf(at: readonly Standing[], digit: (one: Standing) => number, first: number): string {
  const letters = [first];
  for (const one of at) {
    const value = digit(one);
    letters.push(value & 0x7fff, value >>> 15);
  }
  return String.fromCharCode(...letters);
}

/** For letters that nothing tells apart: the first of these that nothing names. */
const pleasant = [..."xabcdefghijklmnopqrstuvwyz0123456789XABCDEFGHIJKLMNOPQRSTUVWYZ-_. "];

function lettersAt(language: Language, state: number, at: readonly Standing[]): readonly string[] {
  const named = new Set(language.letters(state));
  for (const { letters, known } of at) {
    if (known !== undefined) continue;
    for (const letter of letters) named.add(letter);
  }
  if (!language.isOpen(state)) return [...named];
  const isFree = (letter: string) => !named.has(letter) && language.next(state, letter) !== undefined;
  const other = pleasant.find(isFree) ?? rareLetters.find(isFree);
  return other === undefined ? [...named] : [other, ...named];
}

/** More than any policy has letters: 16 KB hold no 6,000 of three bytes each. */
const rareLetters = Array.from({ length: 6_000 }, (_, index) => String.fromCodePoint(0x4e00 + index));
