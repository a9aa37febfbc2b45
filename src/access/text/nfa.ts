/** NFA of glob patterns, with epsilon closure and lazy subset construction (determinization on the fly). */

import { memoize } from "../../memoize.ts";

/** NFA for the union of patterns; each symbol is a state. `*` and `?` are wildcards unless they are literal. */
export interface PatternSet {
  readonly symbols: readonly PatternSymbol[];
  /** Index of the first symbol of each pattern. */
  readonly starts: readonly number[];
}

/** Symbol of a pattern: a letter (both cases if case is ignored), a wildcard, or the end. */
type PatternSymbol =
  | { readonly kind: "letter"; readonly letters: readonly string[] }
  | { readonly kind: "any" }
  | { readonly kind: "star"; readonly isLast: boolean }
  | { readonly kind: "end" };

export interface PatternStyle {
  readonly isLiteral: boolean;
  readonly foldsCase: boolean;
}

export function patternSet(patterns: readonly string[], style: PatternStyle): PatternSet {
  const symbols: PatternSymbol[] = [];
  const starts = patterns.map((pattern) => {
    const start = symbols.length;
    const letters = [...pattern];
    for (const [index, letter] of letters.entries())
      symbols.push(symbolOf(letter, index === letters.length - 1, style));
    symbols.push({ kind: "end" });
    return start;
  });
  return { symbols, starts };
}

function symbolOf(letter: string, isLast: boolean, { isLiteral, foldsCase }: PatternStyle): PatternSymbol {
  if (!isLiteral && letter === "*") return { kind: "star", isLast };
  if (!isLiteral && letter === "?") return { kind: "any" };
  return foldsCase ? eitherCase(letter) : exactly(letter);
}

const exactly = memoize((letter): PatternSymbol => ({ kind: "letter", letters: [letter] }));
const eitherCase = memoize((letter): PatternSymbol => ({ kind: "letter", letters: casesOf(letter) }));

function casesOf(letter: string): readonly string[] {
  return /^[A-Za-z]$/.test(letter) ? [letter.toLowerCase(), letter.toUpperCase()] : [letter];
}

/** Set of NFA states, sorted. */
export type NfaStates = readonly number[];

/** Returns the NFA states after `prefix`. */
export function startStates({ symbols, starts }: PatternSet, prefix = ""): NfaStates {
  let states = epsilonClosure(symbols, starts);
  for (const letter of prefix) states = nfaStep({ symbols, starts }, states, letter);
  return states;
}

/** State of the DFA from the lazy subset construction. Equal states are one object. */
export interface DfaState {
  /** The NFA states, as the units of a text: a third of the memory that a list takes. */
  readonly nfaStates: string;
  /** Match result for every continuation of the text; undefined if it depends on the continuation. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** Letters that the state distinguishes; few, so that a search in the list is faster than in a map. */
  readonly letters: readonly string[];
  /** Transitions on these letters, filled on demand. */
  readonly next: (DfaState | undefined)[];
  /** Transition on all other letters, filled on demand. */
  other: DfaState | undefined;
  /** Key of the state: 0 if it always fails, 1 if it always matches, otherwise a unique id. */
  readonly code: number;
  /** Cost of one step. A state of many NFA states is usually new, and slow to build. */
  readonly steps: number;
}

/** DFA of a set of patterns as far as it is built. */
interface Dfa {
  readonly byKey: Map<string, DfaState>;
  readonly byCode: DfaState[];
}

const dfas = new WeakMap<readonly PatternSymbol[], Dfa>();

function dfaOf({ symbols }: PatternSet): Dfa {
  const dfa = dfas.get(symbols) ?? { byKey: new Map<string, DfaState>(), byCode: [rejectAll, acceptAll] };
  dfas.set(symbols, dfa);
  return dfa;
}

/** Returns the states of a DFA by their codes; the list grows with the DFA. */
export function statesByCode(patterns: PatternSet): readonly DfaState[] {
  return dfaOf(patterns).byCode;
}

/** Returns the DFA state for a set of NFA states. */
export function determinize(patterns: PatternSet, states: NfaStates): DfaState {
  const { byKey, byCode } = dfaOf(patterns);
  const key = String.fromCharCode(...states);
  const known = byKey.get(key);
  if (known !== undefined) return known;
  const { symbols } = patterns;
  const here = states.map((state) => symbols[state]);
  const isSure = here.some((symbol) => symbol?.kind === "star" && symbol.isLast);
  const truth = states.length === 0 ? false : isSure ? true : undefined;
  const letters = lettersOf(here);
  const made: DfaState = {
    code: truth === undefined ? byCode.length : Number(truth),
    nfaStates: key,
    known: truth,
    matches: here.some((symbol) => symbol?.kind === "end"),
    letters,
    next: letters.length === 0 ? noStates : new Array<undefined>(letters.length).fill(undefined),
    other: undefined,
    steps: stepsOf(states.length),
  };
  byKey.set(key, made);
  if (truth === undefined) byCode.push(made);
  return made;
}

/** Returns the letters of some symbols. Most states have one, and share the list of it. */
function lettersOf(symbols: readonly (PatternSymbol | undefined)[]): readonly string[] {
  let letters = noLetters;
  for (const symbol of symbols) {
    if (symbol?.kind !== "letter") continue;
    for (const letter of symbol.letters) {
      if (letters.length === 0) letters = aloneIn(letter);
      else if (!letters.includes(letter)) letters = [...letters, letter];
    }
  }
  return letters;
}

const noLetters: readonly string[] = [];
const aloneIn = memoize((letter): readonly string[] => [letter]);
const noStates: DfaState["next"] = [];

function stepsOf(nfaStates: number): number {
  const counted = Math.min(nfaStates, 32);
  return 1 + nfaStates + ((counted * counted) >> 3);
}

export function dfaStep(patterns: PatternSet, from: DfaState, letter: string): DfaState {
  const { letters, next } = from;
  const at = letters.length === 0 ? -1 : letters.indexOf(letter);
  if (at >= 0) return (next[at] ??= dfaSuccessor(patterns, from, letter));
  return (from.other ??= dfaSuccessor(patterns, from, letter));
}

/** DFA state that accepts every continuation. */
export const acceptAll = alike(true);

/** DFA state that accepts none. */
const rejectAll = alike(false);

function alike(accepts: boolean): DfaState {
  return {
    code: Number(accepts),
    nfaStates: "",
    known: accepts,
    matches: accepts,
    letters: [],
    next: [],
    other: undefined,
    steps: stepsOf(0),
  };
}

function dfaSuccessor(patterns: PatternSet, { nfaStates }: DfaState, letter: string): DfaState {
  const states: number[] = [];
  for (let at = 0; at < nfaStates.length; at += 1) states.push(nfaStates.charCodeAt(at));
  return determinize(patterns, nfaStep(patterns, states, letter));
}

function nfaStep({ symbols }: PatternSet, states: NfaStates, letter: string): NfaStates {
  const reached: number[] = [];
  for (const state of states) {
    const symbol = symbols[state];
    if (symbol?.kind === "star") reached.push(state);
    else if (symbol?.kind === "any" || (symbol?.kind === "letter" && symbol.letters.includes(letter)))
      reached.push(state + 1);
  }
  return epsilonClosure(symbols, reached);
}

/** Returns the epsilon closure of sorted states: `*` also matches nothing. Sorted, no duplicates. */
function epsilonClosure(symbols: readonly PatternSymbol[], states: NfaStates): NfaStates {
  const reached: number[] = [];
  let last = -1;
  for (const state of states) {
    for (let next = state; next > last; next += 1) {
      reached.push(next);
      last = next;
      if (symbols[next]?.kind !== "star") break;
    }
  }
  return reached;
}
