/** Interval partition: an ordered axis is cut at every breakpoint, the values that tests compare with. */

import { memoizeBy } from "../../memoize.ts";
import { networkText, parseIpRange, parseIpTest } from "../../policy/ip-range.ts";
import type { ConditionTest } from "../../policy/policy.ts";
import { partitionPoint } from "../partition-point.ts";
import type { Interpretation } from "../request.ts";

/** Class of values of a field that no test distinguishes, with a sample. */
export interface Atom {
  /** Undefined for a request without the key. */
  readonly sample: string | undefined;
  /** All values of the class, on the scale of the key (ordered keys only). */
  readonly range?: Interval;
  /** Level of the action (actions only). */
  readonly level?: "bucket" | "object";
}

/** Closed interval: both ends are included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** Conversion between the values of a key and integers. */
interface NumberScale {
  read(value: string): bigint;
  write(value: bigint): string;
  readonly least: bigint;
  readonly most: bigint;
}

/** Days to keep an object: whole numbers. */
const numbers: NumberScale = {
  read: BigInt,
  write: String,
  least: 0n,
  most: 10n ** 15n,
};

/** Milliseconds since 1970. */
const moments: NumberScale = {
  read: (value) => BigInt(Date.parse(value)),
  write: (value) => new Date(Number(value)).toISOString(),
  least: BigInt(Date.parse("1970-01-01T00:00:00Z")),
  most: BigInt(Date.parse("9999-12-31T23:59:59Z")),
};

/** The first IPv6 address on the axis of addresses. */
export const firstOf6 = 1n << 64n;

/** Maps an IPv6 address to the common axis, where all IPv4 addresses come first. */
const scale6 = (value: bigint) => firstOf6 + value;

/** Returns the atoms of a numeric or date key, in ascending order. */
export function orderedAtoms(family: "Numeric" | "Date", tests: readonly ConditionTest[]): readonly Atom[] {
  const { read, write, least, most } = family === "Numeric" ? numbers : moments;
  const cuts = tests.flatMap(({ values }) => values.flatMap((value) => [read(value), read(value) + 1n]));
  const starts = intervalStarts([least, ...cuts.filter((cut) => cut > least && cut <= most)]);
  return starts.map((first, index) => ({
    sample: write(first),
    range: { first, last: (starts[index + 1] ?? most + 1n) - 1n },
  }));
}

/** Formats a number of the scale as a policy writes it. */
export function scaleText(family: "Numeric" | "Date", value: bigint): string {
  return (family === "Numeric" ? numbers : moments).write(value);
}

/** Returns true if the interval contains a value. */
export function isInInterval({ first, last }: Interval, family: "Date" | "Ip", value: string): boolean {
  const at = family === "Date" ? moments.read(value) : (parseIpRange(value)?.first ?? -1n);
  return first <= at && at <= last;
}

/**
 * Returns the values that an operator matches with one value, negation aside; undefined if there are none. The atoms
 * of a key are cut at its ends.
 */
export function matchedInterval(
  operator: string,
  value: string,
  hostBits: Interpretation["hostBits"],
): Interval | undefined {
  if (operator.includes("IpAddress")) return matchedAddresses(value, hostBits);
  const { read, least, most } = operator.startsWith("Date") ? moments : numbers;
  const at = read(value);
  const end = operator.endsWith("Equals") ? 0n : 1n;
  if (operator.includes("LessThan")) return { first: least, last: at - end };
  if (operator.includes("GreaterThan")) return { first: at + end, last: most };
  return { first: at, last: at };
}

function matchedAddresses(value: string, hostBits: Interpretation["hostBits"]): Interval | undefined {
  const range = parseIpTest(value);
  if (range === undefined) return undefined;
  const at = range.version === 4 ? (one: bigint) => one : scale6;
  if (range.address === range.first || hostBits === "are left aside")
    return { first: at(range.first), last: at(range.last) };
  return hostBits === "match nothing" ? undefined : { first: at(range.address), last: at(range.address) };
}

/** Returns the atoms of addresses. IPv4-mapped IPv6 addresses are IPv4 addresses, so the axis omits them. */
export function addressAtoms(tests: readonly ConditionTest[]): readonly Atom[] {
  return atomsBetween(tests.flatMap(({ values }) => values));
}

/** Lists of addresses whose atoms are kept: all questions on a bucket have a few. */
const maxAddressLists = 20;

const atomsBetween = memoizeBy(
  (values: readonly string[]) => JSON.stringify(values),
  findAddressAtoms,
  maxAddressLists,
);

function findAddressAtoms(values: readonly string[]): readonly Atom[] {
  const mapped = { first: 0xffffn << 32n, last: (0xffffn << 32n) + 0xffffffffn };
  const cuts = values.flatMap((value) => {
    const range = parseIpTest(value);
    if (range === undefined) return [];
    const at = range.version === 4 ? (one: bigint) => one : scale6;
    const ends = [at(range.first), at(range.last + 1n)];
    // With host bits set, the range may mean its one address: see the open question `hostBits`.
    return range.address === range.first ? ends : [...ends, at(range.address), at(range.address + 1n)];
  });
  const isOnAxis = (at: bigint) =>
    at < 1n << 32n ||
    (at >= firstOf6 &&
      at < firstOf6 + (1n << 128n) &&
      !(at >= scale6(mapped.first) && at <= scale6(mapped.last)));
  const bounds = [0n, 1n << 32n, firstOf6, scale6(mapped.first), scale6(mapped.last + 1n)];
  const starts = intervalStarts([...bounds, ...cuts, scale6(1n << 128n)]);
  return starts.flatMap((first, index) => {
    const last = (starts[index + 1] ?? first) - 1n;
    return isOnAxis(first) ? [{ sample: addressText(first), range: { first, last } }] : [];
  });
}

/**
 * Returns a function from an address to one that no test distinguishes from it: the sample of its atom, or itself if it
 * is none that the atoms know, such as an IPv4-mapped one.
 */
export function addressClasses(tests: readonly ConditionTest[]): (address: string) => string {
  const atoms = addressAtoms(tests);
  return (address) => {
    const range = address.includes("/") ? undefined : parseIpRange(address);
    if (range === undefined) return address;
    const at = range.version === 4 ? range.first : scale6(range.first);
    const after = partitionPoint(0, atoms.length, (index) => (atoms[index]?.range?.first ?? 0n) <= at);
    const atom = atoms[after - 1];
    return atom?.range !== undefined && at <= atom.range.last ? (atom.sample ?? address) : address;
  };
}

/** Addresses whose texts are kept: many questions on a bucket cut the axis at the same places. */
const maxAddresses = 8_000;

const addressText = memoizeBy((at: bigint) => at.toString(36), findAddressText, maxAddresses);

function findAddressText(at: bigint): string {
  const isV4 = at < firstOf6;
  const address = isV4 ? at : at - firstOf6;
  const text = networkText({
    version: isV4 ? 4 : 6,
    prefixLength: isV4 ? 32 : 128,
    address,
    first: address,
    last: address,
  });
  return text.slice(0, text.indexOf("/"));
}

/** Sorts the cuts and removes duplicates: each is the first point of an interval. */
function intervalStarts(cuts: readonly bigint[]): readonly bigint[] {
  return [...new Set(cuts)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
