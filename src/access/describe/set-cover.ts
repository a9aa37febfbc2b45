/** Greedy weighted set cover: a set of values becomes few named sets, each minus named exceptions. */

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

/**
 * Returns few terms whose union is exactly the set within the possible values. The names must
 * distinguish any two values.
 */
export function termsOf<W>(set: bigint, possible: bigint, names: readonly NamedSet<W>[]): readonly Term<W>[] {
  if ((possible & ~set) === 0n) return [{ all: [], except: [] }];
  const whole = exceptionsOf(possible & ~set, possible, set, names);
  const parts = unionOf(set, possible, names);
  const isShorter = whole !== undefined && 1 + whole.length <= sizeOf(parts);
  return isShorter ? [{ all: [], except: whole }] : parts;
}

function unionOf<W>(set: bigint, possible: bigint, names: readonly NamedSet<W>[]): readonly Term<W>[] {
  const terms: Term<W>[] = [];
  for (let left = set & possible; left !== 0n;) {
    const { term, mask } = bestTerm(left, set, possible, names) ?? exactTerm(left, set, possible, names);
    terms.push(term);
    left &= ~mask;
  }
  return terms;
}

function sizeOf(terms: readonly Term<unknown>[]): number {
  return terms.reduce((sum, { all, except }) => sum + Math.max(1, all.length) + except.length, 0);
}

interface CandidateTerm<W> {
  readonly term: Term<W>;
  /** Values that it covers. */
  readonly mask: bigint;
}

/** Returns the name, with its exceptions, that covers most uncovered values for its length. */
function bestTerm<W>(
  left: bigint,
  set: bigint,
  possible: bigint,
  names: readonly NamedSet<W>[],
): CandidateTerm<W> | undefined {
  let best: (CandidateTerm<W> & { readonly worth: number }) | undefined;
  for (const base of [...names, { mask: possible }]) {
    const named = base.mask & possible;
    if ((named & left) === 0n) continue;
    // Upper bound on the worth: no exceptions.
    const most = countBits(named & left);
    if (best !== undefined && most <= best.worth) continue;
    const except = exceptionsOf(named & ~set, named, set, names);
    if (except === undefined) continue;
    const worth = most / (1 + except.length);
    const all = "word" in base ? [base.word] : [];
    if (best === undefined || worth > best.worth) best = { term: { all, except }, mask: named & set, worth };
  }
  return best;
}

/** Returns an intersection of names that covers at least one value. It exists: names distinguish any two values. */
function exactTerm<W>(
  left: bigint,
  set: bigint,
  possible: bigint,
  names: readonly NamedSet<W>[],
): CandidateTerm<W> {
  const one = left & -left;
  const around = names.filter(({ mask }) => (mask & one) !== 0n);
  const all: W[] = [];
  let named = possible;
  for (const { word, mask } of around.sort((a, b) => countBits(a.mask) - countBits(b.mask))) {
    const except = exceptionsOf(named & ~set, named, set, names);
    if (except !== undefined) return { term: { all, except }, mask: named };
    if ((named & mask) === named) continue;
    named &= mask;
    all.push(word);
  }
  const except = exceptionsOf(named & ~set, named, set, names) ?? outsideOf(one, named, names);
  return { term: { all, except }, mask: one };
}

/** Returns names that cover all of `outside` and nothing of the set (greedy); undefined if there are none. */
function exceptionsOf<W>(
  outside: bigint,
  named: bigint,
  set: bigint,
  names: readonly NamedSet<W>[],
): readonly W[] | undefined {
  if (outside === 0n) return [];
  const usable = names.filter(({ mask }) => (mask & named) !== 0n && (mask & named & set) === 0n);
  const chosen: W[] = [];
  for (let left = outside; left !== 0n;) {
    const best = usable.reduce<NamedSet<W> | undefined>(
      (most, name) =>
        countBits(name.mask & left) > (most === undefined ? 0 : countBits(most.mask & left)) ? name : most,
      undefined,
    );
    if (best === undefined) return undefined;
    chosen.push(best.word);
    left &= ~best.mask;
  }
  return chosen;
}

/** Returns the names of other values that this value does not have. */
function outsideOf<W>(one: bigint, named: bigint, names: readonly NamedSet<W>[]): readonly W[] {
  return names.filter(({ mask }) => (mask & one) === 0n && (mask & named) !== 0n).map(({ word }) => word);
}

function countBits(mask: bigint): number {
  let count = 0;
  for (let rest = mask; rest !== 0n; rest >>= 32n) count += countBits32(Number(rest & 0xffffffffn));
  return count;
}

function countBits32(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
