/** NFA of glob patterns, with epsilon closure and lazy subset construction (determinization on the fly). */

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
  return { kind: "letter", letters: foldsCase ? casesOf(letter) : [letter] };
}

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
  readonly nfaStates: NfaStates;
  /** Match result for every continuation of the text; undefined if it depends on the continuation. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** Letters that the state distinguishes. */
  readonly letters: readonly string[];
  /** Transitions on these letters, filled on demand. */
  readonly next: Map<string, DfaState>;
  /** Transition on all other letters, filled on demand. */
  other: DfaState | undefined;
  /** Key of the state: 0 if it always fails, 1 if it always matches, otherwise a unique id. */
  readonly code: number;
}

const dfaStates = new WeakMap<readonly PatternSymbol[], Map<string, DfaState>>();

/** Returns the DFA state for a set of NFA states. */
export function determinize({ symbols }: PatternSet, states: NfaStates): DfaState {
  const all = dfaStates.get(symbols) ?? new Map<string, DfaState>();
  dfaStates.set(symbols, all);
  const key = states.join();
  const known = all.get(key);
  if (known !== undefined) return known;
  const here = states.map((state) => symbols[state]);
  const isSure = here.some((symbol) => symbol?.kind === "star" && symbol.isLast);
  const truth = states.length === 0 ? false : isSure ? true : undefined;
  const made: DfaState = {
    code: truth === undefined ? all.size + 2 : Number(truth),
    nfaStates: states,
    known: truth,
    matches: here.some((symbol) => symbol?.kind === "end"),
    letters: [...new Set(here.flatMap((symbol) => (symbol?.kind === "letter" ? symbol.letters : [])))],
    next: new Map(),
    other: undefined,
  };
  all.set(key, made);
  return made;
}

export function dfaStep(patterns: PatternSet, from: DfaState, letter: string): DfaState {
  const known = from.next.get(letter);
  if (known !== undefined) return known;
  if (from.letters.includes(letter)) {
    const made = determinize(patterns, nfaStep(patterns, from.nfaStates, letter));
    from.next.set(letter, made);
    return made;
  }
  from.other ??= determinize(patterns, nfaStep(patterns, from.nfaStates, letter));
  return from.other;
}

/** DFA state that accepts every continuation. */
export const acceptAll: DfaState = {
  code: 1,
  nfaStates: [],
  known: true,
  matches: true,
  letters: [],
  next: new Map(),
  other: undefined,
};

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

/** Returns the epsilon closure: `*` also matches nothing. */
function epsilonClosure(symbols: readonly PatternSymbol[], states: NfaStates): NfaStates {
  const all = new Set(states);
  for (const state of all) if (symbols[state]?.kind === "star") all.add(state + 1);
  return [...all].sort((a, b) => a - b);
}
