import type { Diagnostic } from "../diagnostic.ts";

/** A value from a file, and all findings about its text. */
export interface Parsed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Joins lists of parsed values into one list, with the findings of all. */
export function joinParsed<T>(parts: readonly Parsed<readonly T[]>[]): Parsed<readonly T[]> {
  return {
    value: parts.flatMap(({ value }) => value),
    diagnostics: parts.flatMap(({ diagnostics }) => diagnostics),
  };
}
