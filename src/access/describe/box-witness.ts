/** Picks a request of a box. */

import type { Box } from "./boxes.ts";
import {
  anyKind,
  holds,
  intersection,
  type BoxSpace,
  type ClassAxis,
  type ClassNode,
  type ClassSet,
} from "./box-space.ts";
import type { Axis } from "./axes.ts";

/** Value of an axis, with the order in which values are preferred. */
interface RankedBit {
  readonly bit: number;
  readonly rank: number;
}

/** Returns the rank of each bit of an axis; the lowest is preferred. */
export type RanksOf = (axis: Axis) => readonly number[];

/** Picks a request of a box: on each axis the value of lowest rank that leads to its part; undefined if empty. */
export function pickRequest(
  { root, axes }: BoxSpace,
  { part, sets }: Box,
  ranksOf: RanksOf,
): ReadonlyMap<Axis, number> | undefined {
  const dead = new Set<number>();
  const walk = (node: ClassNode, kind: number): ReadonlyMap<Axis, number> | undefined => {
    if (node.kind === "end") return node.parts.includes(part) ? new Map() : undefined;
    const own = axes[node.at];
    if (own === undefined || dead.has(node.id * 8 + kind)) return undefined;
    const best = bestOf(own, ranksOf);
    const options = own.choices(kind).flatMap(({ domain, inside }) =>
      node.edges.flatMap(({ mask, child }) => {
        const found = bestIn(intersection(domain, sets[node.at] ?? [], mask), best);
        return found === undefined ? [] : [{ ...found, child, inside }];
      }),
    );
    options.sort((a, b) => a.rank - b.rank);
    for (const { bit, child, inside } of options) {
      const rest = walk(child, inside);
      if (rest !== undefined) return new Map([[own.axis, bit], ...rest]);
    }
    dead.add(node.id * 8 + kind);
    return undefined;
  };
  return walk(root, anyKind);
}

const known = new WeakMap<ClassAxis, readonly RankedBit[]>();

/** Returns the preferred bit of each class. */
function bestOf(own: ClassAxis, ranksOf: RanksOf): readonly RankedBit[] {
  const found =
    known.get(own) ??
    own.classes.map((values) => {
      const ranks = ranksOf(own.axis);
      return bitsOf(values).reduce<RankedBit>(
        (best, bit) => {
          const rank = ranks[bit] ?? bit;
          return rank < best.rank ? { bit, rank } : best;
        },
        { bit: -1, rank: Infinity },
      );
    });
  known.set(own, found);
  return found;
}

/** Returns the preferred bit of a set: of the lowest rank, then the first. */
function bestIn(set: ClassSet, best: readonly RankedBit[]): RankedBit | undefined {
  let found: RankedBit | undefined;
  for (const [index, one] of best.entries()) {
    if (!holds(set, index)) continue;
    if (found === undefined || one.rank < found.rank || (one.rank === found.rank && one.bit < found.bit))
      found = one;
  }
  return found;
}

const wordBits = 32;
const wordMask = (1n << BigInt(wordBits)) - 1n;

export function bitsOf(mask: bigint): readonly number[] {
  const bits: number[] = [];
  for (let rest = mask, base = 0; rest !== 0n; rest >>= BigInt(wordBits), base += wordBits)
    for (let word = Number(rest & wordMask), at = 0; word !== 0; word >>>= 1, at += 1)
      if ((word & 1) === 1) bits.push(base + at);
  return bits;
}
