/** Some patterns of which a text matches at least one, or not: `*` and `?` are wildcards unless a pattern is literal. */
export interface PatternSet {
  readonly symbols: readonly PatternSymbol[];
  /** Where each pattern begins in `symbols`. */
  readonly starts: readonly number[];
}

/** One symbol of a pattern: a letter (both its cases where case is left aside), a wildcard, or the end. */
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

/** The NFA states that a pattern set can be in; sorted. */
export type NfaStates = readonly number[];

export function startStates({ symbols, starts }: PatternSet, prefix = ""): NfaStates {
  let states = epsilonClosure(symbols, starts);
  for (const letter of prefix) states = nfaStep({ symbols, starts }, states, letter);
  return states;
}

/** A state of the DFA that the subset construction gives, built as it is walked; each is made once. */
export interface DfaState {
  readonly nfaStates: NfaStates;
  /** Whether it matches, however the text goes on; undefined where that is open. */
  readonly known: boolean | undefined;
  readonly matches: boolean;
  /** The letters that it tells apart. */
  readonly letters: readonly string[];
  /** Where those lead, as far as anybody asked. */
  readonly next: Map<string, DfaState>;
  /** Where all other letters lead. */
  other: DfaState | undefined;
  /** Equal for what needs not be told apart: 0 and 1 are known, above them is the id. */
  readonly code: number;
}

const dfaStates = new WeakMap<readonly PatternSymbol[], Map<string, DfaState>>();

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

/** The DFA state that accepts every continuation. */
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

/** Epsilon closure: `*` also matches nothing. */
function epsilonClosure(symbols: readonly PatternSymbol[], states: NfaStates): NfaStates {
  const all = new Set(states);
  for (const state of all) if (symbols[state]?.kind === "star") all.add(state + 1);
  return [...all].sort((a, b) => a - b);
}
