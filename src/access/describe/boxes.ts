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
  without,
  type BoxSpace,
  type ClassAxis,
  type ClassBranch,
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
  const path: ClassBranch[] = [];
  const take = (parts: readonly LeafPart[]) => {
    paths += 1;
    if (paths > limits.describedPaths) throw new OverBudget(tooManyParts());
    for (const part of parts) {
      budget.spend(1 + stepsToCompare, tooManyParts);
      if (!boxes.some((other) => covers(other, { part, sets }))) {
        const box = grower.expand({ part, sets }, path);
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
    path.push(node);
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

/** Branch of a path, with the kinds of requests that reach it. */
interface BranchKinds {
  readonly branch: ClassBranch;
  readonly kinds: readonly number[];
}

/** Espresso expand. Its work is limited for all boxes of a space together. */
class BoxGrower {
  readonly #space: BoxSpace;
  readonly #budget: Budget;
  #left: number = limits.expandSteps;
  /** Answer for each branch and kind of request: twice the number of the box, plus 1 if it is yes. */
  readonly #known: Int32Array;
  #box = 0;

  constructor(space: BoxSpace, budget: Budget) {
    this.#space = space;
    this.#budget = budget;
    this.#known = new Int32Array(space.size * 8);
  }

  /**
   * Expands the box of a path, from its last axis to the first: to all values, else by each part that stays inside. So
   * the axes below never change again, and what is known of a branch holds until the box is done. The axes above still
   * have the values of the path, which no other branch has.
   */
  expand({ part, sets: cell }: Cell, path: readonly ClassBranch[]): Box {
    this.#box += 1;
    const before = this.#left;
    const box = { part, sets: [...cell] };
    for (const { branch, kinds } of [...this.#kindsAlong(path, cell)].reverse()) {
      if (this.#left <= 0) break;
      const { all, parts } = this.#axis(branch);
      const set = cell[branch.at] ?? all;
      if (includes(set, all)) continue;
      const free = this.#freeValues(branch, kinds, box);
      box.sets[branch.at] = parts.reduce(
        (grown, one) => (includes(free, one) ? union(grown, one) : grown),
        set,
      );
    }
    this.#budget.spend(before - this.#left, tooManyParts);
    const narrow = path.flatMap((branch) =>
      includes(box.sets[branch.at] ?? [], this.#axis(branch).all) ? [] : [branch.at],
    );
    return { ...box, narrow };
  }

  /** Returns the branches of a path, each with the kinds of requests with which its cell goes through it. */
  #kindsAlong(path: readonly ClassBranch[], cell: readonly ClassSet[]): readonly BranchKinds[] {
    let kinds: readonly number[] = [anyKind];
    return path.map((branch) => {
      const here = { branch, kinds };
      const set = cell[branch.at] ?? [];
      const next = kinds.flatMap((kind) =>
        this.#axis(branch)
          .choices(kind)
          .filter(({ domain }) => meet(domain, set, set)),
      );
      kinds = [...new Set(next.map(({ inside }) => inside))];
      return here;
    });
  }

  /** Returns the values with which every possible request of the box, from a branch of its path on, ends in its part. */
  #freeValues(branch: ClassBranch, kinds: readonly number[], box: Cell): ClassSet {
    const { all, choices } = this.#axis(branch);
    const none = all.map(() => 0);
    let free = all;
    for (const kind of kinds) {
      this.#left -= 1;
      for (const { domain, inside } of choices(kind)) {
        let good: ClassSet = none;
        for (const { mask, child } of branch.edges)
          if (meet(domain, free, mask) && this.#isInside(child, inside, box)) good = union(good, mask);
        free = without(free, domain, good);
      }
    }
    return free;
  }

  /** Returns true if every possible request of the box ends in its part, from a branch below the one that grows. */
  #isInside(node: ClassNode, kind: number, box: Cell): boolean {
    if (node.kind === "end") return node.parts.includes(box.part);
    const key = node.id * 8 + kind;
    const known = this.#known[key] ?? 0;
    if (known >= this.#box * 2) return known > this.#box * 2;
    this.#left -= 1;
    const answer = this.#edgesInside(node, kind, box);
    this.#known[key] = this.#box * 2 + Number(answer);
    return answer;
  }

  #edgesInside({ at, edges, covered }: ClassBranch, kind: number, box: Cell): boolean {
    const set = box.sets[at] ?? [];
    for (const { domain, inside } of this.#space.axes[at]?.choices(kind) ?? []) {
      if (!includesBoth(covered, domain, set)) return false;
      for (const { mask, child } of edges)
        if (meet(domain, set, mask) && !this.#isInside(child, inside, box)) return false;
    }
    return true;
  }

  #axis({ at }: ClassBranch): ClassAxis {
    const axis = this.#space.axes[at];
    if (axis === undefined) throw new Error("each axis of a diagram is in its space");
    return axis;
  }
}
