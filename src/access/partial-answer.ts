/** Answers on requests of which a part is unknown. */

import type { Observations, OpenQuestion } from "../policy/open-questions.ts";
import type { PointPosition } from "./interpretation-texts.ts";

/** Decisions on everything that a partial request may be. */
export type PartialAnswer<T> = (
  | { readonly kind: "certain"; readonly value: T }
  | {
      readonly kind: "open";
      /** Values that occur; none if there are too many outcomes to try. */
      readonly values: readonly T[];
      /** Unknown parts on which it depends: condition keys, `role session` and `object key`. */
      readonly on: readonly string[];
      /** Undocumented points on which it depends. */
      readonly points: readonly OpenQuestion[];
    }
) & {
  /** Fewest observed positions without which the answer would be another one; absent if there are none. */
  readonly observed?: readonly PointPosition[];
};

/** Answers on a role with capitals in its name: as it is written, and in lower case. */
export interface RoleCaseAnswers<T> {
  readonly counts: PartialAnswer<T>;
  readonly "is left aside": PartialAnswer<T>;
}

/** Returns the one answer on a role with capitals: whether their case counts may have been observed. */
export function acrossRoleCases<T extends string>(
  answers: RoleCaseAnswers<T>,
  observations: Observations | undefined,
): PartialAnswer<T> {
  const { counts } = answers;
  const both = [counts, answers["is left aside"]];
  const [first, second] = both.map((one) => JSON.stringify(one));
  if (first === second) return counts;
  const found = observations?.get("roleCase");
  if (found !== undefined) {
    const { region, date } = found;
    const position = found.position === "counts" ? "counts" : "is left aside";
    const { observed = [], ...answer } = answers[position];
    return { ...answer, observed: [...observed, { name: "roleCase", position, observed: { region, date } }] };
  }
  const lists = both.map((one) => (one.kind === "certain" ? [one.value] : one.values));
  const values = lists.some((list) => list.length === 0) ? [] : [...new Set(lists.flat())].sort();
  const open = both.flatMap((one) => (one.kind === "open" ? [one] : []));
  const positions = both.flatMap(({ observed = [] }) => observed);
  const observed = [...new Map(positions.map((one) => [one.name, one])).values()];
  const since = observed.length === 0 ? {} : { observed };
  const [value, ...others] = values;
  if (open.length === 0 && value !== undefined && others.length === 0)
    return { kind: "certain", value, ...since };
  return {
    kind: "open",
    values,
    on: [...new Set(open.flatMap(({ on }) => on))],
    points: [...new Set([...open.flatMap(({ points }) => points), "roleCase" as const])],
    ...since,
  };
}
