/** Combinations of a principal, an action and a resource of a statement that requests met. */

import { isPattern, readAction } from "../policy/actions.ts";
import type { GrantField, Member } from "./grant-members.ts";

/** What requests met of one statement. */
export interface StatementCells {
  /** Actions of requests that met a wildcard action, by its word. */
  readonly byWildcard: ReadonlyMap<string, WildcardActions>;
  /**
   * Returns true if a request met the combination; an action that a wildcard covers has its own name. Undefined if there are
   * too many combinations to keep.
   */
  readonly has: ((principal: string, action: string, resource: string) => boolean) | undefined;
}

/** Actions that a wildcard covers: those of requests, and those that requests may have needed beside them. */
export interface WildcardActions {
  readonly seen: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

/** Collector of what requests meet. */
export interface CellSearch {
  /**
   * Adds a request that meets these members with this action: bit n is set if it meets member n. An action is possible if the
   * log does not say that the request needed it.
   */
  readonly add: (met: bigint, action: string, kind: keyof WildcardActions) => void;
  readonly of: (statement: number) => StatementCells;
}

/** Combinations that are kept for one bucket. */
export const maxCells = 20_000;
/** Sets of met members that are remembered as added. */
const maxKnown = 20_000;

interface OpenCells {
  readonly members: readonly { readonly member: Member; readonly bit: bigint }[];
  readonly byWildcard: Map<string, Readonly<Record<keyof WildcardActions, Set<string>>>>;
  readonly cells: Set<string>;
}

/** Starts to collect. A request meets each combination of the members that it meets, since the fields are tested one by one. */
export function searchCells(members: readonly Member[]): CellSearch {
  const statements = openCells(members);
  const known = new Set<string>();
  let kept = 0;
  return {
    add: (met, action, kind) => {
      const key = `${met} ${action} ${kind}`;
      if (met === 0n || known.has(key)) return;
      if (known.size >= maxKnown) known.clear();
      known.add(key);
      for (const one of statements.values()) {
        addWildcards(one, met, action, kind);
        if (kept > maxCells) continue;
        const before = one.cells.size;
        addCells(one, met, action);
        kept += one.cells.size - before;
      }
    },
    of: (statement) => {
      const found = statements.get(statement);
      const byWildcard = found?.byWildcard ?? new Map<string, WildcardActions>();
      if (kept > maxCells) return { byWildcard, has: undefined };
      return {
        byWildcard,
        has: (...words) => found?.cells.has(cellKey(...words)) === true,
      };
    },
  };
}

function openCells(members: readonly Member[]): ReadonlyMap<number, OpenCells> {
  const found = new Map<number, OpenCells>();
  for (const index of new Set(members.map(({ statement }) => statement)))
    found.set(index, {
      members: members.flatMap((member, at) =>
        member.statement === index ? [{ member, bit: 1n << BigInt(at) }] : [],
      ),
      byWildcard: new Map(),
      cells: new Set(),
    });
  return found;
}

function addWildcards(
  { members, byWildcard }: OpenCells,
  met: bigint,
  action: string,
  kind: keyof WildcardActions,
): void {
  for (const { member, bit } of members) {
    if ((met & bit) === 0n || member.field !== "action" || !isWildcard(member.word)) continue;
    const actions = byWildcard.get(member.word) ?? { seen: new Set(), possible: new Set() };
    actions[kind].add(action);
    byWildcard.set(member.word, actions);
  }
}

function addCells({ members, cells }: OpenCells, met: bigint, action: string): void {
  const wordsOf = (field: GrantField) =>
    members.flatMap(({ member, bit }) => (member.field === field && (met & bit) !== 0n ? [member.word] : []));
  const actions = new Set(wordsOf("action").map((word) => (isWildcard(word) ? action : word)));
  const [principals, resources] = [wordsOf("principal"), wordsOf("resource")];
  for (const principal of principals)
    for (const one of actions)
      for (const resource of resources) {
        cells.add(cellKey(principal, one, resource));
        if (cells.size > maxCells) return;
      }
}

function cellKey(principal: string, action: string, resource: string): string {
  return JSON.stringify([principal, action, resource]);
}

/** Returns true for a pattern that covers actions of the catalogue. */
export function isWildcard(word: string): boolean {
  return isPattern(word) && readAction(word).kind === "actions";
}
