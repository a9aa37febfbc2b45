import type { Edit, Position } from "../diagnostic.ts";

/** Returns a text with edits applied, each at its place in the text as it was. They must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const starts = lineStarts(text);
  const offsetOf = ({ line, column }: Position) => (starts[line - 1] ?? text.length) + column - 1;
  const inOrder = edits
    .map((edit) => ({ from: offsetOf(edit.span.start), to: offsetOf(edit.span.end), text: edit.text }))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  let at = 0;
  let result = "";
  for (const { from, to, text: replacement } of inOrder) {
    result += text.slice(at, from) + replacement;
    at = to;
  }
  return result + text.slice(at);
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

function lineStarts(text: string): readonly number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
