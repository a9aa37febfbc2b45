import { createHash } from "node:crypto";

/** Part of the buckets: the one with this number, from 1, of `count` parts. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export const maxShards = 9_999;

const help = `write I/N, such as 2/5: shard I of N, with I from 1 to N, and N up to ${maxShards}`;

/** Parses `I/N`. */
export function parseShard(text: string): Shard | { readonly problem: string } {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count) return { problem: help };
  return { index, count };
}

export function shardText({ index, count }: Shard): string {
  return `${index}/${count}`;
}

/**
 * Returns whether a bucket of this name is in a shard. The number of its shard is the first 8 bytes of the SHA-256 of
 * the name, as one big-endian number, modulo the count, plus 1: the same on every machine and in every version, since
 * the plans of all shards together must have each bucket once.
 */
export function isInShard(bucket: string, { index, count }: Shard): boolean {
  const hash = createHash("sha256").update(bucket).digest().readBigUInt64BE();
  return Number(hash % BigInt(count)) + 1 === index;
}
