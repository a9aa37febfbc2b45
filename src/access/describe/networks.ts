/** CIDR aggregation with exceptions: recursion over the binary trie of address prefixes. */

import { networkText, type IpRange } from "../../policy/ip-range.ts";
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
  const covers = [scaleOf(4, 32, runs), scaleOf(6, 128, runs)].map((scale) => coverAt(scale, 0n, scale.bits));
  const size = covers.reduce((sum, { inside }) => sum + inside.size, 0);
  const outside = covers.reduce((sum, cover) => sum + cover.outside.size, 0);
  if (1 + outside <= size)
    return [{ all: [], except: covers.flatMap((cover) => partsOf(cover.outside).map(networkText)) }];
  return covers.flatMap(({ inside }) =>
    partsOf(inside).map(({ network, except }) => ({
      all: [networkText(network)],
      except: partsOf(except).map(networkText),
    })),
  );
}

function scaleOf(version: 4 | 6, bits: number, runs: readonly AddressRun[]): AddressSpace {
  const base = version === 4 ? 0n : firstOf6;
  const only = (wanted: boolean) =>
    runs
      .filter(({ first, isIn }) => isIn === wanted && first >= firstOf6 === (version === 6))
      .map(({ first, last }) => ({ first: first - base, last: last - base }));
  return { version, bits, inside: only(true), outside: only(false) };
}

/** Union of disjoint parts. It is a tree, so that two unions are joined in one step. */
interface Union<Part> {
  /** Number of the networks in it, exceptions included. */
  readonly size: number;
  readonly part?: Part;
  readonly halves?: readonly [Union<Part>, Union<Part>];
}

interface NetworkTerm {
  readonly network: IpRange;
  readonly except: Union<IpRange>;
}

/** The addresses of the set and the other ones, within one range. */
interface Cover {
  readonly inside: Union<NetworkTerm>;
  readonly outside: Union<IpRange>;
}

const nothing: Union<never> = { size: 0 };

/** Returns the cover of the range that begins at `first` and has 2^`free` addresses. */
function coverAt(scale: AddressSpace, first: bigint, free: number): Cover {
  const { inside, outside, version, bits } = within(scale, first, free);
  const network: IpRange = { version, prefixLength: bits - free, address: first, first, last: first };
  if (inside.length === 0)
    return { inside: nothing, outside: outside.length === 0 ? nothing : { size: 1, part: network } };
  if (outside.length === 0)
    return { inside: { size: 1, part: { network, except: nothing } }, outside: nothing };
  const part = { ...scale, inside, outside };
  const lower = coverAt(part, first, free - 1);
  const upper = coverAt(part, first + (1n << BigInt(free - 1)), free - 1);
  const split = joined(lower.inside, upper.inside);
  const except = joined(lower.outside, upper.outside);
  const isShorter = 1 + except.size < split.size;
  return {
    inside: isShorter ? { size: 1 + except.size, part: { network, except } } : split,
    outside: except,
  };
}

function joined<Part>(one: Union<Part>, other: Union<Part>): Union<Part> {
  if (one.size === 0) return other;
  if (other.size === 0) return one;
  return { size: one.size + other.size, halves: [one, other] };
}

function partsOf<Part>({ part, halves }: Union<Part>): readonly Part[] {
  if (part !== undefined) return [part];
  return (halves ?? []).flatMap((half) => partsOf(half));
}

function within(scale: AddressSpace, first: bigint, free: number): AddressSpace {
  const last = first + (1n << BigInt(free)) - 1n;
  const meets = (range: Interval) => range.first <= last && first <= range.last;
  return { ...scale, inside: scale.inside.filter(meets), outside: scale.outside.filter(meets) };
}
