/** A name for some of the values of an axis. */
export interface Name {
  readonly text: string;
  readonly mask: bigint;
}

/** Values that all of `all` name (every value where there is none), without those that `except` name. */
export interface Term {
  readonly all: readonly string[];
  readonly except: readonly string[];
}

/**
 * A set of values in names that people know: few terms whose union is exactly the set, among those that
 * are possible. The names must tell any two values apart.
 */
export function termsOf(set: bigint, possible: bigint, names: readonly Name[]): readonly Term[] {
  if ((possible & ~set) === 0n) return [{ all: [], except: [] }];
  const whole = exceptionsOf(possible & ~set, possible, set, names);
  const parts = unionOf(set, possible, names);
  const isShorter = whole !== undefined && 1 + whole.length <= sizeOf(parts);
  return isShorter ? [{ all: [], except: whole }] : parts;
}

function unionOf(set: bigint, possible: bigint, names: readonly Name[]): readonly Term[] {
  const terms: Term[] = [];
  for (let left = set & possible; left !== 0n;) {
    const { term, mask } = bestTerm(left, set, possible, names) ?? exactTerm(left, set, possible, names);
    terms.push(term);
    left &= ~mask;
  }
  return terms;
}

function sizeOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { all, except }) => sum + Math.max(1, all.length) + except.length, 0);
}

interface Found {
  readonly term: Term;
  /** What it names. */
  readonly mask: bigint;
}

/** One name with its exceptions: the one that names most for its length. */
function bestTerm(left: bigint, set: bigint, possible: bigint, names: readonly Name[]): Found | undefined {
  let best: (Found & { readonly worth: number }) | undefined;
  for (const base of [...names, { text: "", mask: possible }]) {
    const named = base.mask & possible;
    if ((named & left) === 0n) continue;
    // It is worth most where nothing need be taken out of it again.
    const most = countBits(named & left);
    if (best !== undefined && most <= best.worth) continue;
    const except = exceptionsOf(named & ~set, named, set, names);
    if (except === undefined) continue;
    const worth = most / (1 + except.length);
    const all = base.text === "" && base.mask === possible ? [] : [base.text];
    if (best === undefined || worth > best.worth) best = { term: { all, except }, mask: named & set, worth };
  }
  return best;
}

/** One value at least, as what several names have in common; always possible, since the names tell values apart. */
function exactTerm(left: bigint, set: bigint, possible: bigint, names: readonly Name[]): Found {
  const one = left & -left;
  const around = names.filter(({ mask }) => (mask & one) !== 0n);
  const all: string[] = [];
  let named = possible;
  for (const { text, mask } of around.sort((a, b) => countBits(a.mask) - countBits(b.mask))) {
    const except = exceptionsOf(named & ~set, named, set, names);
    if (except !== undefined) return { term: { all, except }, mask: named };
    if ((named & mask) === named) continue;
    named &= mask;
    all.push(text);
  }
  const except = exceptionsOf(named & ~set, named, set, names) ?? outsideOf(one, named, names);
  return { term: { all, except }, mask: one };
}

/** Names that together hold all that must go, and nothing of the set; undefined where there are none. */
function exceptionsOf(
  outside: bigint,
  named: bigint,
  set: bigint,
  names: readonly Name[],
): readonly string[] | undefined {
  if (outside === 0n) return [];
  const usable = names.filter(({ mask }) => (mask & named) !== 0n && (mask & named & set) === 0n);
  const chosen: string[] = [];
  for (let left = outside; left !== 0n;) {
    const best = usable.reduce<Name | undefined>(
      (most, name) =>
        countBits(name.mask & left) > (most === undefined ? 0 : countBits(most.mask & left)) ? name : most,
      undefined,
    );
    if (best === undefined) return undefined;
    chosen.push(best.text);
    left &= ~best.mask;
  }
  return chosen;
}

/** Every name that some value beside this one has, and this one has not. */
function outsideOf(one: bigint, named: bigint, names: readonly Name[]): readonly string[] {
  return names.filter(({ mask }) => (mask & one) === 0n && (mask & named) !== 0n).map(({ text }) => text);
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

/** `logs/* except logs/private/*`; `any` stands for every value. */
export function termText({ all, except }: Term, any: string): string {
  const base = all.length === 0 ? any : all.join(" and ");
  return except.length === 0 ? base : `${base} except ${except.join(", ")}`;
}
