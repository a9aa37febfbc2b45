import type { Branch, Diagram, Edge, Leaf, Values } from "../engine/diagram.ts";
import type { AtomField, Field, TextField } from "../engine/fields.ts";
import { effectOf, type AccessEffect } from "../effect.ts";
import { compareText } from "../../diagnostic.ts";
import type { Budget } from "../budget.ts";
import { queriesOf, wordKey, wordsOf, type PatternWord } from "./pattern-words.ts";
import { termsOfTexts } from "./text-terms.ts";
import type { NamedSet, Term } from "./set-cover.ts";
import { textClasses, type TextClass } from "../text/text-classes.ts";

/**
 * A field with finitely many kinds of values: those that a diagram tells apart, one bit each. Of a text
 * field, bit 0 is a request without the key (under `resource`: to the bucket itself).
 */
export interface Axis {
  readonly field: Field;
  /** One value of each kind; undefined is a request without the key. */
  readonly samples: readonly (string | undefined)[];
  /** Of a text field: the patterns by which its kinds differ. */
  readonly patterns: readonly Pattern[];
  readonly all: bigint;
}

interface Pattern extends PatternWord {
  /** The kinds that match it. */
  readonly mask: bigint;
}

/** A diagram whose edges are sets of bits. What is asked on, its last field, is told at the ends. */
export type AxisNode = AxisLeaf | AxisBranch;

export interface AxisLeaf {
  readonly kind: "end";
  readonly parts: readonly LeafPart[];
}

/** The bucket itself, some of its objects, or both. */
export interface On {
  readonly bucket: boolean;
  readonly keys: readonly Term<PatternWord>[];
}

/** Some things that are asked on, and how access to them changes; equal ones are one object. */
export interface LeafPart {
  readonly effect: AccessEffect;
  readonly on: On;
  /** An object key; empty for the bucket itself. */
  readonly sample: string;
}

export interface AxisBranch {
  readonly kind: "inner";
  readonly axis: Axis;
  readonly edges: readonly { readonly mask: bigint; readonly child: AxisNode }[];
}

/** The same diagram over bits. Throws OverBudget where its patterns make too many kinds of texts. */
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
    if (node.kind === "leaf") throw new Error("every path asks on something");
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

/** The keys of one branch are named by its own patterns: those of the whole diagram would make too many kinds. */
function endOf({ field, edges }: Branch, all: Map<string, LeafPart>, budget: Budget): AxisLeaf {
  if (field.kind !== "texts") throw new Error("what is asked on is a text");
  const classes = new Map<AccessEffect, TextClass[]>();
  const parts: LeafPart[] = [];
  for (const { values, child } of edges) {
    if (child.kind !== "leaf" || values.kind !== "texts") continue;
    const effect = effectOf(child.before, child.after);
    if (values.absent) parts.push({ effect, on: { bucket: true, keys: [] }, sample: "" });
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
    parts.push({
      effect,
      on: { bucket: false, keys: sorted(terms.map(withoutIdle)) },
      sample: own[0]?.sample ?? "",
    });
  }
  return { kind: "end", parts: parts.map((part) => shared(part, all)) };
}

/** A term without the words that every key matches. */
function withoutIdle({ all, except }: Term<PatternWord>): Term<PatternWord> {
  return { all: all.filter(({ text, style }) => style.isLiteral || !/^\*+$/.test(text)), except };
}

/** By what they say, so that equal lists are equal texts. */
function sorted(terms: readonly Term<PatternWord>[]): readonly Term<PatternWord>[] {
  const keyOf = ({ all, except }: Term<PatternWord>) =>
    [...all, ...except].map(({ text }) => text).join("\n");
  return [...terms].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

function shared(part: LeafPart, all: Map<string, LeafPart>): LeafPart {
  const key = JSON.stringify([part.effect, part.on]);
  const known = all.get(key) ?? part;
  all.set(key, known);
  return known;
}

/** The patterns of a field's texts, as names for sets of their kinds. */
export function patternNames({ patterns }: Axis): readonly NamedSet<PatternWord>[] {
  return patterns.map(({ text, style, mask }) => ({ word: { text, style }, mask }));
}

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

function atomAxis(field: AtomField): Axis {
  const samples = field.atoms.map(({ sample }) => sample);
  return { field, samples, patterns: [], all: (1n << BigInt(samples.length)) - 1n };
}

function textAxis(field: TextField, branches: readonly Branch[], budget: Budget): Axis {
  const edges = branches
    .filter((branch) => branch.field.name === field.name)
    .flatMap((branch) => branch.edges);
  const groups = edges.flatMap(({ values }) => (values.kind === "texts" ? values.groups : []));
  const words = new Map<string, PatternWord>();
  for (const word of [...groups.flatMap(wordsOf), ...familiarWords(field.name)])
    words.set(wordKey(word), word);
  const list = [...words.values()];
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

/** The words by which people tell requests from the Internet from those out of a VPC. */
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
  const byWord = new Map(axis.patterns.map((pattern) => [wordKey(pattern), pattern.mask]));
  const masks = values.groups.map((group) =>
    wordsOf(group).reduce((sum, word) => sum | (byWord.get(wordKey(word)) ?? 0n), 0n),
  );
  const texts = axis.all & ~1n;
  return values.classes.reduce(
    (sum, { truth }) =>
      sum |
      masks.reduce((kinds, mask, index) => (truth[index] === true ? kinds & mask : kinds & ~mask), texts),
    values.absent ? 1n : 0n,
  );
}
