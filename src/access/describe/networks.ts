/** CIDR aggregation with exceptions: recursion over the binary trie of address prefixes. */

import { networkText, type IpRange } from "../../policy/ip-range.ts";
import { memoizeBy } from "../../memoize.ts";
import { firstOf6, type Atom, type Interval } from "../engine/intervals.ts";
import { partitionPoint } from "../partition-point.ts";
import type { Term } from "./set-cover.ts";

/** Addresses of one IP version. */
interface AddressSpace {
  readonly version: 4 | 6;
  readonly bits: number;
  /** In ascending order. */
  readonly runs: readonly AddressRun[];
  /** Number of the runs in the set before each one, and of all of them. */
  readonly insideBefore: readonly number[];
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
  const covers = [spaceOf(4, 32, runs), spaceOf(6, 128, runs)].map((space) =>
    coverAt(space, 0n, space.bits, { from: 0, to: space.runs.length }),
  );
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

function spaceOf(version: 4 | 6, bits: number, all: readonly AddressRun[]): AddressSpace {
  const base = version === 4 ? 0n : firstOf6;
  const runs = all
    .filter(({ first }) => first >= firstOf6 === (version === 6))
    .map(({ first, last, isIn }) => ({ first: first - base, last: last - base, isIn }));
  const insideBefore = [0];
  for (const { isIn } of runs) insideBefore.push((insideBefore.at(-1) ?? 0) + Number(isIn));
  return { version, bits, runs, insideBefore };
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

/** Part of a list, by indices; `to` is no part of it. */
interface Slice {
  readonly from: number;
  readonly to: number;
}

/** Returns the cover of the range that begins at `first` and has 2^`free` addresses. The slice is of the runs that meet it. */
function coverAt(space: AddressSpace, first: bigint, free: number, slice: Slice): Cover {
  const { version, bits, insideBefore } = space;
  const { from, to } = slice;
  const count = (insideBefore[to] ?? 0) - (insideBefore[from] ?? 0);
  const network: IpRange = { version, prefixLength: bits - free, address: first, first, last: first };
  if (count === 0) return { inside: nothing, outside: from === to ? nothing : { size: 1, part: network } };
  if (count === to - from)
    return { inside: { size: 1, part: { network, except: nothing } }, outside: nothing };
  const middle = first + (1n << BigInt(free - 1));
  const [below, above] = halvesOf(space, slice, middle);
  const lower = coverAt(space, first, free - 1, below);
  const upper = coverAt(space, middle, free - 1, above);
  const split = joined(lower.inside, upper.inside);
  const except = joined(lower.outside, upper.outside);
  const isShorter = 1 + except.size < split.size;
  return {
    inside: isShorter ? { size: 1 + except.size, part: { network, except } } : split,
    outside: except,
  };
}

/** Returns the runs that have addresses below the middle, and those that have others. */
function halvesOf({ runs }: AddressSpace, { from, to }: Slice, middle: bigint): readonly [Slice, Slice] {
  const cut = partitionPoint(from, to, (at) => (runs[at]?.first ?? middle) < middle);
  const isOnBoth = cut > from && (runs[cut - 1]?.last ?? 0n) >= middle;
  return [
    { from, to: cut },
    { from: isOnBoth ? cut - 1 : cut, to },
  ];
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
