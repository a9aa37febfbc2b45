import type { Span } from "../diagnostic.ts";
import type { Node } from "./node.ts";

/** Comment `# oss-policy-ignore CODE: reason`, which silences that lint finding on the next line. */
export interface Ignore {
  readonly code: string;
  /** Empty if there is none, which is a finding. */
  readonly reason: string;
  /** First line below that is not such a comment. */
  readonly line: number;
  readonly span: Span;
}

const comment = /^(\s*)#\s*oss-policy-ignore\b/;

/** Parses a line. What follows the word is cut by hand: comments may have any blanks, and patterns of blanks take long. */
function parseComment(
  line: string,
): { readonly indent: string; readonly code: string; readonly reason: string } | undefined {
  const match = comment.exec(line);
  if (match === null) return undefined;
  const [head, indent = ""] = match;
  const rest = line.slice(head.length).trim();
  const [code = ""] = /^[^\s:]*/.exec(rest) ?? [];
  const reason = rest.slice(code.length).trimStart().replace(/^:/, "").trimStart();
  return { indent, code, reason };
}

/** Finds the ignore comments of a file. A line may have several above it. */
export function parseIgnores(text: string, file: string, node: Node): readonly Ignore[] {
  if (!text.includes("oss-policy-ignore")) return [];
  const lines = text.split("\n");
  const textLines = new Set<number>();
  addTextLines(node, textLines);
  const ignores: Ignore[] = [];
  // From below, so that the line below a row of comments is known at each of them.
  let target = lines.length;
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    const found = textLines.has(index + 1) ? undefined : parseComment(line);
    if (found === undefined) {
      target = index;
      continue;
    }
    const { indent, code, reason } = found;
    const start = { line: index + 1, column: indent.length + 1 };
    const end = { line: index + 1, column: line.trimEnd().length + 1 };
    ignores.push({ code, reason, line: target + 1, span: { file, start, end } });
  }
  return ignores.reverse();
}

/** Adds the lines (from 1) that continue a text of an earlier line, on which `#` starts no comment. */
function addTextLines(top: Node, lines: Set<number>): void {
  const left: Node[] = [top];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.kind === "scalar" && typeof node.value === "string") addLines(node.span, lines);
    if (node.kind === "list") for (const item of node.items) left.push(item);
    if (node.kind === "map") {
      for (const { nameSpan, value } of node.entries) {
        addLines(nameSpan, lines);
        left.push(value);
      }
    }
  }
}

/** Adds the continuation lines of a span. A block scalar ends at the start of the next line, which is not part of it. */
function addLines({ start, end }: Span, lines: Set<number>): void {
  const last = end.column === 1 ? end.line - 1 : end.line;
  for (let line = start.line + 1; line <= last; line += 1) lines.add(line);
}
