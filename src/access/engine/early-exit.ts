import { allowAfter, allowBefore, denyAfter, denyBefore, isOnBothSides } from "./residual.ts";

/** A class at a field of texts: it goes on as `next` where every group that it asks for turns out so. */
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
 * Whether what is left of both sides is the same however the groups that are still open turn out. It is
 * asked at every state of an automaton, and most statements are in both policies: those count only where
 * the others differ.
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

/** Where the classes stand that these go on as; one that is still open stands for itself, below zero. */
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

/** Whether a class goes on; undefined where that is still open. */
export function holdsIn({ queries }: TailQuery, known: KnownAnswers): boolean | undefined {
  let all: boolean | undefined = true;
  for (const { at, isNegated } of queries) {
    const truth = known[at];
    if (truth === isNegated) return false;
    if (truth === undefined) all = undefined;
  }
  return all;
}
