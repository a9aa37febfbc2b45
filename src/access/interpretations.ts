import { memoizeWithin } from "../memoize.ts";
import { matchesMoreInAnyCase } from "../policy/actions.ts";
import { asciiLower } from "../policy/ascii.ts";
import { findOperator } from "../policy/conditions.ts";
import { globMatches } from "../policy/glob.ts";
import { hasHostBits } from "../policy/ip-range.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import { limits, OverBudget } from "./budget.ts";
import {
  wasObserved,
  type Dependence,
  type OpenQuestion,
  type PointPosition,
} from "./interpretation-texts.ts";
import { hasCapitalRole } from "./engine/fields.ts";
import { matchesEmpty, meetsEmpty } from "./engine/statement-tests.ts";
import type { Bucket } from "../policy/bucket.ts";
import {
  defaultInterpretation,
  openQuestions,
  type Interpretation,
  type Observations,
} from "../policy/open-questions.ts";

/** Returns the open questions that a statement of these policies depends on; others cannot change a decision. */
export function openQuestionsIn(
  policies: readonly (Policy | "none")[],
  bucket: Bucket,
): readonly OpenQuestion[] {
  const open = new Set<OpenQuestion>();
  for (const policy of policies)
    for (const statement of policy === "none" ? [] : policy.statements)
      for (const name of questionsOn(statement, bucket)) open.add(name);
  return open.size === 0 ? [] : questionNames.filter((name) => open.has(name));
}

const questionNames = Object.keys(openQuestions) as OpenQuestion[];

const questionsOn = memoizeWithin(
  ({ owner }: Bucket) => owner,
  (statement: Statement, bucket) => questionNames.filter((name) => concerns[name](statement, bucket)),
);

/** Returns every combination of the positions of these questions, the default first. */
export function interpretationsOf(questions: readonly OpenQuestion[]): readonly Interpretation[] {
  return questions.reduce<readonly Interpretation[]>(
    (all, name) =>
      openQuestions[name].flatMap((position) => all.map((one) => ({ ...one, [name]: position }))),
    [defaultInterpretation],
  );
}

/** Answer to a query under one interpretation. */
interface InterpretedAnswer<T> {
  readonly interpretation: Interpretation;
  readonly answer: T;
}

/** Answers to one query, one for each interpretation. */
export type UnderEach<T> =
  | {
      readonly kind: "answered";
      /** Those under interpretations that agree with what was observed. */
      readonly answers: readonly InterpretedAnswer<T>[];
      /** Those that an observation rules out, so that it is known which result rests on one. */
      readonly ruledOut: readonly InterpretedAnswer<T>[];
      readonly questions: readonly OpenQuestion[];
      /** Observed positions of the questions. */
      readonly observed: readonly PointPosition[];
      /** False if what is ruled out was too much to decide: then every result counts as resting on all observations. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "undecided"; readonly cause: string };

type AnsweredQuery<T> = Extract<UnderEach<T>, { readonly kind: "answered" }>;

/**
 * Answers a query under every interpretation that can change the answer. Undecided if there are too many
 * interpretations, if the budget runs out, or if the analysis itself fails: one bucket's failure never ends
 * a run.
 */
export function forEachInterpretation<T>(
  policies: readonly (Policy | "none")[],
  bucket: Bucket,
  answer: (interpretation: Interpretation, all: readonly Interpretation[]) => T,
): UnderEach<T> {
  try {
    const questions = openQuestionsIn(policies, bucket);
    const observed = observedPositions(questions, bucket.observed);
    const every = interpretationsOf(questions);
    const possible = every.filter((one) => isTrueUnder(observed, one));
    if (possible.length > limits.interpretations)
      return {
        kind: "undecided",
        cause: `it depends on ${questions.length - observed.length} points that OSS's documentation leaves open, too many to combine`,
      };
    const isWhole = every.length <= limits.interpretations;
    const all = isWhole ? every : possible;
    const known = new Map<string, { readonly answer: T }>();
    const answerUnder = (interpretation: Interpretation): InterpretedAnswer<T> => {
      const key = all.length === 1 ? "" : meaningKey(policies, interpretation);
      const found = known.get(key) ?? { answer: answer(interpretation, all) };
      known.set(key, found);
      return { interpretation, ...found };
    };
    const answers = possible.map(answerUnder);
    const ruledOut = within(() => all.filter((one) => !isTrueUnder(observed, one)).map(answerUnder));
    const rest = { ruledOut: ruledOut ?? [], isWhole: isWhole && ruledOut !== undefined };
    return { kind: "answered", answers, questions, observed, ...rest };
  } catch (failure) {
    return { kind: "undecided", cause: failureText(failure) };
  }
}

/** Returns undefined if it goes over the budget. */
function within<T>(decide: () => T): T | undefined {
  try {
    return decide();
  } catch (failure) {
    if (failure instanceof OverBudget) return undefined;
    throw failure;
  }
}

function observedPositions(
  questions: readonly OpenQuestion[],
  observations: Observations | undefined,
): readonly PointPosition[] {
  return questions.flatMap((name) => {
    const found = observations?.get(name);
    if (found === undefined) return [];
    const { position, region, date } = found;
    return [{ name, position, observed: { region, date } }];
  });
}

/** Returns what was observed of the open questions that a statement of these policies depends on. */
export function observedPositionsIn(
  policies: readonly (Policy | "none")[],
  bucket: Bucket,
): readonly PointPosition[] {
  return observedPositions(openQuestionsIn(policies, bucket), bucket.observed);
}

function isTrueUnder(positions: readonly PointPosition[], one: Interpretation): boolean {
  return positions.every(({ name, position }) => one[name] === position);
}

/**
 * Returns equal keys for interpretations that decide every request alike: `absentKey` and `absentText` both
 * concern absent keys.
 */
function meaningKey(policies: readonly (Policy | "none")[], interpretation: Interpretation): string {
  const { absentKey, absentText, ...rest } = interpretation;
  const tests = policies.flatMap((policy) =>
    policy === "none" ? [] : policy.statements.flatMap(({ condition }) => condition ?? []),
  );
  const absent = tests.map((test) => {
    const isNegated = findOperator(test.operator)?.negated === true;
    const asNone = isNegated && absentKey === "negated is true";
    const isText = test.operator.startsWith("String") && absentText === "is the empty text";
    return `${Number(asNone)}${Number(isText ? meetsEmpty(test) : asNone)}`;
  });
  return JSON.stringify([Object.values(rest), absent.join()]);
}

/** Formats an error of the analysis as the cause of an undecided answer. */
function failureText(failure: unknown): string {
  if (failure instanceof OverBudget) return failure.message;
  const message = failure instanceof Error ? failure.message : String(failure);
  return `internal error (${message}); please report it with the two policies`;
}

/** Returns the condition under which the answer satisfies `isMeant`. It must do so under a possible interpretation. */
export function dependenceWhere<T>(found: AnsweredQuery<T>, isMeant: (answer: T) => boolean): Dependence {
  const holding = [...found.answers, ...found.ruledOut].filter(({ answer }) => isMeant(answer));
  return dependenceAmong(
    found,
    holding.map(({ interpretation }) => interpretation),
  );
}

/** Returns the condition that exactly these of the interpretations meet. One of them must be possible. */
export function dependenceAmong<T>(found: AnsweredQuery<T>, holding: readonly Interpretation[]): Dependence {
  const { answers, ruledOut, questions, observed, isWhole } = found;
  const all = [...answers, ...ruledOut].map(({ interpretation }) => interpretation);
  if (isWhole) return dependenceOf(holding, all, questions, observed);
  const open = dependenceOf(holding, all, questions);
  return open.length === 0 ? [observed] : open.map((positions) => [...positions, ...observed]);
}

/**
 * Returns few alternatives that are true under exactly these interpretations (greedy set cover). Of those that an
 * observation rules out, none is covered: they only show which observations are needed.
 */
export function dependenceOf(
  holding: readonly Interpretation[],
  all: readonly Interpretation[],
  questions: readonly OpenQuestion[],
  observed: readonly PointPosition[] = [],
): Dependence {
  if (holding.length === all.length) return [];
  const excluded = all.filter((one) => !holding.includes(one));
  const possible = holding.filter((one) => isTrueUnder(observed, one));
  const marked = new Map(observed.map((position) => [position.name, position]));
  const candidates = subsetsOf(questions).flatMap((names) =>
    possible.map((one) =>
      names.map((name): PointPosition => marked.get(name) ?? { name, position: one[name] }),
    ),
  );
  const sound = candidates.filter((one) => !excluded.some((other) => isTrueUnder(one, other)));
  const chosen: (readonly PointPosition[])[] = [];
  for (let left = possible; left.length > 0;) {
    const covered = (one: readonly PointPosition[]) => left.filter((other) => isTrueUnder(one, other)).length;
    const best = sound.reduce((most, one) => (covered(one) > covered(most) ? one : most));
    chosen.push(best);
    left = left.filter((one) => !isTrueUnder(best, one));
  }
  return chosen;
}

/** Returns all subsets, the smallest first. */
export function subsetsOf<T>(members: readonly T[]): readonly (readonly T[])[] {
  const all = members.reduce<readonly (readonly T[])[]>(
    (subsets, member) => [...subsets, ...subsets.map((subset) => [...subset, member])],
    [[]],
  );
  return [...all].sort((a, b) => a.length - b.length);
}

/** Returns the open questions that a condition names and that were not observed, in their fixed order. */
export function questionsOf(dependence: Dependence): readonly OpenQuestion[] {
  const named = new Set(dependence.flat().flatMap((one) => (wasObserved(one) ? [] : one.name)));
  return questionNames.filter((name) => named.has(name));
}

const concerns: Readonly<Record<OpenQuestion, (statement: Statement, bucket: Bucket) => boolean>> = {
  absentKey: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, key }) => findOperator(operator)?.negated === true && !isAlwaysThere(key ?? ""),
    ),
  // If an absent key fails a negated operator, the empty text may still meet it.
  absentText: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, key, values }) =>
        operator.startsWith("String") &&
        !isAlwaysThere(key ?? "") &&
        (findOperator(operator)?.negated === true || values.some((value) => matchesEmpty(operator, value))),
    ),
  emptyCondition: ({ condition, principal }) => condition?.length === 0 && principal?.includes("*") === true,
  mixedPrincipals: ({ condition, principal }) =>
    (condition === null || condition.length === 0) &&
    principal?.includes("*") === true &&
    principal.some((word) => !["*", "owner", "anonymous"].includes(word)),
  ownerNamed: ({ effect, principal }, { owner }) => effect === "Deny" && principal?.includes(owner) === true,
  // Questions about a RAM user compare both positions themselves: account-members.ts.
  accountUid: () => false,
  actionCase: ({ action }) => (action ?? []).some(matchesMoreInAnyCase),
  roleCase: ({ principal }) => (principal ?? []).some(hasCapitalRole),
  boolCase: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, values }) => operator === "Bool" && values.some((value) => value !== asciiLower(value)),
    ),
  hostBits: ({ condition }) =>
    (condition ?? []).some(
      ({ operator, values }) => findOperator(operator)?.family === "Ip" && values.some(hasHostBits),
    ),
  unquotedValue: ({ condition }) => (condition ?? []).some(({ unquoted }) => unquoted !== undefined),
  namedRegion: ({ resource }) => resources(resource).some(({ region }) => region !== "*"),
  foreignOwner: ({ resource }, bucket) =>
    resources(resource).some(({ owner }) => !globMatches(owner, bucket.owner)),
};

function isAlwaysThere(key: string): boolean {
  return ["acs:SourceIp", "acs:SourceVpc", "acs:CurrentTime", "acs:SecureTransport"].includes(key);
}

function resources(words: readonly string[] | null) {
  return (words ?? []).flatMap((word) => {
    const parsed = parseResource(word);
    return parsed === undefined || parsed.kind === "everything" ? [] : [parsed];
  });
}
