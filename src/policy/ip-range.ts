import ipaddr from "ipaddr.js";
import { memoizeBy } from "../memoize.ts";

/** Address, or range in CIDR form. */
export interface IpRange {
  readonly version: 4 | 6;
  /** Number of leading bits that all addresses of the range share. */
  readonly prefixLength: number;
  /** Address as written, as a number. */
  readonly address: bigint;
  /** Lowest address of the range; `last` is the highest. */
  readonly first: bigint;
  readonly last: bigint;
}

/** Upper bound on the length of an address or a range. */
const maxCharacters = 64;

/** Parses an IPv4 or IPv6 address, or a range in CIDR form; undefined for anything else, such as one with `*`. */
export function parseIpRange(text: string): IpRange | undefined {
  return text.length > maxCharacters ? undefined : readRange(text);
}

/** Ranges that are kept: more than two policies can name. */
const maxRanges = 8_000;

const readRange = memoizeBy((text: string) => text, findRange, maxRanges);

function findRange(text: string): IpRange | undefined {
  const [, address = "", length] = /^([0-9A-Fa-f.:]+)(?:\/(0|[1-9][0-9]{0,2}))?$/.exec(text) ?? [];
  const version = versionOf(address);
  if (version === undefined) return undefined;
  const bits = version === 4 ? 32 : 128;
  const prefixLength = length === undefined ? bits : Number(length);
  if (prefixLength > bits) return undefined;
  const number = ipaddr
    .parse(address)
    .toByteArray()
    .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const size = 1n << BigInt(bits - prefixLength);
  const first = (number / size) * size;
  return { version, prefixLength, address: number, first, last: first + size - 1n };
}

/**
 * Parses a value of an address test: an address, a range, or an IPv4 address whose last parts are `*`, such
 * as `10.1.*.*`, which is also a range. Undefined for a `*` elsewhere: that would be very many ranges.
 */
export function parseIpTest(text: string): IpRange | undefined {
  const parts = text.split(".");
  const fixed = parts.filter((part) => part !== "*");
  if (parts.length !== 4 || fixed.length === 4 || fixed.some((part, index) => parts[index] !== part))
    return parseIpRange(text);
  const address = [...fixed, ...Array<string>(4 - fixed.length).fill("0")].join(".");
  return parseIpRange(`${address}/${fixed.length * 8}`);
}

/** Returns true if a range has host bits: its address has bits outside the prefix, such as 10.1.2.3/8. */
export function hasHostBits(text: string): boolean {
  const range = parseIpRange(text);
  return range !== undefined && range.address !== range.first;
}

/** Returns true for an IPv4-mapped IPv6 address, or a range of only such (RFC 4291: `::ffff:0:0/96`). */
export function isMapped({ version, prefixLength, first }: IpRange): boolean {
  return version === 6 && prefixLength >= 96 && first >> 32n === 0xffffn;
}

/** Formats the range in CIDR form, without host bits. */
export function networkText({ version, prefixLength, first }: IpRange): string {
  const length = version === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, index) =>
    Number((first >> BigInt(8 * (length - 1 - index))) & 255n),
  );
  return `${ipaddr.fromByteArray(bytes).toString()}/${prefixLength}`;
}

/** Returns true for an IPv4 address with `*` in place of digits, such as `101.*.*.100` (OSS docs: bucket policy). */
export function isIpPattern(text: string): boolean {
  const parts = text.split(".");
  return text.includes("*") && parts.length === 4 && parts.every(isOctetPattern);
}

/** Returns true for an IPv4 address with `*` in place of whole bytes: whether one address is among them is documented. */
export function hasWildOctets(text: string): boolean {
  return isIpPattern(text) && text.split(".").every((part) => /^(?:\*|0|[1-9][0-9]*)$/.test(part));
}

function isOctetPattern(part: string): boolean {
  return /^[0-9*]{1,4}$/.test(part) && (part.includes("*") || Number(part) <= 255);
}

function versionOf(address: string): 4 | 6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return 4;
  return ipaddr.IPv6.isValid(address) ? 6 : undefined;
}
