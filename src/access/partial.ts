/** Decisions of two policies on a request of which a part is unknown: unknown values are sets, never guesses. */

import type { Bucket } from "../policy/bucket.ts";
import type { OpenQuestion } from "../policy/open-questions.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { Budget, limits, OverBudget } from "./budget.ts";
import { forEachInterpretation } from "./interpretations.ts";
import { partialValues, type PartialValues } from "./partial-values.ts";
import {
  decisionsOf,
  keyMasks,
  knownMasks,
  type BothPolicies,
  type PartialRequest,
  type ValueMasks,
} from "./partial-masks.ts";
import type { Decision, Interpretation } from "./request.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

/** What both policies decide on one of the requests that a partial request may be. */
export interface PossibleDecision {
  readonly before: Decision;
  readonly after: Decision;
}

/** Name of the unknown part of a caller, beside the condition keys. */
const unknownSession = "role session";

/** Decisions on everything that a partial request may be. */
export type PartialAnswer<T> =
  | { readonly kind: "certain"; readonly value: T }
  | {
      readonly kind: "open";
      /** Values that occur. */
      readonly values: readonly T[];
      /** Unknown parts on which it depends: condition keys, and `role session`. */
      readonly on: readonly string[];
      /** Undocumented points on which it depends. */
      readonly points: readonly OpenQuestion[];
    };

/** Decides partial requests for two policies. */
export interface PartialDecider {
  /**
   * Returns `judge` of the decisions, over all values of the unknown parts and under all interpretations. It is called with a
   * list of all decisions first, which it may judge as a whole.
   */
  readonly decide: <T extends string>(
    request: PartialRequest,
    judge: (decision: PossibleDecision) => T,
    judgeAll: (decisions: readonly PossibleDecision[]) => T | undefined,
  ) => PartialAnswer<T>;
  /** Interpretations whose decisions can differ. */
  readonly interpretations: readonly Interpretation[];
  /** One session for each class of role sessions that the policies distinguish. */
  readonly roleSessions: readonly string[];
}

/** Most requests that one partial request may be: beyond them, it depends on all that is unknown. */
const maxPossible = 10_000;

/** Makes a decider for two policies; the cause if they cannot be decided. */
export function partialDecider(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
): PartialDecider | { readonly cause: string } {
  const unknown = [before, after].flatMap((policy) => (policy === "none" ? [] : unsupported(policy)));
  if (unknown.length > 0) return { cause: `no meaning is known for ${unsupportedText(unknown)}` };
  const found = forEachInterpretation([before, after], bucket, (one) => one);
  if (found.kind === "undecided") return { cause: found.cause };
  const statements = [...statementsOf(before), ...statementsOf(after)];
  const interpretations = [...new Set(found.answers.map(({ answer }) => answer))];
  const folds = new Set(interpretations.map(({ roleCase }) => roleCase === "is left aside"));
  try {
    const values = partialValues(statements, bucket, [...folds], new Budget(limits.questionSteps));
    for (const key of keysOf(statements)) values.ofKey(key);
    const sides = { before: statementsOf(before), after: statementsOf(after), bucket, values };
    return {
      interpretations,
      roleSessions: values.roleSessions,
      decide: (request, judge, judgeAll) =>
        decidePartial(request, { ...sides, interpretations, found: found.answers }, judge, judgeAll),
    };
  } catch (failure) {
    if (failure instanceof OverBudget) return { cause: failure.message };
    throw failure;
  }
}

interface Sides extends BothPolicies {
  readonly values: PartialValues;
  /** Every interpretation, with one that decides all requests alike. */
  readonly found: readonly { readonly interpretation: Interpretation; readonly answer: Interpretation }[];
}

/** Unknown part of a request, with the masks of its values; values that meet the same statements are one. */
interface UnknownPart {
  readonly name: string;
  readonly values: readonly ValueMasks[];
}

/** One choice of all unknown parts under one interpretation, by the indices of the values. */
interface PartialChoice {
  readonly at: readonly number[];
  readonly interpretation: Interpretation;
  readonly decision: PossibleDecision;
}

function decidePartial<T extends string>(
  request: PartialRequest,
  sides: Sides,
  judge: (decision: PossibleDecision) => T,
  judgeAll: (decisions: readonly PossibleDecision[]) => T | undefined,
): PartialAnswer<T> {
  const parts = partsOf(request, sides);
  const possible = parts.reduce((product, { values }) => product * values.length, 1);
  const names = parts.map(({ name }) => name);
  if (possible * sides.interpretations.length > maxPossible)
    return { kind: "open", values: [], on: names.filter((name) => name !== ""), points: [] };
  const choices = choicesOf(parts, sides);
  const whole = judgeAll(choices.map(({ decision }) => decision));
  if (whole !== undefined) return { kind: "certain", value: whole };
  const judged = choices.map(({ at, interpretation, decision }) => ({
    at,
    interpretation,
    value: judge(decision),
  }));
  const values = [...new Set(judged.map(({ value }) => value))];
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0) return { kind: "certain", value: first };
  return {
    kind: "open",
    values: values.sort(),
    on: names.filter((_, index) =>
      matters(judged, ({ at, interpretation }) => [at.with(index, 0), interpretation]),
    ),
    points: pointsOf(judged, sides),
  };
}

/** Returns true if some choices that are alike but for one part have different values. */
function matters<C extends { readonly value: string }>(
  judged: readonly C[],
  restOf: (choice: C) => unknown,
): boolean {
  const known = new Map<string, string>();
  return judged.some((choice) => {
    const key = JSON.stringify(restOf(choice));
    const value = known.get(key) ?? choice.value;
    known.set(key, value);
    return value !== choice.value;
  });
}

interface JudgedChoice {
  readonly at: readonly number[];
  readonly interpretation: Interpretation;
  readonly value: string;
}

function pointsOf(judged: readonly JudgedChoice[], { found }: Sides): readonly OpenQuestion[] {
  const [first] = found;
  if (first === undefined || found.length === 1) return [];
  const all = judged.flatMap(({ at, interpretation, value }) =>
    found
      .filter(({ answer }) => answer === interpretation)
      .map((one) => ({ at, interpretation: one.interpretation, value })),
  );
  const names = Object.keys(first.interpretation) as OpenQuestion[];
  return names.filter((name) =>
    matters(all, ({ at, interpretation }) => [at, { ...interpretation, [name]: null }]),
  );
}

/**
 * Returns the parts of a request: all that is known, with one value for each kind of caller, then each condition key that
 * is unknown and that a statement tests which the rest can meet.
 */
function partsOf(request: PartialRequest, sides: Sides): readonly UnknownPart[] {
  const { principal } = request;
  const callers = principal === undefined ? sides.values.roleSessions : [principal];
  const known: UnknownPart = {
    name: principal === undefined ? unknownSession : "",
    values: distinct(callers.map((caller) => knownMasks(request, caller, sides))),
  };
  const met = known.values.flat(2).reduce((all, mask) => all | mask, 0n);
  const relevant = [...sides.before, ...sides.after].filter((_, at) => (met & (1n << BigInt(at))) !== 0n);
  const keys = keysOf(relevant).filter((key) => !request.context.has(key) && !request.isAbsent(key));
  const ofKey = (name: string): UnknownPart => {
    const masks = sides.values.ofKey(name).map((value) => keyMasks(request, name, value, sides));
    return { name, values: distinct(masks.map((one) => one.map((all) => all.map((mask) => mask & met)))) };
  };
  return [known, ...keys.map(ofKey)];
}

function distinct(values: readonly ValueMasks[]): readonly ValueMasks[] {
  return [...new Map(values.map((masks) => [masks.flat().join(), masks])).values()];
}

function choicesOf(parts: readonly UnknownPart[], both: BothPolicies): readonly PartialChoice[] {
  const picks = parts.reduce<readonly (readonly number[])[]>(
    (all, { values }) => all.flatMap((at) => values.map((_, index) => [...at, index])),
    [[]],
  );
  const decide = decisionsOf(both);
  return picks.flatMap((at) => {
    const masks = parts.map(({ values }, index) => values[at[index] ?? 0] ?? []);
    return both.interpretations.map((interpretation, one): PartialChoice => {
      const [first = [], ...others] = masks.map((value) => value[one] ?? []);
      const met = first.map((mask, action) =>
        others.reduce((all, other) => all & (other[action] ?? 0n), mask),
      );
      return { at, interpretation, decision: decide(met) };
    });
  });
}

function keysOf(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ condition }) => (condition ?? []).map(({ key }) => key ?? "")))];
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}
