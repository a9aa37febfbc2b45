/** Three-valued (Kleene) evaluation of statement tails, so that the product automaton is left early. */

import { allowAfter, allowBefore, denyAfter, denyBefore, isOnBothSides } from "./residual.ts";

/** Tail at a text field: it continues as `next` if each of its queries has the required answer. */
export interface TailQuery {
  readonly id: number;
  readonly next: number;
  readonly sides: number;
  readonly queries: readonly { readonly at: number; readonly isNegated: boolean }[];
}

type KnownAnswers = readonly (boolean | undefined)[];

const allows = allowBefore | allowAfter;
const denies = denyBefore | denyAfter;

/** Tail with the places of its successor and, while it is open, of itself. */
interface PlacedTail {
  readonly rest: TailQuery;
  readonly place: number;
  readonly openPlace: number;
}

/**
 * Returns a predicate: true if both policies have the same residual, whatever the open queries answer.
 * It runs at every state of the product automaton. Most tails are in both policies, so they are checked
 * only if the others differ.
 */
export function isSettledBy(tails: readonly TailQuery[]): (known: KnownAnswers) => boolean {
  // Place 0 is for what has no tests left.
  const places = new Map([[0, 0]]);
  for (const { next } of tails) if (!places.has(next)) places.set(next, places.size);
  const own: PlacedTail[] = [];
  const shared: PlacedTail[] = [];
  for (const [index, rest] of tails.entries()) {
    const placed = { rest, place: places.get(rest.next) ?? 0, openPlace: places.size + index };
    (isOnBothSides(rest.sides) ? shared : own).push(placed);
  }
  const successors = new Uint8Array(places.size + tails.length);
  return (known) => {
    successors.fill(0);
    addSuccessors(own, known, successors);
    if (areAlike(successors, allows | denies)) return true;
    addSuccessors(shared, known, successors);
    const sure = successors[0] ?? 0;
    if ((sure & denies) === denies) return true;
    if (!areAlike(successors, denies)) return false;
    return (sure & allows) === allows || areAlike(successors, allows);
  };
}

/** Adds the sides of each successor tail. An open tail is its own successor. */
function addSuccessors(tails: readonly PlacedTail[], known: KnownAnswers, successors: Uint8Array): void {
  for (const { rest, place, openPlace } of tails) {
    const holds = holdsIn(rest, known);
    if (holds === false) continue;
    const at = holds === true ? place : openPlace;
    successors[at] = (successors[at] ?? 0) | rest.sides;
  }
}

function areAlike(successors: Uint8Array, effect: number): boolean {
  for (const sides of successors) if (!isOnBothSides(sides & effect)) return false;
  return true;
}

/** Returns whether a tail continues; undefined if its queries are still open. */
export function holdsIn({ queries }: TailQuery, known: KnownAnswers): boolean | undefined {
  let all: boolean | undefined = true;
  for (const { at, isNegated } of queries) {
    const truth = known[at];
    if (truth === isNegated) return false;
    if (truth === undefined) all = undefined;
  }
  return all;
}
