/**
 * Space of boxes: a diagram over bit sets, with only as many bits as its edges distinguish. A set is a list of
 * words of 32 bits, nearly always one.
 */

import type { Axis, AxisNode, LeafPart } from "./axes.ts";
import { split } from "../engine/partition.ts";
import {
  anyRequest,
  domainsOf,
  presenceOf,
  requestKindKey,
  type RequestKind,
} from "../engine/request-kind.ts";
import type { AtomField } from "../engine/fields.ts";

/** Set of classes of values of an axis, as words of 32 bits. */
export type ClassSet = readonly number[];

/** Axis whose values are joined to classes that neither edges nor kinds of requests distinguish. */
export interface ClassAxis {
  readonly axis: Axis;
  /** Values of each class, as bits of the axis. */
  readonly classes: readonly bigint[];
  /** Value sets that the edges distinguish. */
  readonly parts: readonly ClassSet[];
  readonly all: ClassSet;
  /** Returns the values that a request can have, by the key of its kind. */
  readonly choices: (kind: number) => readonly Choice[];
}

/** Values that a request of some kind can have, split where later fields depend on the choice. */
export interface Choice {
  readonly domain: ClassSet;
  /** Key of the kind of request that it leads to. */
  readonly inside: number;
  /** Alternatives to these values, the rest of the request unchanged. */
  readonly peers: ClassSet;
}

/** Node of the diagram over classes; nodes are numbered from 0. */
export type ClassNode = ClassLeaf | ClassBranch;

export interface ClassLeaf {
  readonly kind: "end";
  readonly parts: readonly LeafPart[];
}

export interface ClassBranch {
  readonly kind: "inner";
  readonly id: number;
  /** Index of the axis. */
  readonly at: number;
  readonly edges: readonly { readonly mask: ClassSet; readonly child: ClassNode }[];
  /** Union of the edges. */
  readonly covered: ClassSet;
}

export interface BoxSpace {
  readonly root: ClassNode;
  readonly axes: readonly ClassAxis[];
  /** Number of the branches. */
  readonly size: number;
}

const requestKinds: readonly RequestKind[] = Array.from({ length: 8 }, (_, key) => ({
  isObject: (key & 1) !== 0,
  isListing: (key & 2) !== 0,
  isAnonymous: (key & 4) !== 0,
}));

export const anyKind = requestKindKey(anyRequest);

/** Builds the space of a diagram. */
export function boxSpaceOf(root: AxisNode): BoxSpace {
  const masks = masksOf(root);
  const axes = [...masks].map(([axis, own]) => classAxis(axis, own));
  const places = new Map(axes.map((one, at) => [one.axis, at]));
  const made = new Map<AxisNode, ClassNode>();
  let size = 0;
  const convert = (node: AxisNode): ClassNode => {
    const known = made.get(node);
    if (known !== undefined) return known;
    const found = node.kind === "end" ? node : convertBranch(node);
    made.set(node, found);
    return found;
  };
  const convertBranch = (node: Extract<AxisNode, { kind: "inner" }>): ClassBranch => {
    const at = places.get(node.axis) ?? -1;
    const own = axes[at];
    if (own === undefined) throw new Error("each axis of a diagram is in its space");
    const edges = node.edges.map(({ mask, child }) => ({
      mask: setOf(own.classes, mask),
      child: convert(child),
    }));
    const covered = edges.reduce<ClassSet>(
      (sum, { mask }) => union(sum, mask),
      own.all.map(() => 0),
    );
    size += 1;
    return { kind: "inner", id: size - 1, at, edges, covered };
  };
  return { root: convert(root), axes, size };
}

/** Returns the value sets on the edges, for each axis. */
function masksOf(root: AxisNode): ReadonlyMap<Axis, ReadonlySet<bigint>> {
  const masks = new Map<Axis, Set<bigint>>();
  const seen = new Set<AxisNode>();
  const walk = (node: AxisNode) => {
    if (node.kind === "end" || seen.has(node)) return;
    seen.add(node);
    const known = masks.get(node.axis) ?? new Set();
    masks.set(node.axis, known);
    for (const { mask } of node.edges) known.add(mask);
    for (const { child } of node.edges) walk(child);
  };
  walk(root);
  return masks;
}

function classAxis(axis: Axis, masks: ReadonlySet<bigint>): ClassAxis {
  // The peers of a value are a union of domains.
  const domains = requestKinds.flatMap((kind) => choicesOf(axis, kind).map(({ domain }) => domain));
  const parts = split(axis.all, masks);
  const classes = split(axis.all, new Set([...masks, ...domains]));
  const known: (readonly Choice[])[] = [];
  const choices = (kind: number) =>
    choicesOf(axis, requestKinds[kind] ?? anyRequest).map(({ domain, inside }) => ({
      domain: setOf(classes, domain),
      inside: requestKindKey(inside),
      peers: setOf(classes, axis.field.kind === "atoms" ? peersOf(axis.field, domain, inside) : domain),
    }));
  return {
    axis,
    classes,
    parts: parts.map((part) => setOf(classes, part)),
    all: setOf(classes, axis.all),
    choices: (kind) => (known[kind] ??= choices(kind)),
  };
}

function choicesOf(
  { field, all }: Axis,
  requestKind: RequestKind,
): readonly { readonly domain: bigint; readonly inside: RequestKind }[] {
  if (field.kind === "atoms") return domainsOf(field, requestKind);
  const presence = presenceOf(field.name, requestKind);
  const domain = (presence === "always" ? 0n : 1n) | (presence === "never" ? 0n : all & ~1n);
  return [{ domain, inside: requestKind }];
}

/** Returns the alternatives to a value, the rest of the request unchanged: any principal, any action of the level. */
function peersOf(field: AtomField, domain: bigint, { isObject }: RequestKind): bigint {
  if (field.name !== "principal" && field.name !== "action") return domain;
  return domainsOf(field, anyRequest)
    .filter(({ inside }) => field.name === "principal" || inside.isObject === isObject)
    .reduce((sum, choice) => sum | choice.domain, 0n);
}

function setOf(classes: readonly bigint[], values: bigint): ClassSet {
  const words = Array.from({ length: Math.max(1, Math.ceil(classes.length / 32)) }, () => 0);
  for (const [index, one] of classes.entries())
    if ((one & values) !== 0n) words[index >> 5] = (words[index >> 5] ?? 0) | (1 << (index & 31));
  return words;
}

/** Returns the values of a set of classes, as bits of the axis. */
export function valuesOf({ classes }: ClassAxis, set: ClassSet): bigint {
  let values = 0n;
  for (const [index, one] of classes.entries()) if (holds(set, index)) values |= one;
  return values;
}

export function holds(set: ClassSet, index: number): boolean {
  return (((set[index >> 5] ?? 0) >>> (index & 31)) & 1) === 1;
}

export function union(one: ClassSet, other: ClassSet): ClassSet {
  return one.map((word, at) => word | (other[at] ?? 0));
}

export function intersection(one: ClassSet, other: ClassSet, third: ClassSet): ClassSet {
  return one.map((word, at) => word & (other[at] ?? 0) & (third[at] ?? 0));
}

/** Returns a set without the classes of another, except those of a third. */
export function without(set: ClassSet, other: ClassSet, kept: ClassSet): ClassSet {
  return set.map((word, at) => word & ~((other[at] ?? 0) & ~(kept[at] ?? 0)));
}

/** Returns true if a class is in all three sets. */
export function meet(one: ClassSet, other: ClassSet, third: ClassSet): boolean {
  for (let at = 0; at < one.length; at += 1)
    if (((one[at] ?? 0) & (other[at] ?? 0) & (third[at] ?? 0)) !== 0) return true;
  return false;
}

/** Returns true if the outer set has what both other sets have. */
export function includesBoth(outer: ClassSet, one: ClassSet, other: ClassSet): boolean {
  for (let at = 0; at < one.length; at += 1)
    if (((one[at] ?? 0) & (other[at] ?? 0) & ~(outer[at] ?? 0)) !== 0) return false;
  return true;
}

/** Returns true if the outer set has all of the inner one. */
export function includes(outer: ClassSet, inner: ClassSet): boolean {
  return includesBoth(outer, inner, inner);
}
