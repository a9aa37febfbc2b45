/** Equivalence classes of the actions outside the catalogue, by the Action patterns that they match. */

import { actions, isPattern, matchesMoreInAnyCase } from "../../policy/actions.ts";
import { asciiLower } from "../../policy/ascii.ts";
import { memoize } from "../../memoize.ts";
import { Budget, limits, OverBudget } from "../budget.ts";
import { actionName } from "../text/language.ts";
import { patternSet, startStates } from "../text/nfa.ts";
import { textClasses, type PatternQuery, type TextClass } from "../text/text-classes.ts";

const known: ReadonlySet<string> = new Set(actions.map(({ name }) => asciiLower(name)));

/** Returns true if a word of Action can match an action outside the catalogue, such as a future one. */
export const mayBeUnknown = memoize((word) => isPattern(word) || !known.has(asciiLower(word)));

/**
 * Returns one representative for each class of actions outside the catalogue: each set of these words
 * that some such action matches. OSS adds actions over time, and a policy may name them before the
 * catalogue does. Throws OverBudget.
 */
export function unknownActions(words: readonly string[]): readonly string[] {
  const found = unknownActionsOf(
    JSON.stringify([...new Set(words)].filter((word) => mayBeUnknown(word)).sort()),
  );
  if (found instanceof OverBudget) throw found;
  return found;
}

/** Memoized with the error of too many classes, since each question about a policy asks for them. */
const unknownActionsOf = memoize((list): readonly string[] | OverBudget => {
  try {
    return findUnknownActions(JSON.parse(list) as readonly string[]);
  } catch (failure) {
    if (failure instanceof OverBudget) return failure;
    throw failure;
  }
});

function findUnknownActions(words: readonly string[]): readonly string[] {
  const groups = words.flatMap((word) => [
    groupOf([word], !isPattern(word), false),
    ...(matchesMoreInAnyCase(word) ? [groupOf([word], !isPattern(word), true)] : []),
  ]);
  return classesOf(groups).flatMap(({ truth, sample }) => {
    if (!known.has(asciiLower(sample))) return [sample];
    const other = unknownLike(truth, groups);
    return other === undefined ? [] : [other];
  });
}

/** Finds another name of the class, if the shortest one is in the catalogue. */
function unknownLike(
  truth: readonly boolean[],
  groups: readonly PatternQuery["group"][],
): string | undefined {
  const names = groupOf([...known], true, true);
  const isAlike = (one: TextClass) =>
    one.truth.every((is, at) => (at === truth.length ? !is : is === truth[at]));
  return classesOf([...groups, names], truth).find(isAlike)?.sample;
}

/** Returns the classes of action names; `wanted` prunes the search to the classes with these answers. */
function classesOf(
  groups: readonly PatternQuery["group"][],
  wanted?: readonly boolean[],
): readonly TextClass[] {
  const budget = new Budget(limits.unknownActionSteps);
  return textClasses({
    language: actionName,
    groups: groups.map((group, query) => ({ group, start: startStates(group), query })),
    isSettled: (so) =>
      wanted?.some((is, at) => so[at] !== undefined && so[at] !== is) === true ||
      so[wanted?.length ?? -1] === true,
    spend: (steps) => {
      budget.spend(steps, () => "the patterns of Action make too many kinds of actions");
    },
  });
}

function groupOf(patterns: readonly string[], isLiteral: boolean, foldsCase: boolean) {
  return patternSet(patterns, { isLiteral, foldsCase });
}
