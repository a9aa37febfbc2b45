/**
 * CRC-64 of OSS (OSS docs: x-oss-hash-crc64ecma): the polynomial of ECMA-182, reflected, with all bits set before
 * and inverted after, as in xz. JavaScript has no fast 64-bit integers, so tables and state are two 32-bit halves.
 */

const polynomial = 0xc96c5795d7870f42n;
const allOnes = 0xffffffffffffffffn;

/** CRC that takes bytes as they arrive. */
export interface RunningCrc64 {
  update(bytes: Uint8Array): void;
  /** Returns the CRC of all bytes so far. */
  value(): bigint;
}

/** Starts a CRC; `before` is the CRC of the bytes that precede the first update. */
export function startCrc64(before = 0n): RunningCrc64 {
  const state = new Int32Array(2);
  const start = before ^ allOnes;
  state[0] = Number(start & 0xffffffffn) | 0;
  state[1] = Number(start >> 32n) | 0;
  return {
    update: (bytes) => {
      advance(state, bytes);
    },
    value: () => ((half(state[1]) << 32n) | half(state[0])) ^ allOnes,
  };
}

/** Returns the CRC of two texts one after the other, from their CRCs and the length of the second in bytes. */
export function combineCrc64(first: bigint, second: bigint, secondLength: number): bigint {
  // The parts of an upload have one length, and there may be 10,000.
  if (lastPower.bytes !== secondLength) lastPower = { bytes: secondLength, power: powerOfX(secondLength) };
  return multiply(lastPower.power, first) ^ second;
}

/** Power of x of the last length; the power for no bytes is 1. */
let lastPower = { bytes: 0, power: 1n << 63n };

/** Sarwate's algorithm, sliced by eight: one step takes eight bytes, each through a table of its own. */
function advance(state: Int32Array, bytes: Uint8Array): void {
  let lo = at(state, 0);
  let hi = at(state, 1);
  let index = 0;
  for (const end = bytes.length - 7; index < end; index += 8) {
    const a = lo ^ word(bytes, index);
    const b = hi ^ word(bytes, index + 4);
    lo = fold(low, a, b);
    hi = fold(high, a, b);
  }
  for (; index < bytes.length; index += 1) {
    const entry = (lo ^ at(bytes, index)) & 0xff;
    lo = ((lo >>> 8) | (hi << 24)) ^ at(low, entry);
    hi = (hi >>> 8) ^ at(high, entry);
  }
  state[0] = lo;
  state[1] = hi;
}

function fold(table: Int32Array, a: number, b: number): number {
  return (
    at(table, 1792 + (a & 0xff)) ^
    at(table, 1536 + ((a >>> 8) & 0xff)) ^
    at(table, 1280 + ((a >>> 16) & 0xff)) ^
    at(table, 1024 + (a >>> 24)) ^
    at(table, 768 + (b & 0xff)) ^
    at(table, 512 + ((b >>> 8) & 0xff)) ^
    at(table, 256 + ((b >>> 16) & 0xff)) ^
    at(table, b >>> 24)
  );
}

function word(bytes: Uint8Array, index: number): number {
  return (
    at(bytes, index) |
    (at(bytes, index + 1) << 8) |
    (at(bytes, index + 2) << 16) |
    (at(bytes, index + 3) << 24)
  );
}

/** Reads an entry whose index is in range; a check of each would halve the speed. */
function at(values: Int32Array | Uint8Array, index: number): number {
  return values[index] as number;
}

function half(value: number | undefined): bigint {
  return BigInt((value ?? 0) >>> 0);
}

/** Eight tables of 256 entries, as low and high halves: entry 256 * k + i is byte i followed by k zero bytes. */
const [low, high] = makeTables();

function makeTables(): readonly [Int32Array, Int32Array] {
  const entries = new BigUint64Array(2048);
  for (let index = 0; index < 2048; index += 1) {
    const before = index < 256 ? BigInt(index) : (entries[index - 256] ?? 0n);
    entries[index] =
      index < 256 ? afterBits(before) : (before >> 8n) ^ (entries[Number(before & 0xffn)] ?? 0n);
  }
  return [
    Int32Array.from(entries, (entry) => Number(entry & 0xffffffffn) | 0),
    Int32Array.from(entries, (entry) => Number(entry >> 32n) | 0),
  ];
}

function afterBits(byte: bigint): bigint {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = timesX(value);
  return value;
}

/** Multiplies by x modulo the polynomial. In reflected form the highest bit is the coefficient of 1. */
function timesX(value: bigint): bigint {
  return value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
}

/** Multiplies two polynomials modulo the one of the CRC. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << 63n; bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = timesX(shifted);
  }
  return product;
}

/** Returns x to the power of the number of bits in so many bytes, by repeated squaring. */
function powerOfX(bytes: number): bigint {
  let power = 1n << 63n;
  let square = 1n << 55n;
  for (let rest = BigInt(bytes); rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(power, square);
    square = multiply(square, square);
  }
  return power;
}
