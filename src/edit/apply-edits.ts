import type { Edit } from "../diagnostic.ts";
import { LineStarts } from "../desired/span-in-text.ts";

/** Returns a text with these edits, whose spans must not overlap. Edits at one place are made in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const lines = new LineStarts(text);
  const located = edits.map(({ span, text: replacement }) => ({
    start: lines.offsetOf(span.start),
    end: lines.offsetOf(span.end),
    replacement,
  }));
  const pieces: string[] = [];
  let done = 0;
  for (const { start, end, replacement } of [...located].sort((a, b) => a.start - b.start)) {
    if (start < done) throw new Error("two edits of one text overlap");
    pieces.push(text.slice(done, start), replacement);
    done = end;
  }
  return [...pieces, text.slice(done)].join("");
}
