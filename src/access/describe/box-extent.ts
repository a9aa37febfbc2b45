/** Extent of a box: the values of those of its requests that can exist, and one such request. */

import type { Axis } from "./axes.ts";
import type { Box } from "./boxes.ts";
import {
  anyKind,
  holds,
  intersection,
  meet,
  union,
  valuesOf,
  type BoxSpace,
  type ClassAxis,
  type ClassNode,
  type ClassSet,
} from "./box-space.ts";

/** Values of the requests of a box that can exist: an action on the bucket has no object key, for example. */
export interface BoxExtent {
  /** Values that some request of the box has. */
  readonly present: ReadonlyMap<Axis, bigint>;
  /** Values that such requests could have. */
  readonly possible: ReadonlyMap<Axis, bigint>;
  /** A request: on each axis the value of lowest rank, from the first axis to the last. */
  readonly request: ReadonlyMap<Axis, number>;
}

/** Returns the rank of each bit of an axis; the lowest is preferred. */
export type RanksOf = (axis: Axis) => readonly number[];

export function extentOf(space: BoxSpace, box: Box, ranksOf: RanksOf): BoxExtent {
  const reader = new BoxReader(space, box);
  const { present, possible } = reader.extent();
  return { present, possible, request: reader.request(ranksOf) };
}

const [unknown, reached, dead] = [0, 1, 2];

class BoxReader {
  readonly #space: BoxSpace;
  readonly #box: Box;
  /** Whether a request of the box ends below a branch, for each kind of request. */
  readonly #known: Int8Array;
  readonly #present: (ClassSet | undefined)[] = [];
  readonly #possible: (ClassSet | undefined)[] = [];

  constructor(space: BoxSpace, box: Box) {
    this.#space = space;
    this.#box = box;
    this.#known = new Int8Array(space.size * 8);
  }

  extent(): Omit<BoxExtent, "request"> {
    this.#isReached(this.#space.root, anyKind);
    return { present: this.#valuesIn(this.#present), possible: this.#valuesIn(this.#possible) };
  }

  #valuesIn(found: readonly (ClassSet | undefined)[]): ReadonlyMap<Axis, bigint> {
    const values = new Map<Axis, bigint>();
    for (const [at, own] of this.#space.axes.entries()) {
      const set = found[at];
      if (set !== undefined) values.set(own.axis, valuesOf(own, set));
    }
    return values;
  }

  /** Returns true if a request of the box ends below a node. */
  #isReached(node: ClassNode, kind: number): boolean {
    if (node.kind === "end") return node.parts.includes(this.#box.part);
    const key = node.id * 8 + kind;
    const known = this.#known[key] ?? unknown;
    if (known !== unknown) return known === reached;
    let isReached = false;
    const set = this.#box.sets[node.at] ?? [];
    for (const { domain, inside, peers } of this.#space.axes[node.at]?.choices(kind) ?? []) {
      for (const { mask, child } of node.edges) {
        if (!meet(domain, set, mask) || !this.#isReached(child, inside)) continue;
        isReached = true;
        const here = intersection(domain, set, mask);
        this.#present[node.at] = union(here, this.#present[node.at] ?? here);
        this.#possible[node.at] = union(peers, this.#possible[node.at] ?? peers);
      }
    }
    this.#known[key] = isReached ? reached : dead;
    return isReached;
  }

  request(ranksOf: RanksOf): ReadonlyMap<Axis, number> {
    const request = new Map<Axis, number>();
    let [node, kind] = [this.#space.root, anyKind];
    while (node.kind === "inner") {
      const own: ClassAxis | undefined = this.#space.axes[node.at];
      if (own === undefined) throw new Error("each axis of a diagram is in its space");
      const best = this.#bestEdge(node, kind, own, bestOf(own, ranksOf));
      if (best === undefined) throw new Error("each box holds a request");
      request.set(own.axis, best.value.bit);
      [node, kind] = [best.child, best.inside];
    }
    return request;
  }

  /** Returns the preferred value of those that lead to the part of the box, with its edge. */
  #bestEdge(
    node: Extract<ClassNode, { kind: "inner" }>,
    kind: number,
    { choices }: ClassAxis,
    ranked: readonly RankedClass[],
  ): { readonly value: RankedClass; readonly child: ClassNode; readonly inside: number } | undefined {
    let best: { value: RankedClass; child: ClassNode; inside: number } | undefined;
    const set = this.#box.sets[node.at] ?? [];
    for (const { domain, inside } of choices(kind)) {
      for (const { mask, child } of node.edges) {
        if (!meet(domain, set, mask) || !this.#isReached(child, inside)) continue;
        const value = ranked.find(({ at }) => holds(domain, at) && holds(set, at) && holds(mask, at));
        if (value !== undefined && (best === undefined || value.rank < best.value.rank))
          best = { value, child, inside };
      }
    }
    return best;
  }
}

/** Class of values with the preferred one of them. */
interface RankedClass {
  readonly at: number;
  readonly bit: number;
  readonly rank: number;
}

const rankedClasses = new WeakMap<ClassAxis, readonly RankedClass[]>();

/** Returns the classes of an axis, the preferred one first. */
function bestOf(own: ClassAxis, ranksOf: RanksOf): readonly RankedClass[] {
  const known = rankedClasses.get(own);
  if (known !== undefined) return known;
  const ranks = ranksOf(own.axis);
  const ranked = own.classes.map((values, at): RankedClass => {
    const [first = 0, ...others] = bitsOf(values);
    const bit = others.reduce(
      (best, one) => ((ranks[one] ?? one) < (ranks[best] ?? best) ? one : best),
      first,
    );
    return { at, bit, rank: ranks[bit] ?? bit };
  });
  ranked.sort((a, b) => a.rank - b.rank || a.bit - b.bit);
  rankedClasses.set(own, ranked);
  return ranked;
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
