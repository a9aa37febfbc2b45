/** Sets of small numbers as words of 32 bits. All sets of one operation have the same number of words. */

export type Bitset = Int32Array;

/** Returns how many words hold the bits of a number. */
export function wordsFor(bits: bigint): number {
  return Math.ceil(bits.toString(16).length / 8);
}

export function bitsetOf(bits: bigint, words: number): Bitset {
  const set = new Int32Array(words);
  for (let at = 0, rest = bits; rest !== 0n; at += 1, rest >>= 32n) set[at] = Number(rest & 0xffffffffn);
  return set;
}

export function isEmpty(set: Bitset): boolean {
  for (const word of set) if (word !== 0) return false;
  return true;
}

export function intersectionOf(one: Bitset, other: Bitset): Bitset {
  return one.map((word, at) => word & (other[at] ?? 0));
}

/** Returns the bits of a set that are not in another. */
export function without(one: Bitset, other: Bitset): Bitset {
  return one.map((word, at) => word & ~(other[at] ?? 0));
}

/** Returns true if a bit is in all three sets. */
export function meetsBoth(one: Bitset, other: Bitset, third: Bitset): boolean {
  for (let at = 0; at < one.length; at += 1)
    if (((one[at] ?? 0) & (other[at] ?? 0) & (third[at] ?? 0)) !== 0) return true;
  return false;
}

export function countBits(set: Bitset): number {
  return countInBoth(set, set);
}

export function countInBoth(one: Bitset, other: Bitset): number {
  let count = 0;
  for (let at = 0; at < one.length; at += 1) {
    const word = (one[at] ?? 0) & (other[at] ?? 0);
    if (word !== 0) count += countOfWord(word);
  }
  return count;
}

function countOfWord(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Returns the set of the lowest bit of a set. */
export function firstBit(set: Bitset): Bitset {
  const first = new Int32Array(set.length);
  const at = set.findIndex((word) => word !== 0);
  const word = set[at] ?? 0;
  if (at >= 0) first[at] = word & -word;
  return first;
}
