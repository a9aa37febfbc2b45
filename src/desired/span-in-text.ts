import type { Position, Span } from "../diagnostic.ts";

/**
 * Span that computes its lines and columns on demand: every value of a tree has one, and only the few with a
 * finding are read.
 */
export class SpanInText implements Span {
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

/** Offsets of the line starts of a text, computed on demand and memoized. */
export class LineStarts {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get count(): number {
    return this.#all.length;
  }

  get #all(): readonly number[] {
    return (this.#starts ??= lineStarts(this.#text));
  }

  positionOf(offset: number): Position {
    const starts = this.#all;
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

  /** Returns the offset of a position, the inverse of `positionOf`. */
  offsetOf({ line, column }: Position): number {
    return (this.#all[line - 1] ?? this.#text.length) + column - 1;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Place where a variable is used; `origin` is the place of its value. */
export class UsedSpan implements Span {
  readonly origin: Span;
  readonly #use: Span;

  constructor(use: Span, origin: Span) {
    this.#use = use;
    this.origin = origin;
  }

  get file(): string {
    return this.#use.file;
  }

  get start(): Position {
    return this.#use.start;
  }

  get end(): Position {
    return this.#use.end;
  }
}
