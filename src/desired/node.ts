import type { Span } from "../diagnostic.ts";
import type { Json, Scalar } from "../policy/json.ts";

/**
 * Value from a file, with its place. A text is parsed into this tree once; schema errors, lint findings and
 * the plan refer to places through it.
 */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly span: Span;
  /** Characters in the file; only for a number, boolean or null. */
  readonly source?: string;
  /** Indicator of a block scalar; absent for other styles. */
  readonly block?: ">" | "|";
  /** A comment is inside of its span, behind the sign of a block scalar: new source would drop it. */
  readonly hasComment?: true;
  /** A variable is part of it, so the text in the source differs. */
  readonly isExpanded?: true;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface MapNode {
  readonly kind: "map";
  readonly entries: readonly Entry[];
  readonly span: Span;
}

export interface Entry {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Node;
}

/** Names of map entries and indexes of list items, from the top of a tree. */
export type Path = readonly PropertyKey[];

export function jsonOf(node: Node): Json {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(jsonOf);
    case "map":
      return Object.fromEntries(node.entries.map(({ name, value }) => [name, jsonOf(value)]));
  }
}

export function entryOf(node: Node | undefined, name: string): Entry | undefined {
  return node?.kind === "map" ? node.entries.find((entry) => entry.name === name) : undefined;
}

export function childOf(node: Node | undefined, name: string): Node | undefined {
  return entryOf(node, name)?.value;
}

/** Returns the node at a path, or its deepest existing ancestor. */
export function nodeAt(node: Node, path: Path): Node {
  const [step, ...rest] = path;
  if (step === undefined) return node;
  const next = node.kind === "list" ? node.items[Number(step)] : childOf(node, String(step));
  return next === undefined ? node : nodeAt(next, rest);
}

/** Returns the string of a scalar node; undefined for other nodes. */
export function stringOf(node: Node | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
