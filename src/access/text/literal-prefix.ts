/** What all texts begin with that match a pattern: its letters up to the first wildcard. */
export interface LiteralPrefix {
  readonly text: string;
  /** Whether they may go on after it. */
  readonly isOpen: boolean;
}

export function literalPrefixOf(pattern: string): LiteralPrefix {
  const wildcard = pattern.search(/[*?]/);
  return wildcard < 0 ? { text: pattern, isOpen: false } : { text: pattern.slice(0, wildcard), isOpen: true };
}

/** Whether some text may have both beginnings; it is a quick look, and true says little. */
export function mayOverlap(one: LiteralPrefix, other: LiteralPrefix): boolean {
  if (one.text.length > other.text.length) return mayOverlap(other, one);
  return other.text.startsWith(one.text) && (one.isOpen || one.text === other.text);
}
