import type { Edit, Position } from "../diagnostic.ts";
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

/** Returns the edits that overlap none before them; of two for one place the first counts. */
export function withoutOverlaps(edits: readonly (readonly Edit[])[]): readonly (readonly Edit[])[] {
  const taken: Edit[] = [];
  return edits.filter((some) => {
    if (some.some((edit) => taken.some((other) => overlap(edit, other)))) return false;
    taken.push(...some);
    return true;
  });
}

/** Edits that touch are left to the next round: what stands between them may be one value. */
function overlap({ span: a }: Edit, { span: b }: Edit): boolean {
  return a.file === b.file && !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

export function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}
