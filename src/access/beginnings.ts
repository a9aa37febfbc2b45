/** What all texts begin with that match a pattern: its letters up to the first wildcard. */
export interface Beginning {
  readonly text: string;
  /** Whether they may go on after it. */
  readonly isOpen: boolean;
}

export function beginningOf(pattern: string): Beginning {
  const wildcard = pattern.search(/[*?]/);
  return wildcard < 0 ? { text: pattern, isOpen: false } : { text: pattern.slice(0, wildcard), isOpen: true };
}

/** Whether some text may have both beginnings; it is a quick look, and true says little. */
export function mayMeet(one: Beginning, other: Beginning): boolean {
  if (one.text.length > other.text.length) return mayMeet(other, one);
  return other.text.startsWith(one.text) && (one.isOpen || one.text === other.text);
}
