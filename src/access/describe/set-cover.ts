/** Greedy weighted set cover: a set of values becomes few named sets, each minus named exceptions. */

import { memoizeOf, memoizeWithin } from "../../memoize.ts";
import {
  bitsetOf,
  countBits,
  countInBoth,
  firstBit,
  intersectionOf,
  isEmpty,
  meetsBoth,
  without,
  wordsFor,
  type Bitset,
} from "./bitset.ts";

/** Word for a set of values of an axis. */
export interface NamedSet<W> {
  readonly word: W;
  readonly mask: bigint;
}

/** Intersection of the sets in `all` (every value if there are none), minus the sets in `except`. */
export interface Term<W> {
  readonly all: readonly W[];
  readonly except: readonly W[];
}

interface Name<W> {
  readonly word: W;
  readonly mask: Bitset;
}

/** Counts steps. Throws if there are too many. */
export type Spend = (steps: number) => void;

/** Sets that a cover is about. */
interface Wanted<W> {
  readonly set: Bitset;
  readonly possible: Bitset;
  readonly names: readonly Name<W>[];
  /** Counts so many comparisons of two words. */
  readonly compare: (words: number) => void;
}

/** Words of sets that are compared in one step. */
const wordsOfStep = 32;

/**
 * Returns few terms whose union is exactly the set within the possible values. The names must
 * distinguish any two values.
 */
export function termsOf<W>(
  set: bigint,
  possible: bigint,
  names: readonly NamedSet<W>[],
  spend: Spend,
): readonly Term<W>[] {
  if ((possible & ~set) === 0n) return [{ all: [], except: [] }];
  const words = wordsFor(set | possible | allOf(names));
  const wanted: Wanted<W> = {
    set: bitsetOf(set, words),
    possible: bitsetOf(possible, words),
    names: bitsetsOf(names, words) as readonly Name<W>[],
    compare: (count) => {
      spend(Math.ceil(count / wordsOfStep));
    },
  };
  const whole = exceptionsOf(without(wanted.possible, wanted.set), wanted.possible, wanted);
  const parts = unionOf(wanted);
  const isShorter = whole !== undefined && 1 + whole.length <= sizeOf(parts);
  return isShorter ? [{ all: [], except: whole }] : parts;
}

const allOf = memoizeOf((names: readonly NamedSet<unknown>[]) =>
  names.reduce((all, { mask }) => all | mask, 0n),
);

const bitsetsOf = memoizeWithin(String, (names: readonly NamedSet<unknown>[], words: number) =>
  names.map(({ word, mask }): Name<unknown> => ({ word, mask: bitsetOf(mask, words) })),
);

function unionOf<W>(wanted: Wanted<W>): readonly Term<W>[] {
  const terms: Term<W>[] = [];
  const candidates = candidatesFor(wanted);
  const bounds = candidates.map(() => Infinity);
  for (let left = intersectionOf(wanted.set, wanted.possible); !isEmpty(left);) {
    const { term, mask } = bestTerm(left, candidates, bounds, wanted) ?? exactTerm(left, wanted);
    terms.push(term);
    left = without(left, mask);
  }
  return terms;
}

function sizeOf(terms: readonly Term<unknown>[]): number {
  return terms.reduce((sum, { all, except }) => sum + Math.max(1, all.length) + except.length, 0);
}

interface CandidateTerm<W> {
  readonly term: Term<W>;
  /** Values that it covers. */
  readonly mask: Bitset;
}

/** Name with its exceptions, which are found when they are first needed; undefined if it cannot be a term. */
interface Candidate<W> {
  readonly mask: Bitset;
  readonly found: () => CandidateTerm<W> | undefined;
}

/** Returns a candidate for each name, and one for all possible values. */
function candidatesFor<W>(wanted: Wanted<W>): readonly Candidate<W>[] {
  const { set, possible, names } = wanted;
  const candidate = (mask: Bitset, all: readonly W[]): Candidate<W> => {
    const found = once((): CandidateTerm<W> | undefined => {
      const named = intersectionOf(mask, possible);
      const except = exceptionsOf(without(named, set), named, wanted);
      return except === undefined ? undefined : { term: { all, except }, mask: intersectionOf(named, set) };
    });
    return { mask, found };
  };
  return [...names.map(({ word, mask }) => candidate(mask, [word])), candidate(possible, [])];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Returns the name, with its exceptions, that covers most uncovered values for its length. What a name covers only
 * becomes less, so the last count is its bound, and most names need no new count (lazy greedy).
 */
function bestTerm<W>(
  left: Bitset,
  candidates: readonly Candidate<W>[],
  bounds: number[],
  { compare }: Wanted<W>,
): CandidateTerm<W> | undefined {
  let best: CandidateTerm<W> | undefined;
  let bestWorth = 0;
  let counted = 0;
  for (const [index, { mask, found }] of candidates.entries()) {
    if ((bounds[index] ?? 0) <= bestWorth) continue;
    // Upper bound on the worth: no exceptions. What is left is possible.
    const most = countInBoth(mask, left);
    bounds[index] = most;
    counted += left.length;
    if (most <= bestWorth) continue;
    const term = found();
    if (term === undefined) continue;
    const worth = most / (1 + term.term.except.length);
    if (worth > bestWorth) [best, bestWorth] = [term, worth];
  }
  compare(candidates.length + counted);
  return best;
}

/** Returns an intersection of names that covers at least one value. It exists: names distinguish any two values. */
function exactTerm<W>(left: Bitset, wanted: Wanted<W>): CandidateTerm<W> {
  const { set, possible, names } = wanted;
  const one = firstBit(left);
  const around = names.filter(({ mask }) => countInBoth(mask, one) > 0);
  const all: W[] = [];
  let named = possible;
  for (const { word, mask } of around.sort((a, b) => countBits(a.mask) - countBits(b.mask))) {
    const except = exceptionsOf(without(named, set), named, wanted);
    if (except !== undefined) return { term: { all, except }, mask: named };
    if (isEmpty(without(named, mask))) continue;
    named = intersectionOf(named, mask);
    all.push(word);
  }
  const except = exceptionsOf(without(named, set), named, wanted) ?? outsideOf(one, named, names);
  return { term: { all, except }, mask: one };
}

/** Returns names that cover all of `outside` and nothing of the set (greedy); undefined if there are none. */
function exceptionsOf<W>(
  outside: Bitset,
  named: Bitset,
  { set, names, compare }: Wanted<W>,
): readonly W[] | undefined {
  if (isEmpty(outside)) return [];
  compare(names.length * set.length);
  const usable = names.filter(({ mask }) => countInBoth(mask, named) > 0 && !meetsBoth(mask, named, set));
  const bounds = usable.map(() => Infinity);
  const chosen: W[] = [];
  for (let left = outside; !isEmpty(left);) {
    let best: Name<W> | undefined;
    let [most, counted] = [0, 0];
    for (const [index, name] of usable.entries()) {
      if ((bounds[index] ?? 0) <= most) continue;
      const count = countInBoth(name.mask, left);
      bounds[index] = count;
      counted += left.length;
      if (count > most) [best, most] = [name, count];
    }
    compare(usable.length + counted);
    if (best === undefined) return undefined;
    chosen.push(best.word);
    left = without(left, best.mask);
  }
  return chosen;
}

/** Returns the names of other values that this value does not have. */
function outsideOf<W>(one: Bitset, named: Bitset, names: readonly Name<W>[]): readonly W[] {
  return names
    .filter(({ mask }) => countInBoth(mask, one) === 0 && countInBoth(mask, named) > 0)
    .map(({ word }) => word);
}
