/** Groups of patterns of a statement, compiled when they are first needed. */

import { asciiLower } from "../../policy/ascii.ts";
import { memoizeBy } from "../../memoize.ts";
import { literalPrefixOf, type LiteralPrefix } from "../text/literal-prefix.ts";
import { patternSet, startStates, type NfaStates, type PatternSet, type PatternStyle } from "../text/nfa.ts";
import type { TextGroup } from "./fields.ts";

/** Size of the cache. Each group keeps its DFA, which may be large. */
const maxGroups = 1_000;

/** Returns the group that a text matches if one of the patterns matches `prefix` plus the text. Memoized. */
export function textGroup(
  patterns: readonly string[],
  style: PatternStyle,
  isNegated: boolean,
  prefix: string,
): TextGroup {
  return groupOf({ patterns, style, isNegated, prefix, key: JSON.stringify([patterns, style, prefix]) });
}

type GroupWords = Pick<TextGroup, "patterns" | "style" | "isNegated" | "prefix" | "key">;

const groupOf = memoizeBy(
  ({ isNegated, key }: GroupWords) => `${isNegated}${key}`,
  (words): TextGroup => new LazyGroup(words),
  maxGroups,
);

let made = 0;

/** Group whose NFA is built when it is first needed: that of a union often is not. */
class LazyGroup implements TextGroup {
  readonly patterns: readonly string[];
  readonly style: PatternStyle;
  readonly isNegated: boolean;
  readonly prefix: string;
  readonly key: string;
  readonly id: number;
  readonly unionKey: string;
  #group: PatternSet | undefined;
  #start: NfaStates | undefined;
  #begins: readonly LiteralPrefix[] | undefined;

  constructor({ patterns, style, isNegated, prefix, key }: GroupWords) {
    this.patterns = patterns;
    this.style = style;
    this.isNegated = isNegated;
    this.prefix = prefix;
    this.key = key;
    this.id = made += 1;
    this.unionKey = isNegated ? "" : `${style.isLiteral}${style.foldsCase}${prefix}`;
  }

  get group(): PatternSet {
    return (this.#group ??= patternSet(this.patterns, this.style));
  }

  get start(): NfaStates {
    return (this.#start ??= startStates(this.group, this.prefix));
  }

  get begins(): readonly LiteralPrefix[] {
    return (this.#begins ??= this.patterns.map((pattern) => {
      const folded = asciiLower(pattern);
      return this.style.isLiteral ? { text: folded, isOpen: false } : literalPrefixOf(folded);
    }));
  }
}
