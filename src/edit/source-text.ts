import type { Edit } from "../diagnostic.ts";
import type { SourceFile } from "../desired/load.ts";
import type { Node } from "../desired/node.ts";
import { LineStarts, SpanInText } from "../desired/span-in-text.ts";
import { parseYaml } from "../desired/yaml.ts";

/** Text of a policy file, with its tree before variables are replaced. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
  readonly node: Node;
  readonly lines: LineStarts;
}

/** Parses a file; undefined if its text is not valid. */
export function parseSource({ path, text }: SourceFile): SourceText | undefined {
  const { node } = parseYaml(text, path);
  return node === undefined ? undefined : { path, text, node, lines: new LineStarts(text) };
}

export function startOf({ lines }: SourceText, { span }: Pick<Node, "span">): number {
  return lines.offsetOf(span.start);
}

/** Returns the offset after the last character of a value. The span of a block collection also has what follows it. */
export function endOf(source: SourceText, node: Node): number {
  const end = source.lines.offsetOf(node.span.end);
  if (node.kind === "scalar")
    return node.block === undefined ? end : source.text.slice(0, end).trimEnd().length;
  if (isFlow(source, node)) return end;
  const last = node.kind === "list" ? node.items.at(-1) : node.entries.at(-1)?.value;
  return last === undefined ? end : endOf(source, last);
}

/** Returns whether a list or map is in brackets. */
export function isFlow(source: SourceText, node: Node): boolean {
  return node.kind !== "scalar" && /[[{]/.test(source.text.charAt(startOf(source, node)));
}

/** Returns the offset of the first character of a line. */
export function lineStart({ text }: SourceText, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Returns the offset of the line break of a line, or of the end of the text. */
export function lineEnd({ text }: SourceText, at: number): number {
  const feed = text.indexOf("\n", at);
  if (feed < 0) return text.length;
  return text.charAt(feed - 1) === "\r" ? feed - 1 : feed;
}

/** Returns the offset of the line after a line, or of the end of the text. */
export function nextLine({ text }: SourceText, at: number): number {
  const feed = text.indexOf("\n", at);
  return feed < 0 ? text.length : feed + 1;
}

/** Returns an edit that replaces a part of a text. New line ends are those of the file. */
export function replace({ path, lines, text }: SourceText, start: number, end: number, by: string): Edit {
  const written = text.includes("\r\n") ? by.replaceAll("\n", "\r\n") : by;
  return { span: new SpanInText(path, lines, start, end), text: written };
}
