import { allowAfter, allowBefore, denyAfter, denyBefore, isAlike } from "./remains.ts";

/** A class at a field of texts: it goes on as `next` where every group that it asks for turns out so. */
export interface Rest {
  readonly id: number;
  readonly next: number;
  readonly standing: number;
  readonly asked: readonly { readonly at: number; readonly isNegated: boolean }[];
}

type Known = readonly (boolean | undefined)[];

const allows = allowBefore | allowAfter;
const denies = denyBefore | denyAfter;

/**
 * Whether what is left of both sides is the same however the groups that are still open turn out. It is
 * asked at every state of an automaton, and most statements are in both policies: those count only where
 * the others differ.
 */
export function settledBy(rests: readonly Rest[]): (known: Known) => boolean {
  const own = rests.filter(({ standing }) => !isAlike(standing));
  const shared = rests.filter(({ standing }) => isAlike(standing));
  return (known) => {
    const fates = new Map<number, number>();
    addFates(own, known, fates);
    if (areAlike(fates, allows | denies)) return true;
    addFates(shared, known, fates);
    const sure = fates.get(0) ?? 0;
    if ((sure & denies) === denies) return true;
    if (!areAlike(fates, denies)) return false;
    return (sure & allows) === allows || areAlike(fates, allows);
  };
}

/** Where the classes stand that these go on as; one that is still open stands for itself, below zero. */
function addFates(rests: readonly Rest[], known: Known, fates: Map<number, number>): void {
  for (const rest of rests) {
    const holds = holdsIn(rest, known);
    if (holds === false) continue;
    const fate = holds === true ? rest.next : -1 - rest.id;
    fates.set(fate, (fates.get(fate) ?? 0) | rest.standing);
  }
}

function areAlike(fates: ReadonlyMap<number, number>, effect: number): boolean {
  for (const standing of fates.values()) if (!isAlike(standing & effect)) return false;
  return true;
}

/** Whether a class goes on; undefined where that is still open. */
export function holdsIn({ asked }: Rest, known: Known): boolean | undefined {
  let all: boolean | undefined = true;
  for (const { at, isNegated } of asked) {
    const truth = known[at];
    if (truth === isNegated) return false;
    if (truth === undefined) all = undefined;
  }
  return all;
}
