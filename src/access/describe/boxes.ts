/**
 * Two-level minimization (Espresso expand and irredundant): the diagram becomes a small union of maximal
 * boxes, that is, of products of value sets.
 */

import type { LeafPart } from "./axes.ts";
import { limits, OverBudget, type Budget } from "../budget.ts";
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
}

/** Returns boxes that together cover the diagram: expands one path after the other, then drops covered boxes. */
export function boxesOf(space: BoxSpace, budget: Budget): readonly Box[] {
  const boxes: Box[] = [];
  const grower = new BoxGrower(space, budget);
  let paths = 0;
  const walk = (node: ClassNode, sets: readonly ClassSet[], path: readonly number[]): void => {
    if (node.kind === "end") {
      paths += 1;
      if (paths > limits.describedPaths) throw new OverBudget(tooManyParts());
      for (const part of node.parts) {
        const box = { part, sets };
        budget.spend(boxes.length + 1, tooManyParts);
        if (!boxes.some((other) => covers(other, box))) boxes.push(grower.expand(box, path));
      }
      return;
    }
    for (const { mask, child } of node.edges) walk(child, sets.with(node.at, mask), [...path, node.at]);
  };
  walk(
    space.root,
    space.axes.map(({ all }) => all),
    [],
  );
  budget.spend(boxes.length * boxes.length, tooManyParts);
  return boxes.filter((box, index) => !boxes.some((other, at) => at > index && covers(other, box)));
}

function tooManyParts(): string {
  return "the difference has too many parts to describe";
}

function covers(outer: Box, inner: Box): boolean {
  if (outer.part !== inner.part) return false;
  return outer.sets.every((set, at) => includes(set, inner.sets[at] ?? []));
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
  expand(box: Box, path: readonly number[]): Box {
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
    return { part: box.part, sets };
  }

  /** Returns true if every possible request of a box ends in its part. */
  #isInside(box: Box): boolean {
    this.#question += 1;
    const before = this.#left;
    const answer = this.#allInside(this.#space.root, anyKind, box);
    this.#budget.spend(before - this.#left, tooManyParts);
    return answer;
  }

  #allInside(node: ClassNode, kind: number, box: Box): boolean {
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
    box: Box,
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
