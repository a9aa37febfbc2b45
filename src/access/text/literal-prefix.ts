/** Literal prefixes of glob patterns: a cheap necessary condition for two patterns to overlap. */

import { memoize } from "../../memoize.ts";
import { asciiLower } from "../../policy/ascii.ts";

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

/** Literal start and end of a pattern; without a wildcard both are the whole of it. */
interface LiteralEnds {
  readonly start: LiteralPrefix;
  readonly end: string;
}

function endsOf(pattern: string): LiteralEnds {
  return {
    start: literalPrefixOf(pattern),
    end: pattern.slice(Math.max(pattern.lastIndexOf("*"), pattern.lastIndexOf("?")) + 1),
  };
}

/** Returns the ends of the parts of a role pattern, which are between its slashes, in lower case. */
const rolePartsOf = memoize((pattern) => asciiLower(pattern).split("/").map(endsOf));

/**
 * Returns false only if no role session matches both patterns, even if letter case is left aside. A session has two
 * slashes, so the parts of two patterns that have as many meet one by one.
 */
export function rolesMayOverlap(one: string, other: string): boolean {
  const [left, right] = [rolePartsOf(one), rolePartsOf(other)];
  if (left.length !== slashesOfSession + 1 || right.length !== slashesOfSession + 1) {
    const [first, second] = [left[0], right[0]];
    return first === undefined || second === undefined || mayOverlap(first.start, second.start);
  }
  return left.every((part, at) => {
    const also = right[at];
    return also === undefined || endsMayMeet(part, also);
  });
}

const slashesOfSession = 2;

function endsMayMeet(one: LiteralEnds, other: LiteralEnds): boolean {
  return mayOverlap(one.start, other.start) && (one.end.endsWith(other.end) || other.end.endsWith(one.end));
}
