import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  isNode,
  parseDocument,
  type Alias,
  type Document,
  type Node as YamlNode,
  type Scalar,
} from "yaml";
import type { Diagnostic, Position, Span } from "../diagnostic.ts";
import { exactNumber } from "../policy/json.ts";
import type { Entry, Node } from "./node.ts";

/** More than this many values in one file is an alias bomb or a mistake: OSS takes 16 KB of policy. */
const mostNodes = 20_000;
/** In UTF-16 code units; far above what a 16 KB policy needs. */
const mostCharacters = 256_000;
/** A file that is not YAML at all has no end of errors, and the first ones tell it. */
const mostErrors = 20;

export interface ParsedYaml {
  /** Undefined where the text is no YAML, or is empty. */
  readonly node: Node | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one YAML document, with the place of every value and all digits of every number. */
export function parseYaml(text: string, file: string): ParsedYaml {
  if (text.length > mostCharacters) {
    return refused(
      file,
      `the file has more than ${mostCharacters} characters`,
      "an OSS policy has 16 KB at most",
    );
  }
  const lines = new LineStarts(text);
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { prettyErrors: false, stringKeys: true, uniqueKeys: false });
  } catch (error) {
    if (error instanceof RangeError)
      return refused(file, "the YAML is nested too deeply", "write it flatter");
    throw error;
  }
  const reader = new Reader(document, lines, file);
  try {
    const node = reader.read();
    return { node, diagnostics: reader.diagnostics };
  } catch (error) {
    if (error instanceof RangeError) return refused(file, "an alias holds itself", "write the value out");
    throw error;
  }
}

function refused(file: string, message: string, help: string): ParsedYaml {
  const start = { line: 1, column: 1 };
  const span = { file, start, end: start };
  return {
    node: undefined,
    diagnostics: [{ code: "yaml", severity: "error", message, span, help }],
  };
}

/** One pass over one document; it lives as long as that pass. */
class Reader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #document: Document.Parsed;
  readonly #lines: LineStarts;
  readonly #file: string;
  readonly #anchors = new Map<string, YamlNode>();
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineStarts, file: string) {
    this.#document = document;
    this.#lines = lines;
    this.#file = file;
  }

  read(): Node | undefined {
    for (const problem of [...this.#document.errors, ...this.#document.warnings].slice(0, mostErrors)) {
      const { message, help } = plainWords(problem.code, problem.message);
      this.#report(message, this.#span(problem.pos[0], problem.pos[1]), help);
    }
    if (this.diagnostics.length > 0 || this.#document.contents === null) return undefined;
    const node = this.#node(this.#document.contents, this.#span(0, 0));
    if (this.#nodes <= mostNodes) return node;
    this.#report(`the file has more than ${mostNodes} values`, this.#span(0, 0), "write out fewer aliases");
    return undefined;
  }

  #node(item: unknown, fallback: Span): Node {
    this.#nodes += 1;
    if (this.#nodes > mostNodes) return { kind: "scalar", value: null, span: fallback };
    if (isAlias(item)) return this.#alias(item, this.#spanOf(item, fallback));
    if (isNode(item) && "anchor" in item && typeof item.anchor === "string")
      this.#anchors.set(item.anchor, item);
    const span = this.#spanOf(item, fallback);
    if (isScalar(item)) return this.#scalar(item, span);
    if (isSeq(item)) return { kind: "list", items: item.items.map((child) => this.#node(child, span)), span };
    if (isMap(item)) return { kind: "map", entries: this.#entries(item.items, span), span };
    return { kind: "scalar", value: null, span };
  }

  /** An alias stands for the last value before it that has its anchor. */
  #alias(alias: Alias, span: Span): Node {
    const target = this.#anchors.get(alias.source);
    if (target !== undefined) return this.#node(target, span);
    this.#report(
      `\`*${alias.source}\` is an alias of nothing`,
      span,
      "write a text that begins with `*` in quotes",
    );
    return { kind: "scalar", value: null, span };
  }

  #entries(pairs: readonly { key: unknown; value: unknown }[], fallback: Span): readonly Entry[] {
    const names = new Set<string>();
    const entries: Entry[] = [];
    for (const pair of pairs) {
      if (this.#nodes > mostNodes) break;
      const entry = this.#entry(pair, fallback);
      if (names.has(entry.name))
        this.#report("this key stands here twice", entry.nameSpan, "keep one of the two");
      names.add(entry.name);
      entries.push(entry);
    }
    return entries;
  }

  #entry(pair: { key: unknown; value: unknown }, fallback: Span): Entry {
    const nameSpan = this.#spanOf(pair.key, fallback);
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const isQuoted = isScalar(pair.key) && pair.key.type !== "PLAIN";
    const mend = name === "<<" && isQuoted ? undefined : refusedKeys.get(name);
    if (mend !== undefined) this.#report(`\`${name}\` cannot be a key here`, nameSpan, mend);
    return { name, nameSpan, value: this.#node(pair.value, nameSpan) };
  }

  #scalar(scalar: Scalar, span: Span): Node {
    const { value, source = "" } = scalar;
    if (typeof value !== "number") return { kind: "scalar", value: value as string | boolean | null, span };
    if (jsonNumber.test(source)) return { kind: "scalar", value: exactNumber(source), span };
    this.#report(`\`${source}\` is not a JSON number`, span, `write it in quotes: \`"${source}"\``);
    return { kind: "scalar", value: null, span };
  }

  #spanOf(item: unknown, fallback: Span): Span {
    const range = (item as { range?: [number, number, number] | null } | null | undefined)?.range;
    return range ? this.#span(range[0], range[1]) : fallback;
  }

  #span(start: number, end: number): Span {
    return new SpanInText(this.#file, this.#lines, start, end);
  }

  #report(message: string, span: Span, help: string | undefined): void {
    this.diagnostics.push({
      code: "yaml",
      severity: "error",
      message,
      span,
      ...(help === undefined ? {} : { help }),
    });
  }
}

/**
 * A span that works out its lines and columns when somebody asks: every value of a tree has one, and
 * only the few that a finding speaks of are ever looked at.
 */
class SpanInText implements Span {
  readonly file: string;
  readonly #lines: LineStarts;
  readonly #start: number;
  readonly #end: number;

  constructor(file: string, lines: LineStarts, start: number, end: number) {
    this.file = file;
    this.#lines = lines;
    this.#start = start;
    this.#end = end;
  }

  get start(): Position {
    return this.#position(this.#start);
  }

  get end(): Position {
    return this.#position(this.#end);
  }

  #position(offset: number): Position {
    return this.#lines.positionOf(offset);
  }
}

/** Where each line of a text begins; found once, and only if somebody asks for a place. */
class LineStarts {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  positionOf(offset: number): Position {
    const starts = (this.#starts ??= lineStarts(this.#text));
    const within = Math.min(Math.max(offset, 0), this.#text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: within - (starts[low] ?? 0) + 1 };
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

const jsonNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;

const refusedKeys: ReadonlyMap<string, string> = new Map([
  ["<<", "merge keys are not supported: write the keys out, or share statements through a statement set"],
  ["__proto__", "many JSON readers lose a member of this name"],
]);

/** The messages of the YAML parser in this project's words where a newcomer meets them. */
function plainWords(code: string, message: string): { message: string; help?: string } {
  switch (code) {
    case "MULTIPLE_DOCS":
      return { message: "the file holds more than one YAML document", help: "write one file a bucket" };
    case "NON_STRING_KEY":
      return { message: "a key must be a string" };
    case "BAD_ALIAS":
      return { message: "`*` begins an alias in YAML", help: 'write it in quotes: `"*"`' };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        message: "a second `: ` on one line",
        help: "write a text that holds `: ` in quotes, or begin a new line",
      };
    case "BAD_INDENT":
    case "MISSING_CHAR":
    case "IMPOSSIBLE":
    case "UNEXPECTED_TOKEN":
      return {
        message: lowerFirst(message),
        help: "look at the indentation and the quotes here and on the line above",
      };
    case "TAB_AS_INDENT":
      return { message: "a tab cannot indent YAML", help: "indent with spaces" };
    default:
      if (message.includes("call stack"))
        return { message: "the YAML is nested too deeply", help: "write it flatter" };
      return { message: lowerFirst(message) };
  }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1).replaceAll("\n", " ");
}
