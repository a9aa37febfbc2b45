import type { Side } from "./side.ts";

/** A class at a field of texts: it goes on as `next` where every group that it asks for turns out so. */
export interface Rest {
  readonly id: number;
  readonly next: number;
  readonly asked: readonly { readonly at: number; readonly isNegated: boolean }[];
}

/** Of one effect: what both policies have, and what only one of them has. */
interface Parts {
  readonly both: readonly Rest[];
  readonly left: readonly Rest[];
  readonly right: readonly Rest[];
}

type Known = readonly (boolean | undefined)[];

/**
 * Whether what is left of both sides is the same however the groups that are still open turn out. It is
 * asked at every state of an automaton, and most statements are in both policies: those count only where
 * the others differ.
 */
export function settledBy(
  x: Side,
  y: Side,
  restsOf: (ids: readonly number[]) => readonly Rest[],
): (known: Known) => boolean {
  const parts = (left: readonly number[], right: readonly number[]): Parts => ({
    both: restsOf(left.filter((id) => right.includes(id))),
    left: restsOf(left.filter((id) => !right.includes(id))),
    right: restsOf(right.filter((id) => !left.includes(id))),
  });
  const [allow, deny] = [parts(x.allow, y.allow), parts(x.deny, y.deny)];
  return (known) => {
    const [allowed, denied] = [sidesOf(allow, known), sidesOf(deny, known)];
    if (isSame(allowed, none) && isSame(denied, none)) return true;
    const deniedBoth = fatesOf(deny.both, known);
    if (deniedBoth.has(0) || (denied.left.has(0) && denied.right.has(0))) return true;
    if (denied.left.has(0) || denied.right.has(0) || !isSame(denied, deniedBoth)) return false;
    const allowedBoth = fatesOf(allow.both, known);
    if (allowedBoth.has(0) || (allowed.left.has(0) && allowed.right.has(0))) return true;
    return !allowed.left.has(0) && !allowed.right.has(0) && isSame(allowed, allowedBoth);
  };
}

interface Fates {
  readonly left: ReadonlySet<number>;
  readonly right: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();

function sidesOf({ left, right }: Parts, known: Known): Fates {
  return { left: fatesOf(left, known), right: fatesOf(right, known) };
}

/** The classes that these go on as; one that is still open stands for itself, below zero. */
function fatesOf(rests: readonly Rest[], known: Known): ReadonlySet<number> {
  if (rests.length === 0) return none;
  const fates = new Set<number>();
  for (const rest of rests) {
    const holds = holdsIn(rest, known);
    if (holds !== false) fates.add(holds === true ? rest.next : -1 - rest.id);
  }
  return fates;
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

/** Whether both are the same beside what both have anyway. */
function isSame({ left, right }: Fates, both: ReadonlySet<number>): boolean {
  for (const one of left) if (!right.has(one) && !both.has(one)) return false;
  for (const one of right) if (!left.has(one) && !both.has(one)) return false;
  return true;
}
