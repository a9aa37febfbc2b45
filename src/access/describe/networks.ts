/** CIDR aggregation with exceptions: recursion over the binary trie of address prefixes. */

import { networkText } from "../../policy/ip-range.ts";
import { memoizeBy } from "../../memoize.ts";
import { firstOf6, type Atom, type Interval } from "../engine/intervals.ts";
import type { Term } from "./set-cover.ts";

/** Addresses of one IP version, split into those inside and those outside the set. */
interface AddressSpace {
  readonly version: 4 | 6;
  readonly bits: number;
  readonly inside: readonly Interval[];
  readonly outside: readonly Interval[];
}

/**
 * Returns few CIDR ranges, each minus exceptions, that contain exactly the addresses of these atoms.
 * IPv4-mapped IPv6 addresses are in no atom and may be on either side. Unless that is longer, the result
 * is one term for all addresses, with exceptions.
 */
export function networkTerms(
  atoms: readonly Atom[],
  isMeant: (index: number) => boolean,
): readonly Term<string>[] {
  return termsOfRuns(runsOf(atoms, isMeant));
}

/** Maximal run of adjacent addresses that are all in the set, or all outside it. */
interface AddressRun extends Interval {
  readonly isIn: boolean;
}

function runsOf(atoms: readonly Atom[], isMeant: (index: number) => boolean): readonly AddressRun[] {
  const runs: AddressRun[] = [];
  for (const [index, { range }] of atoms.entries()) {
    if (range === undefined) continue;
    const [isIn, last] = [isMeant(index), runs.at(-1)];
    const goesOn = last?.isIn === isIn && last.last >= firstOf6 === range.first >= firstOf6;
    if (goesOn) runs[runs.length - 1] = { ...last, last: range.last };
    else runs.push({ ...range, isIn });
  }
  return runs;
}

const maxSets = 2_000;

/** Memoized, because policies test few sets of addresses and each is described many times. */
const termsOfRuns = memoizeBy(
  (runs: readonly AddressRun[]) => runs.map(({ first, last, isIn }) => `${first}-${last}-${isIn}`).join(),
  (runs) => coverOf(runs),
  maxSets,
);

function coverOf(runs: readonly AddressRun[]): readonly Term<string>[] {
  const scales = [scaleOf(4, 32, runs), scaleOf(6, 128, runs)];
  const terms = scales.flatMap((scale) => cover(scale, 0n, scale.bits));
  const outside = scales.flatMap((scale) =>
    plainCover({ ...scale, inside: scale.outside, outside: scale.inside }, 0n, scale.bits),
  );
  const size = terms.reduce((sum, { except }) => sum + 1 + except.length, 0);
  return 1 + outside.length <= size ? [{ all: [], except: outside }] : terms;
}

function scaleOf(version: 4 | 6, bits: number, runs: readonly AddressRun[]): AddressSpace {
  const base = version === 4 ? 0n : firstOf6;
  const only = (wanted: boolean) =>
    runs
      .filter(({ first, isIn }) => isIn === wanted && first >= firstOf6 === (version === 6))
      .map(({ first, last }) => ({ first: first - base, last: last - base }));
  return { version, bits, inside: only(true), outside: only(false) };
}

/** Returns the terms for the addresses in the range that begins at `first` and has 2^`free` addresses. */
function cover(scale: AddressSpace, first: bigint, free: number): readonly Term<string>[] {
  const part = within(scale, first, free);
  if (part.inside.length === 0) return [];
  if (part.outside.length === 0) return [{ all: [rangeText(part, first, free)], except: [] }];
  const half = 1n << BigInt(free - 1);
  const split = [...cover(part, first, free - 1), ...cover(part, first + half, free - 1)];
  const except = plainCover({ ...part, inside: part.outside, outside: part.inside }, first, free);
  const size = split.reduce((sum, term) => sum + 1 + term.except.length, 0);
  return 1 + except.length < size ? [{ all: [rangeText(part, first, free)], except }] : split;
}

function plainCover(scale: AddressSpace, first: bigint, free: number): readonly string[] {
  const part = within(scale, first, free);
  if (part.inside.length === 0) return [];
  if (part.outside.length === 0) return [rangeText(part, first, free)];
  const half = 1n << BigInt(free - 1);
  return [...plainCover(part, first, free - 1), ...plainCover(part, first + half, free - 1)];
}

function within(scale: AddressSpace, first: bigint, free: number): AddressSpace {
  const last = first + (1n << BigInt(free)) - 1n;
  const meets = (range: Interval) => range.first <= last && first <= range.last;
  return { ...scale, inside: scale.inside.filter(meets), outside: scale.outside.filter(meets) };
}

function rangeText({ version, bits }: AddressSpace, first: bigint, free: number): string {
  return networkText({ version, prefixLength: bits - free, address: first, first, last: first });
}
