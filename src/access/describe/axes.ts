/** Diagram over bit sets: each field is one axis, with one bit for each class of values (minterm). */

import type { Branch, Diagram, Edge, Leaf, Values } from "../engine/nodes.ts";
import type { AtomField, Field, TextField, TextGroup } from "../engine/fields.ts";
import { effectOf, type AccessEffect } from "../effect.ts";
import { compareText } from "../../diagnostic.ts";
import type { Budget } from "../budget.ts";
import { queriesOf, wordKey, wordsOf, type PatternWord } from "./pattern-words.ts";
import { memoizeOf, memoizeWithin } from "../../memoize.ts";
import { termsOfTexts } from "./text-terms.ts";
import type { NamedSet, Term } from "./set-cover.ts";
import { textClasses, type TextClass } from "../text/text-classes.ts";

/**
 * Field with one bit for each class of values that a diagram distinguishes. Bit 0 of a text field is a
 * request without the key.
 */
export interface Axis {
  readonly field: Field;
  /** One value of each class; undefined for a request without the key. */
  readonly samples: readonly (string | undefined)[];
  /** Patterns that distinguish the classes (text fields only). */
  readonly patterns: readonly Pattern[];
  readonly all: bigint;
}

interface Pattern extends PatternWord {
  /** Classes that match it. */
  readonly mask: bigint;
}

/** Node of a diagram whose edges are bit sets. The leaves contain the last field, the resource. */
export type AxisNode = AxisLeaf | AxisBranch;

export interface AxisLeaf {
  readonly kind: "end";
  readonly parts: readonly LeafPart[];
}

/** Set of resources: the bucket itself, some of its objects, or both. */
export interface On {
  readonly bucket: boolean;
  readonly keys: readonly Term<PatternWord>[];
}

/** Set of resources and how access to them changes. Equal parts are one object. */
export interface LeafPart {
  readonly effect: AccessEffect;
  readonly on: On;
  /** Same key for equal parts. */
  readonly key: string;
  /** Object key; empty for the bucket itself. */
  readonly sample: string;
}

export interface AxisBranch {
  readonly kind: "inner";
  readonly axis: Axis;
  readonly edges: readonly { readonly mask: bigint; readonly child: AxisNode }[];
}

/** Converts a diagram to bit sets. Throws OverBudget if its patterns make too many classes of texts. */
export function overAxes(diagram: Branch, budget: Budget): AxisNode {
  const branches = branchesOf(diagram);
  const axes = new Map<string, Axis>();
  for (const { field } of branches) {
    if (axes.has(field.name) || field.name === "resource") continue;
    axes.set(field.name, field.kind === "atoms" ? atomAxis(field) : textAxis(field, branches, budget));
  }
  const made = new Map<Branch, AxisNode>();
  const parts = new Map<string, LeafPart>();
  const convert = (node: Leaf | Branch): AxisNode => {
    if (node.kind === "leaf") throw new Error("every path tests the resource");
    const known =
      made.get(node) ?? (node.field.name === "resource" ? endOf(node, parts, budget) : innerOf(node));
    made.set(node, known);
    return known;
  };
  const innerOf = ({ field, edges }: Branch): AxisBranch => {
    const axis = axes.get(field.name);
    if (axis === undefined) throw new Error("each field of a diagram has an axis");
    return {
      kind: "inner",
      axis,
      edges: edges.map(({ values, child }) => ({ mask: maskOf(values, axis), child: convert(child) })),
    };
  };
  return convert(diagram);
}

/** Converts a resource branch. Its keys use only its own patterns: all of the diagram's make too many classes. */
function endOf(branch: Branch, all: Map<string, LeafPart>, budget: Budget): AxisLeaf {
  const parts = knownParts.get(branch) ?? partsOf(branch, budget);
  knownParts.set(branch, parts);
  return { kind: "end", parts: parts.map((part) => shared(part, all)) };
}

/** Parts of a branch. Diagrams under several interpretations have many branches in common. */
const knownParts = new WeakMap<Branch, readonly LeafPart[]>();

function partsOf({ field, edges }: Branch, budget: Budget): readonly LeafPart[] {
  if (field.kind !== "texts") throw new Error("the resource is a text field");
  const classes = new Map<AccessEffect, TextClass[]>();
  const parts: LeafPart[] = [];
  for (const { values, child } of edges) {
    if (child.kind !== "leaf" || values.kind !== "texts") continue;
    const effect = effectOf(child.before, child.after);
    if (values.absent) parts.push(partOf(effect, { bucket: true, keys: [] }, ""));
    classes.set(effect, [...(classes.get(effect) ?? []), ...values.classes]);
  }
  const groups = edges.flatMap(({ values }) => (values.kind === "texts" ? [values.groups] : []))[0] ?? [];
  for (const [effect, own] of classes) {
    if (own.length === 0) continue;
    const terms = termsOfTexts(
      field,
      groups,
      own.map(({ truth }) => truth),
      budget,
    );
    const on = { bucket: false, keys: sorted(terms.map(withoutIdle)) };
    parts.push(partOf(effect, on, own[0]?.sample ?? ""));
  }
  return parts;
}

function partOf(effect: AccessEffect, on: On, sample: string): LeafPart {
  return { effect, on, key: JSON.stringify([effect, on]), sample };
}

/** Removes the words that every key matches. */
function withoutIdle({ all, except }: Term<PatternWord>): Term<PatternWord> {
  return { all: all.filter(({ text, style }) => style.isLiteral || !/^\*+$/.test(text)), except };
}

/** Sorts terms by their text, so that equal lists have equal texts. */
function sorted(terms: readonly Term<PatternWord>[]): readonly Term<PatternWord>[] {
  const keyOf = ({ all, except }: Term<PatternWord>) =>
    [...all, ...except].map(({ text }) => text).join("\n");
  return [...terms].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

function shared(part: LeafPart, all: Map<string, LeafPart>): LeafPart {
  const known = all.get(part.key) ?? part;
  all.set(part.key, known);
  return known;
}

/** Returns the patterns of a text axis as named sets of its classes. */
export const patternNames = memoizeOf(({ patterns }: Axis): readonly NamedSet<PatternWord>[] =>
  patterns.map(({ text, style, mask }) => ({ word: { text, style }, mask })),
);

function branchesOf(diagram: Diagram): readonly Branch[] {
  const found = new Set<Branch>();
  const walk = (node: Diagram) => {
    if (node?.kind !== "branch" || found.has(node)) return;
    found.add(node);
    node.edges.forEach(({ child }: Edge) => {
      walk(child);
    });
  };
  walk(diagram);
  return [...found];
}

const atomAxis = memoizeOf((field: AtomField): Axis => {
  const samples = field.atoms.map(({ sample }) => sample);
  return { field, samples, patterns: [], all: (1n << BigInt(samples.length)) - 1n };
});

function textAxis(field: TextField, branches: readonly Branch[], budget: Budget): Axis {
  const edges = branches
    .filter((branch) => branch.field.name === field.name)
    .flatMap((branch) => branch.edges);
  const groups = edges.flatMap(({ values }) => (values.kind === "texts" ? values.groups : []));
  const words = new Map<string, PatternWord>();
  for (const word of [...groups.flatMap(wordsOf), ...familiarWords(field.name)])
    words.set(wordKey(word), word);
  return axisOfWords(field, { words: [...words.values()], budget });
}

interface AxisWords {
  readonly words: readonly PatternWord[];
  readonly budget: Budget;
}

/** Kept for as long as the fields of a question, so that its steps do not depend on earlier questions. */
const axisOfWords = memoizeWithin(
  ({ words }: AxisWords) => JSON.stringify(words.map(wordKey)),
  (field: TextField, { words, budget }: AxisWords) => findTextAxis(field, words, budget),
  Infinity,
);

function findTextAxis(field: TextField, list: readonly PatternWord[], budget: Budget): Axis {
  const kinds = textClasses({
    language: field.language,
    groups: queriesOf(list),
    isSettled: () => false,
    spend: (steps) => {
      budget.spend(steps, () => `the patterns of ${field.name} make too many kinds of texts`);
    },
  });
  const patterns = list.map((word, index) => ({
    ...word,
    mask: bitsWhere(kinds, (kind) => kind.truth[index] === true),
  }));
  const samples = [undefined, ...kinds.map(({ sample }) => sample)];
  return { field, samples, patterns, all: (1n << BigInt(samples.length)) - 1n };
}

/** Returns extra patterns that separate requests from the Internet from requests out of a VPC. */
function familiarWords(name: string): readonly PatternWord[] {
  if (name !== "acs:SourceVpc") return [];
  const literal = { isLiteral: true, foldsCase: false };
  return [
    { text: "", style: literal },
    { text: "vpc-*", style: { isLiteral: false, foldsCase: false } },
  ];
}

function bitsWhere(kinds: readonly TextClass[], holds: (kind: TextClass) => boolean): bigint {
  return kinds.reduce((sum, kind, index) => (holds(kind) ? sum | (1n << BigInt(index + 1)) : sum), 0n);
}

function maskOf(values: Values, axis: Axis): bigint {
  if (values.kind === "atoms") return values.mask & axis.all;
  const masks = values.groups.map((group) => maskOfGroup(axis, group));
  const texts = axis.all & ~1n;
  return values.classes.reduce(
    (sum, { truth }) =>
      sum |
      masks.reduce((kinds, mask, index) => (truth[index] === true ? kinds & mask : kinds & ~mask), texts),
    values.absent ? 1n : 0n,
  );
}

/** Returns the classes that match a group. */
const maskOfGroup = memoizeWithin(
  ({ key }: TextGroup) => key,
  ({ patterns }: Axis, group: TextGroup): bigint => {
    const words = new Set(wordsOf(group).map(wordKey));
    return patterns.reduce((sum, word) => (words.has(wordKey(word)) ? sum | word.mask : sum), 0n);
  },
);
