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

/**
 * Returns a predicate: true if both policies have the same residual, whatever the open queries answer.
 * It runs at every state of the product automaton. Most tails are in both policies, so they are checked
 * only if the others differ.
 */
export function isSettledBy(tails: readonly TailQuery[]): (known: KnownAnswers) => boolean {
  const own = tails.filter(({ sides }) => !isOnBothSides(sides));
  const shared = tails.filter(({ sides }) => isOnBothSides(sides));
  return (known) => {
    const successors = new Map<number, number>();
    addSuccessors(own, known, successors);
    if (areAlike(successors, allows | denies)) return true;
    addSuccessors(shared, known, successors);
    const sure = successors.get(0) ?? 0;
    if ((sure & denies) === denies) return true;
    if (!areAlike(successors, denies)) return false;
    return (sure & allows) === allows || areAlike(successors, allows);
  };
}

/** Adds the sides of each successor tail. An open tail is its own successor, with a negative key. */
function addSuccessors(
  tails: readonly TailQuery[],
  known: KnownAnswers,
  successors: Map<number, number>,
): void {
  for (const rest of tails) {
    const holds = holdsIn(rest, known);
    if (holds === false) continue;
    const successor = holds === true ? rest.next : -1 - rest.id;
    successors.set(successor, (successors.get(successor) ?? 0) | rest.sides);
  }
}

function areAlike(successors: ReadonlyMap<number, number>, effect: number): boolean {
  for (const sides of successors.values()) if (!isOnBothSides(sides & effect)) return false;
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
