import { memoizeWithin } from "../memoize.ts";
import { matchesMoreInAnyCase } from "../policy/actions.ts";
import { asciiLower } from "../policy/ascii.ts";
import { findOperator } from "../policy/conditions.ts";
import { globMatches } from "../policy/glob.ts";
import { hasHostBits } from "../policy/ip-range.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { parseResource } from "../policy/resource.ts";
import { limits, OverBudget } from "./budget.ts";
import type { Dependence, OpenQuestion, PointPosition } from "./interpretation-texts.ts";
import { hasCapitalRole } from "./engine/fields.ts";
import { matchesEmpty, meetsEmpty } from "./engine/statement-tests.ts";
import { defaultInterpretation, openQuestions, type Interpretation } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";

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

/** Answers to one query, one for each interpretation. */
export type UnderEach<T> =
  | {
      readonly kind: "answered";
      readonly answers: readonly { readonly interpretation: Interpretation; readonly answer: T }[];
      readonly questions: readonly OpenQuestion[];
    }
  | { readonly kind: "undecided"; readonly cause: string };

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
    const all = interpretationsOf(questions);
    if (all.length > limits.interpretations)
      return {
        kind: "undecided",
        cause: `it depends on ${questions.length} points that OSS's documentation leaves open, too many to combine`,
      };
    const known = new Map<string, { readonly answer: T }>();
    const answers = all.map((interpretation) => {
      const key = all.length === 1 ? "" : meaningKey(policies, interpretation);
      const found = known.get(key) ?? { answer: answer(interpretation, all) };
      known.set(key, found);
      return { interpretation, ...found };
    });
    return { kind: "answered", answers, questions };
  } catch (failure) {
    return { kind: "undecided", cause: failureText(failure) };
  }
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

/** Returns the condition under which the answer satisfies `isMeant`. */
export function dependenceWhere<T>(
  { answers, questions }: Extract<UnderEach<T>, { readonly kind: "answered" }>,
  isMeant: (answer: T) => boolean,
): Dependence {
  const all = answers.map(({ interpretation }) => interpretation);
  const holding = answers.filter(({ answer }) => isMeant(answer)).map(({ interpretation }) => interpretation);
  return dependenceOf(holding, all, questions);
}

/** Returns few alternatives that are true under exactly these interpretations (greedy set cover). */
export function dependenceOf(
  holding: readonly Interpretation[],
  all: readonly Interpretation[],
  questions: readonly OpenQuestion[],
): Dependence {
  if (holding.length === all.length) return [];
  const isTrue = (alternative: readonly PointPosition[], one: Interpretation) =>
    alternative.every(({ name, position }) => one[name] === position);
  const excluded = all.filter((one) => !holding.includes(one));
  const candidates = subsetsOf(questions).flatMap((names) =>
    holding.map((one) => names.map((name): PointPosition => ({ name, position: one[name] }))),
  );
  const sound = candidates.filter((one) => !excluded.some((other) => isTrue(one, other)));
  const chosen: (readonly PointPosition[])[] = [];
  for (let left = holding; left.length > 0;) {
    const covered = (one: readonly PointPosition[]) => left.filter((other) => isTrue(one, other)).length;
    const best = sound.reduce((most, one) => (covered(one) > covered(most) ? one : most));
    chosen.push(best);
    left = left.filter((one) => !isTrue(best, one));
  }
  return chosen;
}

/** Returns all subsets, the smallest first. */
function subsetsOf<T>(members: readonly T[]): readonly (readonly T[])[] {
  const all = members.reduce<readonly (readonly T[])[]>(
    (subsets, member) => [...subsets, ...subsets.map((subset) => [...subset, member])],
    [[]],
  );
  return [...all].sort((a, b) => a.length - b.length);
}

/** Returns the open questions that a condition names, in their fixed order. */
export function questionsOf(dependence: Dependence): readonly OpenQuestion[] {
  const named = new Set(dependence.flatMap((positions) => positions.map(({ name }) => name)));
  return (Object.keys(openQuestions) as OpenQuestion[]).filter((name) => named.has(name));
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
