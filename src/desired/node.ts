import type { Span } from "../diagnostic.ts";
import type { Json, Scalar } from "../policy/json.ts";

/**
 * A value from a file that knows its place. Text is read into this tree once; what is made from it
 * later (schema errors, lint findings, the plan) points back through it.
 */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: Scalar;
  readonly span: Span;
  /** The characters in the file; only for a number, boolean or null. */
  readonly source?: string;
  /** The sign of a block scalar; absent for any other style. */
  readonly block?: ">" | "|";
  /** Whether a variable is part of it, so that the source holds another text. */
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

/** The node at a path, or the deepest one on the way to it that exists. */
export function nodeAt(node: Node, path: Path): Node {
  const [step, ...rest] = path;
  if (step === undefined) return node;
  const next = node.kind === "list" ? node.items[Number(step)] : childOf(node, String(step));
  return next === undefined ? node : nodeAt(next, rest);
}

/** The string in a scalar node; undefined for anything else. */
export function stringOf(node: Node | undefined): string | undefined {
  return node?.kind === "scalar" && typeof node.value === "string" ? node.value : undefined;
}
