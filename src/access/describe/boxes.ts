import { split } from "../engine/partition.ts";
/**
 * Two-level minimization (Espresso expand and irredundant): the diagram becomes a small union of maximal
 * boxes, that is, of products of value sets.
 */

import type { Axis, AxisBranch, AxisNode, LeafPart } from "./axes.ts";
import { limits, OverBudget, type Budget } from "../budget.ts";
import type { AtomField } from "../engine/fields.ts";
import {
  domainsOf,
  anyRequest,
  presenceOf,
  requestKindKey,
  type RequestKind,
} from "../engine/request-kind.ts";

/** Product of value sets, one for each axis. All its requests end in the same leaf part. */
export interface Box {
  readonly part: LeafPart;
  /** A missing axis has every value. */
  readonly sets: ReadonlyMap<Axis, bigint>;
}

/** Values of the requests of a box that can exist: an action on the bucket has no object key, for example. */
export interface BoxExtent {
  /** Values that some request of the box has. */
  readonly present: ReadonlyMap<Axis, bigint>;
  /** Values that such requests could have. */
  readonly possible: ReadonlyMap<Axis, bigint>;
}

/** Returns boxes that together cover the diagram: expands one path after the other, then drops covered boxes. */
export function boxesOf(root: AxisNode, budget: Budget): readonly Box[] {
  const boxes: Box[] = [];
  const parts = partsOf(root);
  const work = { left: limits.expandSteps };
  let paths = 0;
  const walk = (node: AxisNode, sets: ReadonlyMap<Axis, bigint>): void => {
    if (node.kind === "end") {
      paths += 1;
      if (paths > limits.describedPaths) throw new OverBudget(tooManyParts());
      for (const part of node.parts) {
        const box = { part, sets };
        budget.spend(boxes.length + 1, tooManyParts);
        if (!boxes.some((other) => covers(other, box))) boxes.push(expand(root, box, parts, work, budget));
      }
      return;
    }
    for (const { mask, child } of node.edges) walk(child, new Map([...sets, [node.axis, mask]]));
  };
  walk(root, new Map());
  budget.spend(boxes.length * boxes.length, tooManyParts);
  return boxes.filter((box, index) => !boxes.some((other, at) => at > index && covers(other, box)));
}

function tooManyParts(): string {
  return "the difference has too many parts to describe";
}

function covers(outer: Box, inner: Box): boolean {
  return (
    outer.part === inner.part &&
    [...outer.sets].every(([axis, mask]) => ((inner.sets.get(axis) ?? axis.all) & ~mask) === 0n)
  );
}

type Work = { left: number };

/** Espresso expand, from the last axis to the first: to all values, else by each part that stays inside. */
function expand(
  root: AxisNode,
  box: Box,
  parts: ReadonlyMap<Axis, readonly bigint[]>,
  work: Work,
  budget: Budget,
): Box {
  let sets = box.sets;
  for (const [axis, mask] of [...box.sets].reverse()) {
    let grown = mask;
    const attempt = (wider: bigint) => {
      if (work.left <= 0) return;
      const wanted = new Map([...sets, [axis, wider]]);
      const before = work.left;
      const isWider = isInside(root, { ...box, sets: wanted }, work);
      budget.spend(before - work.left, tooManyParts);
      if (isWider) [sets, grown] = [wanted, wider];
    };
    attempt(axis.all);
    if (grown === axis.all) continue;
    for (const part of parts.get(axis) ?? []) if ((grown & part) !== part) attempt(grown | part);
  }
  return { ...box, sets };
}

/** Returns the value sets of each axis that the edges distinguish. */
function partsOf(root: AxisNode): ReadonlyMap<Axis, readonly bigint[]> {
  const masks = new Map<Axis, Set<bigint>>();
  for (const { axis, edges } of innersOf(root)) {
    const known = masks.get(axis) ?? new Set();
    for (const { mask } of edges) known.add(mask);
    masks.set(axis, known);
  }
  return new Map([...masks].map(([axis, known]) => [axis, split(axis.all, known)]));
}

function innersOf(root: AxisNode): readonly AxisBranch[] {
  const found = new Set<AxisBranch>();
  const walk = (node: AxisNode) => {
    if (node.kind === "end" || found.has(node)) return;
    found.add(node);
    node.edges.forEach(({ child }) => {
      walk(child);
    });
  };
  walk(root);
  return [...found];
}

/** Returns true if every possible request of a box ends in its part. */
function isInside(root: AxisNode, { part, sets }: Box, work: Work): boolean {
  const known = new Map<number, boolean>();
  const ids = new Map<AxisNode, number>();
  const walk = (node: AxisNode, requestKind: RequestKind): boolean => {
    if (node.kind === "end") return node.parts.includes(part);
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    const key = id * 8 + requestKindKey(requestKind);
    const before = known.get(key);
    if (before !== undefined) return before;
    work.left -= 1;
    const result = choicesOf(node, requestKind).every(({ domain, inside }) => {
      let left = domain & (sets.get(node.axis) ?? node.axis.all);
      for (const { mask, child } of node.edges) {
        if ((left & mask) === 0n) continue;
        if (!walk(child, inside)) return false;
        left &= ~mask;
      }
      return left === 0n;
    });
    known.set(key, result);
    return result;
  };
  return walk(root, anyRequest);
}

/** Returns the values that a request can have here, split where later fields depend on the choice. */
function choicesOf(
  { axis }: AxisBranch,
  requestKind: RequestKind,
): readonly { domain: bigint; inside: RequestKind }[] {
  if (axis.field.kind === "atoms") return [...domainsOf(axis.field, requestKind)];
  const presence = presenceOf(axis.field.name, requestKind);
  const texts = axis.all & ~1n;
  const domain = (presence === "always" ? 0n : 1n) | (presence === "never" ? 0n : texts);
  return [{ domain, inside: requestKind }];
}

/** Returns the values that the requests of a box have, and those that they could have. */
export function extentOf(root: AxisNode, { part, sets }: Box): BoxExtent {
  const [present, possible] = [new Map<Axis, bigint>(), new Map<Axis, bigint>()];
  const known = new Map<AxisNode, Map<number, boolean>>();
  const add = (to: Map<Axis, bigint>, axis: Axis, mask: bigint) => to.set(axis, (to.get(axis) ?? 0n) | mask);
  /** Returns true if a request of the box ends below a node. */
  const walk = (node: AxisNode, requestKind: RequestKind): boolean => {
    if (node.kind === "end") return node.parts.includes(part);
    const before = known.get(node)?.get(requestKindKey(requestKind));
    if (before !== undefined) return before;
    let isReached = false;
    for (const { domain, inside } of choicesOf(node, requestKind)) {
      const wanted = domain & (sets.get(node.axis) ?? node.axis.all);
      for (const { mask, child } of node.edges) {
        if ((wanted & mask) === 0n || !walk(child, inside)) continue;
        isReached = true;
        add(present, node.axis, wanted & mask);
        add(
          possible,
          node.axis,
          node.axis.field.kind === "atoms" ? peersOf(node.axis.field, domain, inside) : domain,
        );
      }
    }
    known.set(
      node,
      (known.get(node) ?? new Map<number, boolean>()).set(requestKindKey(requestKind), isReached),
    );
    return isReached;
  };
  walk(root, anyRequest);
  return { present, possible };
}

/** Returns the alternatives to a value, the rest of the request unchanged: any principal, any action of the level. */
function peersOf(field: AtomField, domain: bigint, { isObject }: RequestKind): bigint {
  if (field.name !== "principal" && field.name !== "action") return domain;
  return domainsOf(field, anyRequest)
    .filter(({ inside }) => field.name === "principal" || inside.isObject === isObject)
    .reduce((sum, choice) => sum | choice.domain, 0n);
}

/** Picks a request of a box: on each axis the value of lowest rank that leads to its part; undefined if empty. */
export function pickRequest(
  root: AxisNode,
  { part, sets }: Box,
  rank: (axis: Axis, bit: number) => number,
): ReadonlyMap<Axis, number> | undefined {
  const walk = (node: AxisNode, requestKind: RequestKind): ReadonlyMap<Axis, number> | undefined => {
    if (node.kind === "end") return node.parts.includes(part) ? new Map() : undefined;
    const options = choicesOf(node, requestKind).flatMap(({ domain, inside }) =>
      node.edges.flatMap(({ mask, child }) =>
        bitsOf(domain & mask & (sets.get(node.axis) ?? node.axis.all)).map((bit) => ({ bit, child, inside })),
      ),
    );
    options.sort((a, b) => rank(node.axis, a.bit) - rank(node.axis, b.bit));
    for (const { bit, child, inside } of options) {
      const rest = walk(child, inside);
      if (rest !== undefined) return new Map([[node.axis, bit], ...rest]);
    }
    return undefined;
  };
  return walk(root, anyRequest);
}

export function bitsOf(mask: bigint): readonly number[] {
  const bits: number[] = [];
  for (let rest = mask, bit = 0; rest !== 0n; rest >>= 1n, bit += 1) if ((rest & 1n) === 1n) bits.push(bit);
  return bits;
}
