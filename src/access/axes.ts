import type { Branch, Diagram, Edge, Leaf, Values } from "./compare.ts";
import type { AtomField, Field, TextField, TextGroup } from "./fields.ts";
import { patternGroup, startOf, textClasses, type PatternStyle, type TextClass } from "./texts.ts";

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

export interface Pattern {
  readonly text: string;
  readonly style: PatternStyle;
  /** The kinds that match it. */
  readonly mask: bigint;
}

/** A diagram whose edges are sets of bits. */
export type Node = Leaf | Inner;

export interface Inner {
  readonly kind: "inner";
  readonly axis: Axis;
  readonly edges: readonly { readonly mask: bigint; readonly child: Node }[];
}

/** More kinds of texts than anybody wants to read of. */
const mostStates = 20_000;

export class TooManyKinds extends Error {}

/** The same diagram over bits. Throws TooManyKinds where its patterns make too many kinds of texts. */
export function overAxes(diagram: Leaf | Branch): Node {
  const branches = branchesOf(diagram);
  const axes = new Map<string, Axis>();
  for (const { field, edges } of branches) {
    if (axes.has(field.name)) continue;
    axes.set(field.name, field.kind === "atoms" ? atomAxis(field) : textAxis(field, branches));
    if (edges.length === 0) throw new Error("a branch without edges is no branch");
  }
  const made = new Map<Branch, Node>();
  const convert = (node: Leaf | Branch): Node => {
    if (node.kind === "leaf") return node;
    const known = made.get(node);
    if (known !== undefined) return known;
    const axis = axes.get(node.field.name);
    if (axis === undefined) throw new Error("each field of a diagram has an axis");
    const edges = node.edges.map(({ values, child }) => ({
      mask: maskOf(values, axis),
      child: convert(child),
    }));
    const inner: Inner = { kind: "inner", axis, edges };
    made.set(node, inner);
    return inner;
  };
  return convert(diagram);
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

function textAxis(field: TextField, branches: readonly Branch[]): Axis {
  const edges = branches
    .filter((branch) => branch.field.name === field.name)
    .flatMap((branch) => branch.edges);
  const groups = edges.flatMap(({ values }) => (values.kind === "texts" ? values.groups : []));
  const words = new Map<string, { text: string; style: PatternStyle }>();
  for (const word of [...groups.flatMap(wordsOf), ...familiarWords(field.name)])
    words.set(wordKey(word), word);
  const list = [...words.values()];
  const asked = list.map(({ text, style }) => patternGroup([text], style));
  let states = 0;
  const kinds = textClasses({
    language: field.language,
    groups: asked,
    places: asked.map((group) => startOf(group)),
    isSettled: () => false,
    spend: () => {
      states += 1;
      if (states > mostStates)
        throw new TooManyKinds(`the patterns of ${field.name} make too many kinds of texts`);
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
function familiarWords(name: string): readonly { text: string; style: PatternStyle }[] {
  if (name !== "acs:SourceVpc") return [];
  const literal = { isLiteral: true, foldsCase: false };
  return [
    { text: "", style: literal },
    { text: "vpc-*", style: { isLiteral: false, foldsCase: false } },
  ];
}

/** What is left of the patterns of a group behind the text that each of its texts begins with. */
function wordsOf(group: TextGroup): readonly { text: string; style: PatternStyle }[] {
  const { patterns, start, style } = group;
  return patterns.flatMap((pattern, index) => {
    const letters = [...pattern];
    const begin = group.group.starts[index] ?? 0;
    const places = start
      .map((place) => place - begin)
      .filter((place) => place >= 0 && place <= letters.length);
    const isRun = (place: number) => !style.isLiteral && letters[place] === "*";
    return places
      .filter((place) => !(isRun(place - 1) && places.includes(place - 1)))
      .map((place) => ({
        text: letters.slice(place).join(""),
        style: plainStyle(letters.slice(place), style),
      }));
  });
}

/** A pattern without a wildcard is the text itself, whatever the operator. */
function plainStyle(letters: readonly string[], { isLiteral, foldsCase }: PatternStyle): PatternStyle {
  return { isLiteral: isLiteral || !letters.some((letter) => letter === "*" || letter === "?"), foldsCase };
}

function wordKey({ text, style }: { text: string; style: PatternStyle }): string {
  return `${Number(style.isLiteral)}${Number(style.foldsCase)}${text}`;
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
