/**
 * Equivalence classes of texts (satisfiable minterms of the queries): breadth-first search of the product
 * automaton of a language and all pattern DFAs, which is built on the fly.
 */

import type { Language } from "./language.ts";
import { lettersAt, shortestOf } from "./letters.ts";
import { AnswerTable, NumberRows } from "./number-rows.ts";
import {
  dfaStep,
  acceptAll,
  determinize,
  statesByCode,
  type PatternSet,
  type NfaStates,
  type DfaState,
} from "./nfa.ts";

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
  return new ClassSearch(exploration).classes();
}

/** State of the product automaton, with the shortest text that leads to it. */
interface SearchNode {
  /** Index of its row: the state of the language, then the code of each DFA state. */
  readonly index: number;
  readonly text: string;
  /** Classes that it may still reach. Classes found in the meantime are removed from the end. */
  readonly kinds: string[];
}

/** Tables of the one search that runs at a time, kept because most searches are short. */
const tables = { states: new NumberRows(), answers: new AnswerTable(), known: new AnswerTable() };

/** Breadth-first search. Most letters lead to a state that is already known, so scratch lists are reused. */
class ClassSearch {
  readonly #exploration: Exploration;
  readonly #groups: readonly PatternQuery[];
  readonly #found = new Map<string, TextClass>();
  readonly #missing: ReachableClasses;
  /** Product states that are known. */
  readonly #states = tables.states;
  /** Answers for a text itself that are known. */
  readonly #answers = tables.answers;
  /** DFA states of each group by their codes. */
  readonly #byCode: readonly (readonly DfaState[])[];
  readonly #at: DfaState[] = [];
  readonly #moved: DfaState[] = [];
  readonly #row: Int32Array;
  readonly #move: Mover;

  constructor(exploration: Exploration) {
    const { groups } = exploration;
    this.#exploration = exploration;
    this.#groups = groups;
    this.#byCode = groups.map(({ group }) => statesByCode(group));
    this.#missing = reachableClasses(exploration, this.#found);
    this.#states.clear(groups.length + 1);
    this.#answers.clear(groups.length);
    this.#row = new Int32Array(groups.length + 1);
    this.#move = moverOf(groups, this.#moved);
  }

  classes(): readonly TextClass[] {
    const atStart = this.#groups.map(({ group, start }) => determinize(group, start));
    metTogether(this.#groups, atStart).forEach((one, index) => (this.#moved[index] = one));
    let front: SearchNode[] = [{ index: this.#indexOf(0), text: "", kinds: this.#missing.from(this.#moved) }];
    while (front.length > 0) {
      const next: SearchNode[] = [];
      for (const node of front) if (this.#missing.isAny(node.kinds)) this.#visit(node, next);
      front = next;
    }
    return [...this.#found.values()];
  }

  /** Returns the index of the product state in `moved`, with a state of the language. */
  #indexOf(state: number): number {
    this.#row[0] = state;
    for (let at = 0; at < this.#moved.length; at += 1) this.#row[at + 1] = this.#moved[at]?.code ?? 0;
    return this.#states.indexOf(this.#row);
  }

  /** Reads the state of a node to `at`. Returns the state of the language. */
  #load(index: number): number {
    this.#states.read(index, this.#row);
    for (let at = 0; at < this.#byCode.length; at += 1)
      this.#at[at] = this.#byCode[at]?.[this.#row[at + 1] ?? 0] ?? acceptAll;
    return this.#row[0] ?? 0;
  }

  #visit({ index, text, kinds }: SearchNode, next: SearchNode[]): void {
    const { language, spend } = this.#exploration;
    const [state, at] = [this.#load(index), this.#at];
    const letters = lettersAt(language, state, at);
    spend(stepsOf(at) * letters.length);
    if (language.accepts(state)) {
      this.#accept(at, text);
      if (at.every(({ known }) => known !== undefined)) return;
    }
    for (const letter of letters) {
      const after = language.next(state, letter);
      if (after === undefined) continue;
      const isAlike = this.#move(at, letter);
      const known = this.#states.size;
      const place = this.#indexOf(after);
      if (place < known) continue;
      const open = isAlike ? kinds : this.#missing.from(this.#moved);
      if (open.length > 0) next.push({ index: place, text: text + letter, kinds: open });
    }
  }

  #accept(at: readonly DfaState[], text: string): void {
    const known = this.#answers.size;
    if (this.#answers.indexOf(at, matching) < known) return;
    const truth = answersOf(this.#groups, at, isMatch);
    const name = truthName(truth);
    if (!this.#found.has(name)) this.#found.set(name, { truth, name, sample: text });
  }
}

function stepsOf(at: readonly DfaState[]): number {
  let steps = 0;
  for (const one of at) steps += one.steps;
  return steps;
}

/** Returns the answer to each query: the three-valued OR of its groups. */
function answersOf<T extends boolean | undefined>(
  groups: readonly PatternQuery[],
  at: readonly DfaState[],
  answer: (one: DfaState) => T,
): readonly T[] {
  const answers: T[] = [];
  for (let index = 0; index < at.length; index += 1) {
    const [one, query] = [at[index], groups[index]?.query];
    if (one === undefined || query === undefined) continue;
    const given = answer(one);
    const before = answers[query];
    const isWider = before === undefined ? given === true : before === false && given !== false;
    if (isWider || answers.length <= query) answers[query] = given;
  }
  return answers;
}

/** Returns a function that writes the successors on a letter to `moved`; it is true if no further answer became known. */
function moverOf(groups: readonly PatternQuery[], moved: DfaState[]): Mover {
  let mates: readonly (readonly number[])[] | undefined;
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
    for (let index = met.pop(); index !== undefined; index = met.pop()) {
      mates ??= groupsOfQueries(groups);
      for (const mate of mates[groups[index]?.query ?? 0] ?? []) moved[mate] = acceptAll;
    }
    return isAlike;
  };
}

type Mover = (at: readonly DfaState[], letter: string) => boolean;

/** Returns the groups of each query. */
function groupsOfQueries(groups: readonly PatternQuery[]): readonly (readonly number[])[] {
  const all: number[][] = [];
  for (const [index, { query }] of groups.entries()) (all[query] ??= []).push(index);
  return all;
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
  { groups, isSettled, spend }: Exploration,
  found: ReadonlyMap<string, TextClass>,
): ReachableClasses {
  const answers = tables.known;
  answers.clear(groups.length);
  const missing: string[][] = [];
  return {
    from: (at) => {
      const place = answers.indexOf(at, knowledge);
      const known = missing[place];
      if (known !== undefined) return known;
      spend(Math.ceil(groups.length / groupsOfStep));
      return (missing[place] = endsOf(answersOf(groups, at, isKnown), isSettled));
    },
    isAny: (kinds) => {
      while (kinds.length > 0 && found.has(kinds.at(-1) ?? "")) kinds.pop();
      return kinds.length > 0;
    },
  };
}

/** Groups whose answers are joined in one step. */
const groupsOfStep = 8;

/** Limit of open queries up to which the reachable classes are enumerated, and of queries whose names are short. */
const [maxOpen, maxNamed] = [5, 64];
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
  if (open.length > (known.length > maxNamed ? 0 : maxOpen)) return [...anyEnd];
  const names: string[] = [];
  for (let choice = (1 << open.length) - 1; choice >= 0; choice -= 1) {
    for (let bit = 0; bit < open.length; bit += 1) end[open[bit] ?? 0] = ((choice >> bit) & 1) === 1;
    if (!isSettled(end)) names.push(truthName(end));
  }
  return names;
}

/** Few answers are joined by hand; of many that would leave a text of as many pieces. */
function truthName(truth: readonly boolean[]): string {
  if (truth.length > maxNamed) return truth.map(Number).join("");
  let name = "";
  for (const one of truth) name += one ? "1" : "0";
  return name;
}

const isKnown = ({ known }: DfaState) => known;
const isMatch = ({ known, matches }: DfaState) => known ?? matches;
const knowledge = ({ known }: DfaState) => (known === undefined ? 2 : Number(known));
const matching = ({ known, matches }: DfaState) => Number(known ?? matches);
