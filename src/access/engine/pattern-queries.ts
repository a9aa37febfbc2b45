/** Queries for the product automaton of one text field; patterns with equal consequences are one union. */

import type { Test, TextGroup } from "./fields.ts";
import { memoizeBy } from "../../memoize.ts";
import { textGroup } from "./text-groups.ts";
import type { TailQuery } from "./early-exit.ts";

/** Tail at a text field, with its sides: its effects in the two policies. */
export interface QueryingTail {
  readonly id: number;
  readonly next: number;
  readonly test: Test;
  readonly sides: number;
}

/** Queries on the texts of one field, and the tails that depend on the answers. */
export interface PatternQueries {
  /** Query n is true if a text matches one of the patterns of group n. */
  readonly queries: readonly TextGroup[];
  /** Groups that the product automaton tracks, each with the query that it is part of. */
  readonly groups: readonly { readonly of: TextGroup; readonly query: number }[];
  readonly tails: readonly TailQuery[];
}

/**
 * Merges tails with the same successor and sides into one query. It does not matter which of their
 * patterns a text matches, so the product automaton stays small.
 */
export function groupQueries(querying: readonly QueryingTail[]): PatternQueries {
  const alike = new Map<string, QueryingTail[]>();
  for (const tail of querying) {
    const key = `${tail.next} ${tail.sides} ${styleKey(tail.test) ?? tail.id}`;
    const members = alike.get(key) ?? [];
    members.push(tail);
    alike.set(key, members);
  }
  const queries = new Map<string, TextGroup>();
  const places = new Map<string, number>();
  const groups: { of: TextGroup; query: number }[] = [];
  const placeOf = (query: TextGroup, parts: readonly TextGroup[]) => {
    const known = places.get(query.key);
    if (known !== undefined) return known;
    const at = queries.size;
    queries.set(query.key, query);
    places.set(query.key, at);
    for (const of of parts) groups.push({ of, query: at });
    return at;
  };
  const tails: TailQuery[] = [];
  for (const members of alike.values()) {
    const parts = members.flatMap(({ test }) => (test.kind === "texts" ? test.groups : []));
    const own =
      members.length > 1
        ? [{ at: placeOf(unionOf(parts), parts), isNegated: false }]
        : parts.map((part) => ({ at: placeOf(part, [part]), isNegated: part.isNegated }));
    for (const { id, next, sides } of members) tails.push({ id, next, sides, queries: own });
  }
  return { queries: [...queries.values()], groups, tails };
}

/** Returns equal keys for tests that can share a query; undefined if the test cannot share one. */
function styleKey(test: Test): string | undefined {
  if (test.kind === "atoms" || test.groups.length !== 1) return undefined;
  const key = test.groups[0]?.unionKey;
  return key === "" ? undefined : key;
}

const maxUnions = 5_000;

const unionOf = memoizeBy(
  (groups: readonly TextGroup[]) => groups.map(({ id }) => id).join(),
  (groups): TextGroup => {
    const [first] = groups;
    if (first === undefined) throw new Error("a union has members");
    const patterns = [...new Set(groups.flatMap((group) => group.patterns))].sort();
    return textGroup(patterns, first.style, false, first.prefix);
  },
  maxUnions,
);
