import type { Position, Range } from "vscode-languageserver";
import type { Span } from "../diagnostic.ts";

/** Returns the range of a span. The protocol counts lines and UTF-16 code units from 0. */
export function rangeOf({ start, end }: Pick<Span, "start" | "end">): Range {
  return {
    start: { line: start.line - 1, character: start.column - 1 },
    end: { line: end.line - 1, character: end.column - 1 },
  };
}

export function overlaps(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
