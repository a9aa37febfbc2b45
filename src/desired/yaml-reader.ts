import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Node as YamlNode,
  type Scalar,
} from "yaml";
import type { Span } from "../diagnostic.ts";
import { exactNumber } from "../policy/json.ts";
import type { Entry, Node, ScalarNode } from "./node.ts";
import { SpanInText, type LineStarts } from "./span-in-text.ts";
import type { YamlProblem } from "./yaml-problem.ts";

/** Maximum of values in a file. More are an alias bomb or a mistake: OSS accepts 16 KB of policy. */
const maxNodes = 20_000;
/** Maximum depth: a live policy is read to a depth of 100, and is one level deeper in a file. */
const maxDepth = 101;
/** Maximum of reported problems. */
const maxProblems = 20;

/** Converter of one YAML document to a tree of nodes; for a single use. */
export class Reader {
  readonly problems: YamlProblem[] = [];
  readonly #lines: LineStarts;
  readonly #file: string;
  readonly #anchors = new Map<string, YamlNode>();
  #nodes = 0;
  #isOver = false;

  constructor(lines: LineStarts, file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  /** Returns undefined if the document has a value that JSON cannot express, which is then in `problems`. */
  read(contents: YamlNode): Node | undefined {
    const node = this.#node(contents, [0, 0], 1);
    return this.problems.length === 0 ? node : undefined;
  }

  #node(item: unknown, fallback: SourceRange, depth: number): Node {
    const range = rangeOf(item) ?? fallback;
    this.#nodes += 1;
    if (this.#nodes > maxNodes)
      this.#stop([0, 0], `the file has more than ${maxNodes} values`, "write out fewer aliases");
    if (depth > maxDepth && !isScalar(item))
      this.#stop(
        range,
        "the YAML is nested too deeply",
        "write it with fewer levels, and no alias inside itself",
      );
    const span = this.#span(range);
    if (this.#isOver) return { kind: "scalar", value: null, span };
    if (isAlias(item)) return this.#alias(item, range, depth);
    if (isNode(item) && "anchor" in item && typeof item.anchor === "string")
      this.#anchors.set(item.anchor, item);
    if (isScalar(item)) return this.#scalar(item, range);
    if (isSeq(item))
      return { kind: "list", items: item.items.map((child) => this.#node(child, range, depth + 1)), span };
    if (isMap(item)) return { kind: "map", entries: this.#entries(item.items, range, depth + 1), span };
    return { kind: "scalar", value: null, span };
  }

  /** Resolves an alias to the last value before it that has its anchor. */
  #alias(alias: Alias, range: SourceRange, depth: number): Node {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return this.#node(target, range, depth + 1);
    const message = `\`*${alias.source}\` is an alias, and there is no anchor \`&${alias.source}\` before it`;
    this.#report(range, message, `write a text that begins with \`*\` in quotes: \`"*${alias.source}"\``);
    return { kind: "scalar", value: null, span: this.#span(range) };
  }

  #entries(
    pairs: readonly { key: unknown; value: unknown }[],
    fallback: SourceRange,
    depth: number,
  ): readonly Entry[] {
    const entries = new Map<string, Entry>();
    const ranges = new Map<string, SourceRange>();
    for (const pair of pairs) {
      if (this.#isOver) break;
      const entry = this.#entry(pair, fallback, depth);
      const range = rangeOf(pair.key) ?? fallback;
      const first = ranges.get(entry.name);
      if (first !== undefined) this.#duplicate(entry.name, range, first);
      entries.set(entry.name, entry);
      ranges.set(entry.name, first ?? range);
    }
    return [...entries.values()];
  }

  #entry(pair: { key: unknown; value: unknown }, fallback: SourceRange, depth: number): Entry {
    const range = rangeOf(pair.key) ?? fallback;
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const isQuoted = isScalar(pair.key) && pair.key.type !== "PLAIN";
    const help = name === "<<" && isQuoted ? undefined : refusedKeys.get(name);
    if (help !== undefined) this.#report(range, `\`${name}\` cannot be a key here`, help);
    return { name, nameSpan: this.#span(range), value: this.#node(pair.value, range, depth) };
  }

  #scalar(scalar: Scalar, range: SourceRange): ScalarNode {
    const span = this.#span(range);
    const { value, source = "", anchor, type } = scalar;
    if (anchor !== undefined && source === "" && type === "PLAIN") {
      const help = `write a text that begins with \`&\` in quotes: \`"&${anchor}"\``;
      this.#report(range, `\`&${anchor}\` is an anchor, and no value follows it`, help);
    }
    if (typeof value === "string") {
      const block = type === "BLOCK_FOLDED" ? ">" : type === "BLOCK_LITERAL" ? "|" : undefined;
      const comment = block !== undefined && scalar.comment ? ({ hasComment: true } as const) : {};
      return { kind: "scalar", value, span, ...(block === undefined ? {} : { block }), ...comment };
    }
    if (typeof value === "boolean" || value === null) return { kind: "scalar", value, span, source };
    if (typeof value === "number" && jsonNumber.test(source))
      return { kind: "scalar", value: exactNumber(source), span, source };
    this.#report(range, `\`${source}\` is not a JSON number`, `write it in quotes: \`"${source}"\``);
    return { kind: "scalar", value: null, span };
  }

  #span([start, end]: SourceRange): Span {
    return new SpanInText(this.#file, this.#lines, start, end);
  }

  #duplicate(name: string, range: SourceRange, [start, end]: SourceRange): void {
    const related = [{ message: "the first one", start, end }];
    this.#report(range, `the key \`${name}\` is set twice`, "keep one of the two", related);
  }

  /** Stops the pass, and reports only this problem. */
  #stop(range: SourceRange, message: string, help: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.problems.splice(0, Infinity, { message, help, start: range[0], end: range[1] });
  }

  #report([start, end]: SourceRange, message: string, help: string, related?: YamlProblem["related"]): void {
    if (this.#isOver || this.problems.length >= maxProblems) return;
    this.problems.push({ message, help, start, end, ...(related === undefined ? {} : { related }) });
  }
}

/** Offsets of the first character and after the last. */
type SourceRange = readonly [number, number];

function rangeOf(item: unknown): SourceRange | undefined {
  const range = (item as { range?: readonly [number, number, number] | null } | null | undefined)?.range;
  return range ? [range[0], range[1]] : undefined;
}

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

const refusedKeys: ReadonlyMap<string, string> = new Map([
  ["<<", "merge keys are not supported: write the keys out, or share statements through a statement set"],
  ["__proto__", "many JSON readers lose a member of this name"],
]);
