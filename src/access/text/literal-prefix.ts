/** Literal prefixes of glob patterns: a cheap necessary condition for two patterns to overlap. */

/** Literal prefix of a pattern: its letters up to the first wildcard. */
export interface LiteralPrefix {
  readonly text: string;
  /** True if the pattern continues with a wildcard. */
  readonly isOpen: boolean;
}

export function literalPrefixOf(pattern: string): LiteralPrefix {
  const wildcard = pattern.search(/[*?]/);
  return wildcard < 0 ? { text: pattern, isOpen: false } : { text: pattern.slice(0, wildcard), isOpen: true };
}

/** Returns false only if no text matches both patterns. A quick check: true proves nothing. */
export function mayOverlap(one: LiteralPrefix, other: LiteralPrefix): boolean {
  if (one.text.length > other.text.length) return mayOverlap(other, one);
  return other.text.startsWith(one.text) && (one.isOpen || one.text === other.text);
}
