import { networkText, parseIpRange, parseIpTest } from "../../policy/ip-range.ts";
import type { ConditionTest } from "../../policy/policy.ts";

/** The values of a condition key that no test tells apart, with one of them. */
export interface Atom {
  /** Undefined is a request without the key. */
  readonly sample: string | undefined;
  /** Of an ordered key: all that it stands for, on the scale of the key. */
  readonly range?: Interval;
  /** Of an action: whether it is on the bucket or on an object. */
  readonly level?: "bucket" | "object";
}

/** From the first to the last, both among them. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** Numbers as a policy compares them, and how one is written in a request. */
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

/** IPv4 and IPv6 on one axis, kept apart; a range gives its ends. */
const scale6 = (value: bigint) => firstOf6 + value;

export function orderedAtoms(family: "Numeric" | "Date", tests: readonly ConditionTest[]): readonly Atom[] {
  const { read, write, least, most } = family === "Numeric" ? numbers : moments;
  const cuts = tests.flatMap(({ values }) => values.flatMap((value) => [read(value), read(value) + 1n]));
  const starts = intervalStarts([least, ...cuts.filter((cut) => cut > least && cut <= most)]);
  return starts.map((first, index) => ({
    sample: write(first),
    range: { first, last: (starts[index + 1] ?? most + 1n) - 1n },
  }));
}

/** A number of the scale as it is written in a policy. */
export function scaleText(family: "Numeric" | "Date", value: bigint): string {
  return (family === "Numeric" ? numbers : moments).write(value);
}

/** Whether a value is within an atom. */
export function isInInterval({ first, last }: Interval, family: "Date" | "Ip", value: string): boolean {
  const at = family === "Date" ? moments.read(value) : (parseIpRange(value)?.first ?? -1n);
  return first <= at && at <= last;
}

/** IPv4 addresses in IPv6 clothes are IPv4 addresses, so those stand on the axis once. */
export function addressAtoms(tests: readonly ConditionTest[]): readonly Atom[] {
  const mapped = { first: 0xffffn << 32n, last: (0xffffn << 32n) + 0xffffffffn };
  const cuts = tests.flatMap(({ values }) =>
    values.flatMap((value) => {
      const range = parseIpTest(value);
      if (range === undefined) return [];
      const at = range.version === 4 ? (one: bigint) => one : scale6;
      const ends = [at(range.first), at(range.last + 1n)];
      // Host bits may leave the one address: see the open question.
      return range.address === range.first ? ends : [...ends, at(range.address), at(range.address + 1n)];
    }),
  );
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

function addressText(at: bigint): string {
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

/** The first point of each piece between cuts. */
function intervalStarts(cuts: readonly bigint[]): readonly bigint[] {
  return [...new Set(cuts)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
