/** Folds of the unknown parts of a request, one at a time: what counts is the number of different outcomes, not of combinations. */

import type { Budget } from "./budget.ts";
import { groupsOf, type BothPolicies, type StatementGroups, type ValueMasks } from "./partial-masks.ts";

/** Unknown part of a request, with the masks of its values; values that meet the same statements are one. */
export interface UnknownPart {
  readonly name: string;
  readonly values: readonly ValueMasks[];
}

/**
 * Returns the different masks of all choices of these parts. Statements that only the `open` parts can still change are kept
 * apart; of the others no more is kept than a decision needs, so that each decision with a value of the open parts is the same.
 * Throws OverBudget.
 */
export function foldParts(
  parts: readonly UnknownPart[],
  open: readonly UnknownPart[],
  both: BothPolicies,
  budget: Budget,
): readonly ValueMasks[] {
  const groups = groupsOf(both);
  const [first, ...others] = parts;
  if (first === undefined) return [];
  return others.reduce(
    (states, { values }, at) => {
      const touched = touchedBy([...others.slice(at + 1), ...open]);
      const joined = function* () {
        for (const state of states)
          for (const value of values) yield reduced(bothMasks(state, value, budget), touched, groups);
      };
      return distinctMasks(joined());
    },
    distinctMasks(first.values.map((value) => reduced(value, touchedBy([...others, ...open]), groups))),
  );
}

/** Returns the masks of what both values meet. */
export function bothMasks(one: ValueMasks, other: ValueMasks, budget: Budget): ValueMasks {
  budget.spend(one.length * (one[0]?.length ?? 0), () => "the unknown values have too many outcomes");
  return one.map((masks, at) => masks.map((mask, action) => mask & (other[at]?.[action] ?? 0n)));
}

/** Returns the statements that some value of these parts does not meet. */
function touchedBy(parts: readonly UnknownPart[]): bigint {
  return parts.reduce(
    (all, { values }) => values.flat(2).reduce((touched, mask) => touched | ~mask, all),
    0n,
  );
}

/** Reduces each mask to what a decision needs, where no other part touches more than these statements. */
function reduced(masks: ValueMasks, touched: bigint, groups: StatementGroups): ValueMasks {
  return masks.map((one) =>
    one.map((mask) =>
      groups.reduce((kept, { deny, allow }) => {
        const denied = settled(mask & deny, touched);
        // A Deny that is certain to be met decides, whatever is allowed.
        return kept | denied.mask | (denied.isMet ? 0n : settled(mask & allow, touched).mask);
      }, 0n),
    ),
  );
}

/** Keeps one statement of those that are certain to be met, since one is as good as many. */
function settled(mask: bigint, touched: bigint): { readonly mask: bigint; readonly isMet: boolean } {
  const certain = mask & ~touched;
  return certain === 0n ? { mask, isMet: false } : { mask: certain & -certain, isMet: true };
}

/** Returns different masks once each. */
export function distinctMasks(values: Iterable<ValueMasks>): readonly ValueMasks[] {
  const found = new Map<string, ValueMasks>();
  // A radix that is a power of two takes far less time than ten.
  for (const masks of values)
    found.set(masks.map((one) => one.map((mask) => mask.toString(32)).join()).join(), masks);
  return [...found.values()];
}
