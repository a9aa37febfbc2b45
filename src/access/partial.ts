/** Decisions of two policies on a request of which a part is unknown: unknown values are sets, never guesses. */

import { memoizeBy } from "../memoize.ts";
import type { Bucket } from "../policy/bucket.ts";
import type { OpenQuestion } from "../policy/open-questions.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { Budget, limits, OverBudget } from "./budget.ts";
import { forEachInterpretation, subsetsOf, type UnderEach } from "./interpretations.ts";
import type { PointPosition } from "./interpretation-texts.ts";
import { bothMasks, distinctMasks, foldParts, type UnknownPart } from "./partial-folds.ts";
import { keyParts } from "./partial-keys.ts";
import { acrossRoleCases, type PartialAnswer } from "./partial-answer.ts";
import { partialValues, type PartialValues } from "./partial-values.ts";
import {
  callerMasks,
  decisionsOf,
  distinctCallers,
  keyMasks,
  knownMasks,
  ofCaller,
  type BothPolicies,
  type CallerMasks,
  type PartialRequest,
  type ValueMasks,
} from "./partial-masks.ts";
import { withLowerRole } from "./engine/statement-tests.ts";
import type { Decision, Interpretation } from "./request.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

export type { PartialAnswer } from "./partial-answer.ts";

/** What both policies decide on one of the requests that a partial request may be. */
export interface PossibleDecision {
  readonly before: Decision;
  readonly after: Decision;
}

/** Name of the unknown part of a caller, beside the condition keys. */
const unknownSession = "role session";

/** Judges decisions on a request. */
export interface PartialJudge<T extends string> {
  readonly each: (decision: PossibleDecision) => T;
  /** Judges all decisions as a whole first; undefined if each counts for itself. */
  readonly all: (decisions: readonly PossibleDecision[]) => T | undefined;
}

/** Decides partial requests for two policies. */
export interface PartialDecider {
  /** Returns the judgement over all values of the unknown parts and under all interpretations. */
  readonly decide: <T extends string>(request: PartialRequest, judge: PartialJudge<T>) => PartialAnswer<T>;
  /** Interpretations whose decisions can differ. */
  readonly interpretations: readonly Interpretation[];
  /** The same, and those that an observation rules out. */
  readonly everyInterpretation: readonly Interpretation[];
  /** One session for each class of role sessions that the policies distinguish. */
  readonly roleSessions: readonly string[];
}

/**
 * Masks that are joined for one partial request: beyond them, it depends on all that is unknown. A decider that has joined
 * `maxAllMasks` has only the least for each further one, so that no log takes hours.
 */
const maxMasks = 200_000;
const leastMasks = 2_000;
const maxAllMasks = 2_000_000;

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
  const meanings = (some: MeaningsFound["answers"]) => [...new Set(some.map(({ answer }) => answer))];
  const interpretations = meanings([...found.answers, ...found.ruledOut]);
  const folds = new Set(interpretations.map(({ roleCase }) => roleCase === "is left aside"));
  try {
    const values = partialValues(statements, bucket, [...folds], new Budget(limits.questionSteps));
    for (const key of keysOf(statements)) values.ofKey(key);
    const sides = { before: statementsOf(before), after: statementsOf(after), bucket };
    const both = { ...sides, interpretations };
    const known = { callers: callersOf(both, values.roleSessions), keys: keyValues(both, values) };
    let left = maxAllMasks;
    return {
      interpretations: meanings(found.answers),
      everyInterpretation: interpretations,
      roleSessions: values.roleSessions,
      decide: (request, judge) => {
        const most = Math.max(leastMasks, Math.min(maxMasks, left));
        const budget = new Budget(most);
        const decide = (one: PartialRequest) =>
          decidePartial(one, { ...both, ...known, found, budget }, judge);
        const { principal } = request;
        const lower = principal === undefined ? undefined : withLowerRole(principal);
        const counts = decide(request);
        // Where a policy has such a role, the interpretations have both cases.
        const answer =
          lower === principal || folds.has(true)
            ? counts
            : acrossRoleCases(
                { counts, "is left aside": decide({ ...request, principal: lower }) },
                bucket.observed,
              );
        left -= most - budget.left;
        return answer;
      },
    };
  } catch (failure) {
    if (failure instanceof OverBudget) return { cause: failure.message };
    throw failure;
  }
}

type MeaningsFound = Extract<UnderEach<Interpretation>, { readonly kind: "answered" }>;

interface Sides extends BothPolicies {
  readonly callers: CallerMatch;
  readonly keys: KeyValues;
  /** Every interpretation, with the one of `interpretations` that decides all requests alike. */
  readonly found: MeaningsFound;
  readonly budget: Budget;
}

/** Returns the masks of a caller, or the different ones of all role sessions. */
export type CallerMatch = (principal: string | undefined) => readonly CallerMasks[];

export function callersOf(both: BothPolicies, roleSessions: readonly string[]): CallerMatch {
  const masksOf = callerMasks(both);
  let sessions: readonly CallerMasks[] | undefined;
  return (principal) =>
    principal === undefined
      ? (sessions ??= distinctCallers(roleSessions.map(masksOf)))
      : [masksOf(principal)];
}

/** Returns the different masks of all values that a condition key can have on a request. */
type KeyValues = (request: PartialRequest, key: string) => readonly ValueMasks[];

/** Keys and lists of actions that are kept. */
const maxKeys = 2_000;

function keyValues(both: BothPolicies, { ofKey }: PartialValues): KeyValues {
  return memoizeBy(
    // Beside the value, what a test says depends on the action and its level alone.
    ({ actions, resource }, key) => JSON.stringify([key, resource === "", actions]),
    (request, key) => distinctMasks(ofKey(key).map(keyMasks(request, key, both))),
    maxKeys,
  );
}

function decidePartial<T extends string>(
  request: PartialRequest,
  sides: Sides,
  judge: PartialJudge<T>,
): PartialAnswer<T> {
  const parts = partsOf(request, sides);
  try {
    return answerOn(outcomesOf(parts, sides), sides, judge);
  } catch (failure) {
    if (!(failure instanceof OverBudget)) throw failure;
    const on = parts.map(({ name }) => name).filter((name) => name !== "");
    return { kind: "open", values: [], on: [...new Set(on)], points: [] };
  }
}

/** Decisions of one outcome, one for each of `interpretations`. */
type PossibleOutcome = readonly PossibleDecision[];

/** All outcomes that a request may have, whatever its unknown parts are. */
interface PossibleOutcomes {
  readonly all: readonly PossibleOutcome[];
  readonly byPart: () => readonly PartChoices[];
}

/** Outcomes between which one part decides: a list for each choice of the other parts. */
interface PartChoices {
  readonly name: string;
  readonly choices: readonly (readonly PossibleOutcome[])[];
}

function outcomesOf(parts: readonly UnknownPart[], sides: Sides): PossibleOutcomes {
  const { budget } = sides;
  const decide = decisionsOf(sides);
  const outcomeOf = (masks: ValueMasks): PossibleOutcome => masks.map(decide);
  const choicesOf = ({ values }: UnknownPart, rest: readonly ValueMasks[]) =>
    rest.map((state) => values.map((value) => outcomeOf(bothMasks(state, value, budget))));
  const partChoices = (part: UnknownPart): PartChoices => {
    const others = parts.filter((one) => one !== part);
    const rest = foldParts(others, [part], sides, budget);
    return {
      name: part.name,
      choices: others.length === 0 ? [part.values.map(outcomeOf)] : choicesOf(part, rest),
    };
  };
  let known: readonly PartChoices[] | undefined;
  return {
    all: foldParts(parts, [], sides, budget).map(outcomeOf),
    byPart: () => (known ??= parts.filter(({ name }) => name !== "").map(partChoices)),
  };
}

/** Returns the answer, with the fewest observations that it needs. */
function answerOn<T extends string>(
  outcomes: PossibleOutcomes,
  { interpretations, found }: Sides,
  judge: PartialJudge<T>,
): PartialAnswer<T> {
  const { observed, isWhole } = found;
  const every = [...found.answers, ...found.ruledOut].map(({ interpretation, answer }) => ({
    interpretation,
    at: interpretations.indexOf(answer),
  }));
  const answerSince = (positions: readonly PointPosition[]) =>
    answerUnder(
      outcomes,
      every.filter(({ interpretation }) =>
        positions.every((one) => interpretation[one.name] === one.position),
      ),
      judge,
    );
  const answer = answerSince(observed);
  if (observed.length === 0) return answer;
  if (!isWhole) return { ...answer, observed };
  const wanted = JSON.stringify(answer);
  const needed = subsetsOf(observed).find((some) => JSON.stringify(answerSince(some)) === wanted) ?? observed;
  return needed.length === 0 ? answer : { ...answer, observed: needed };
}

/** Interpretation with its place in an outcome. */
interface PlacedInterpretation {
  readonly interpretation: Interpretation;
  readonly at: number;
}

function answerUnder<T extends string>(
  { all, byPart }: PossibleOutcomes,
  possible: readonly PlacedInterpretation[],
  judge: PartialJudge<T>,
): PartialAnswer<T> {
  const places = [...new Set(possible.map(({ at }) => at))];
  const valueAt = (outcome: PossibleOutcome, at: number) => judge.each(outcome[at] ?? undecided);
  const whole = judge.all(all.flatMap((outcome) => places.map((at) => outcome[at] ?? undecided)));
  if (whole !== undefined) return { kind: "certain", value: whole };
  const values = [...new Set(all.flatMap((outcome) => places.map((at) => valueAt(outcome, at))))];
  const [first, ...others] = values;
  if (first !== undefined && others.length === 0) return { kind: "certain", value: first };
  const on = byPart()
    .filter(({ choices }) =>
      choices.some((some) => places.some((at) => new Set(some.map((one) => valueAt(one, at))).size > 1)),
    )
    .map(({ name }) => name);
  return {
    kind: "open",
    values: values.sort(),
    on: [...new Set(on)],
    points: pointsOf(all, possible, valueAt),
  };
}

const undecided: PossibleDecision = { before: "none", after: "none" };

/** Returns the points on which some outcome depends: two interpretations that differ in nothing else have different values. */
function pointsOf(
  all: readonly PossibleOutcome[],
  possible: readonly PlacedInterpretation[],
  valueAt: (outcome: PossibleOutcome, at: number) => string,
): readonly OpenQuestion[] {
  const [first] = possible;
  if (first === undefined || possible.length === 1) return [];
  const names = Object.keys(first.interpretation) as OpenQuestion[];
  return names.filter((name) => {
    const byRest = new Map<string, number[]>();
    for (const { interpretation, at } of possible) {
      const rest = JSON.stringify({ ...interpretation, [name]: null });
      byRest.set(rest, [...(byRest.get(rest) ?? []), at]);
    }
    const groups = [...byRest.values()].filter((group) => new Set(group).size > 1);
    return all.some((outcome) =>
      groups.some((group) => new Set(group.map((at) => valueAt(outcome, at))).size > 1),
    );
  });
}

/**
 * Returns the parts of a request: all that is known, with one value for each kind of caller, then each condition key that
 * is unknown and that a statement tests which the rest can meet.
 */
function partsOf(request: PartialRequest, sides: Sides): readonly UnknownPart[] {
  const { principal } = request;
  const rest = knownMasks(request, sides);
  const known: UnknownPart = {
    name: principal === undefined ? unknownSession : "",
    values: distinctMasks(sides.callers(principal).map((caller) => ofCaller(rest, caller))),
  };
  const met = known.values.flat(2).reduce((all, mask) => all | mask, 0n);
  const relevant = [...sides.before, ...sides.after].filter((_, at) => (met & (1n << BigInt(at))) !== 0n);
  const keys = keysOf(relevant).filter((key) => !request.context.has(key) && !request.isAbsent(key));
  const ofKey = (name: string): UnknownPart => {
    const masks = sides.keys(request, name);
    return {
      name,
      values: distinctMasks(masks.map((one) => one.map((all) => all.map((mask) => mask & met)))),
    };
  };
  const objects = request.resource === undefined ? keyParts(request, met, sides) : [];
  return [known, ...objects, ...keys.map(ofKey)];
}

function keysOf(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ condition }) => (condition ?? []).map(({ key }) => key ?? "")))];
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}
