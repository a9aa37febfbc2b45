/**
 * Two-level minimization (Espresso expand and irredundant): the diagram becomes a small union of maximal
 * boxes, that is, of products of value sets.
 */

import type { LeafPart } from "./axes.ts";
import { limits, OverBudget, tooManyParts, type Budget } from "../budget.ts";
import {
  anyKind,
  includes,
  includesBoth,
  meet,
  union,
  type BoxSpace,
  type ClassNode,
  type ClassSet,
} from "./box-space.ts";

/** Product of value sets, one for each axis of its space. All its requests end in the same leaf part. */
export interface Box {
  readonly part: LeafPart;
  readonly sets: readonly ClassSet[];
  /** Axes that it does not take whole. */
  readonly narrow: readonly number[];
}

/** Returns boxes that together cover the diagram: expands one path after the other, then drops covered boxes. */
export function boxesOf(space: BoxSpace, budget: Budget): readonly Box[] {
  const boxes: Box[] = [];
  const grower = new BoxGrower(space, budget);
  let paths = 0;
  /** To compare a path with each box so far. */
  let stepsToCompare = 0;
  const sets = space.axes.map(({ all }) => all);
  const path: number[] = [];
  const take = (parts: readonly LeafPart[]) => {
    paths += 1;
    if (paths > limits.describedPaths) throw new OverBudget(tooManyParts());
    for (const part of parts) {
      budget.spend(1 + stepsToCompare, tooManyParts);
      if (!boxes.some((other) => covers(other, { part, sets }))) {
        const box = grower.expand({ part, sets: [...sets] }, path);
        boxes.push(box);
        stepsToCompare += 1 + Math.floor(box.narrow.length / axesOfStep);
      }
    }
  };
  const walk = (node: ClassNode): void => {
    if (node.kind === "end") {
      take(node.parts);
      return;
    }
    const { at, edges } = node;
    const all = sets[at] ?? [];
    path.push(at);
    for (const { mask, child } of edges) {
      budget.spend(1, tooManyParts);
      sets[at] = mask;
      walk(child);
    }
    path.pop();
    sets[at] = all;
  };
  walk(space.root);
  budget.spend(boxes.length * boxes.length, tooManyParts);
  return boxes.filter((box, index) => !boxes.some((other, at) => at > index && covers(other, box)));
}

/** Axes of which two sets are compared in one step. */
const axesOfStep = 8;

/** Box that is not expanded. */
type Cell = Pick<Box, "part" | "sets">;

function covers(outer: Box, inner: Cell): boolean {
  if (outer.part !== inner.part) return false;
  for (const at of outer.narrow) if (!includes(outer.sets[at] ?? [], inner.sets[at] ?? [])) return false;
  return true;
}

/** Espresso expand. Its work is limited for all boxes of a space together. */
class BoxGrower {
  readonly #space: BoxSpace;
  readonly #budget: Budget;
  #left: number = limits.expandSteps;
  /** Answer for each branch and kind of request: twice the number of the question, plus 1 if it is yes. */
  readonly #known: Int32Array;
  #question = 0;

  constructor(space: BoxSpace, budget: Budget) {
    this.#space = space;
    this.#budget = budget;
    this.#known = new Int32Array(space.size * 8);
  }

  /** Expands from the last axis of a path to the first: to all values, else by each part that stays inside. */
  expand(box: Cell, path: readonly number[]): Box {
    let sets = box.sets;
    for (const at of [...path].reverse()) {
      const { all, parts } = this.#space.axes[at] ?? { all: [], parts: [] };
      let grown = sets[at] ?? all;
      const attempt = (wider: ClassSet) => {
        if (this.#left <= 0) return;
        const wanted = sets.with(at, wider);
        if (this.#isInside({ part: box.part, sets: wanted })) [sets, grown] = [wanted, wider];
      };
      attempt(all);
      if (includes(grown, all)) continue;
      for (const part of parts) if (!includes(grown, part)) attempt(union(grown, part));
    }
    const narrow = path.filter((at) => !includes(sets[at] ?? [], this.#space.axes[at]?.all ?? []));
    return { part: box.part, sets, narrow };
  }

  /** Returns true if every possible request of a box ends in its part. */
  #isInside(box: Cell): boolean {
    this.#question += 1;
    const before = this.#left;
    const answer = this.#allInside(this.#space.root, anyKind, box);
    this.#budget.spend(before - this.#left, tooManyParts);
    return answer;
  }

  #allInside(node: ClassNode, kind: number, box: Cell): boolean {
    if (node.kind === "end") return node.parts.includes(box.part);
    const key = node.id * 8 + kind;
    const known = this.#known[key] ?? 0;
    if (known >= this.#question * 2) return known > this.#question * 2;
    this.#left -= 1;
    const answer = this.#edgesInside(node, kind, box);
    this.#known[key] = this.#question * 2 + Number(answer);
    return answer;
  }

  #edgesInside(
    { at, edges, covered }: Extract<ClassNode, { kind: "inner" }>,
    kind: number,
    box: Cell,
  ): boolean {
    const set = box.sets[at] ?? [];
    for (const { domain, inside } of this.#space.axes[at]?.choices(kind) ?? []) {
      for (const { mask, child } of edges)
        if (meet(domain, set, mask) && !this.#allInside(child, inside, box)) return false;
      if (!includesBoth(covered, domain, set)) return false;
    }
    return true;
  }
}
