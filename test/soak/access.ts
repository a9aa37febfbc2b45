import fc from "fast-check";
import { accessDifference, type KnownAccessChange } from "../../src/access/difference.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import type { OpenQuestion } from "../../src/access/interpretation-texts.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import { effectOf } from "../../src/access/effect.ts";
import { renderRegion } from "../../src/access/render.ts";
import { openQuestions, type Interpretation, type Request } from "../../src/access/request.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { readRegion, speaksOf } from "../access/read-back.ts";
import { bucket, isTrueUnder, policyOf } from "../access/worlds.ts";
import { canBe, pairOfPolicies, requestsTo, type PairOfPolicies } from "./access-worlds.ts";

export interface AccessFigures {
  readonly pairs: number;
  readonly equal: number;
  readonly different: number;
  /** Undecided pairs by their cause. */
  readonly undecided: ReadonlyMap<string, number>;
  readonly requests: number;
  /** Requests of each pair times its interpretations. */
  readonly decisions: number;
  /** Decided pairs that depend on more than one open point, and the most interpretations of one pair. */
  readonly combined: number;
  readonly mostInterpretations: number;
  /** Decided pairs by the open points that concern them. */
  readonly concerned: ReadonlyMap<OpenQuestion, number>;
  /** Pairs whose printed regions are wrong, each as small as it gets, with its first wrong request. */
  readonly disagreements: readonly string[];
}

/**
 * Compares the printed regions of so many generated pairs with the reference evaluator, request by
 * request, under every combination of the open points that concern the pair.
 */
export function soakAccess(count: number, seed: number): AccessFigures {
  const figures = { equal: 0, different: 0, requests: 0, decisions: 0, combined: 0, mostInterpretations: 0 };
  const disagreements: string[] = [];
  const undecided = new Map<string, number>();
  const concerned = new Map<OpenQuestion, number>();
  for (const pair of fc.sample(pairOfPolicies, { numRuns: count, seed })) {
    const one = judged(pair);
    if (one.verdict === "undecided") {
      countIn(undecided, one.cause);
      continue;
    }
    figures[one.verdict] += 1;
    figures.requests += one.requests;
    figures.decisions += one.requests * one.interpretations;
    figures.combined += one.questions.length > 1 ? 1 : 0;
    figures.mostInterpretations = Math.max(figures.mostInterpretations, one.interpretations);
    for (const name of one.questions) countIn(concerned, name);
    if (one.disagreement !== undefined) disagreements.push(smallest(pair, one.disagreement));
  }
  return { pairs: count, ...figures, undecided, concerned, disagreements };
}

function countIn<T>(counts: Map<T, number>, one: T): void {
  counts.set(one, (counts.get(one) ?? 0) + 1);
}

type Judged =
  | { readonly verdict: "undecided"; readonly cause: string }
  | {
      readonly verdict: "equal" | "different";
      readonly requests: number;
      readonly interpretations: number;
      readonly questions: readonly OpenQuestion[];
      readonly disagreement: string | undefined;
    };

function judged(pair: PairOfPolicies): Judged {
  const policies = [policyOf(pair.before), policyOf(pair.after)] as const;
  const difference = accessDifference(...policies, bucket);
  if (difference.verdict === "undecided") return difference;
  const regions = difference.verdict === "equal" ? [] : difference.regions;
  const questions = openQuestionsIn(policies, bucket);
  const open = interpretationsOf(questions).map((one) => withRest(one, questions, pair.elsewhere));
  const requests = [...requestsTo(policies)];
  return {
    verdict: difference.verdict,
    requests: requests.length,
    interpretations: open.length,
    questions,
    disagreement: disagreementOf(policies, regions, open, requests),
  };
}

/** The interpretation with other positions of the points that should not matter. */
function withRest(
  one: Interpretation,
  questions: readonly OpenQuestion[],
  elsewhere: Interpretation,
): Interpretation {
  const own = questions.map((name) => [name, one[name]]);
  return { ...elsewhere, ...(Object.fromEntries(own) as Partial<Interpretation>) };
}

/** The first request that the printed regions describe otherwise than the evaluator decides it. */
function disagreementOf(
  [before, after]: readonly [Policy, Policy],
  regions: readonly KnownAccessChange[],
  open: readonly Interpretation[],
  requests: readonly Request[],
): string | undefined {
  const printed = regions.map((region) => {
    const text = renderRegion(region);
    return { text, read: readRegion(text), label: region.effect, dependsOn: region.dependsOn };
  });
  const under = open.map((one) => ({
    one,
    holding: new Set(printed.filter(({ dependsOn }) => isTrueUnder(dependsOn, one))),
  }));
  for (const request of requests) {
    const speaking = printed.filter(({ read }) => speaksOf(read, request));
    for (const { one, holding } of under) {
      if (!canBe(request, one)) continue;
      const was = evaluate(before, request, bucket, one).decision;
      const is = evaluate(after, request, bucket, one).decision;
      const said = speaking.filter((region) => holding.has(region));
      const labels = new Set(said.map(({ label }) => label));
      const wanted = was === is ? [] : [effectOf(was, is)];
      if (labels.size === wanted.length && wanted.every((label) => labels.has(label))) continue;
      return [
        `request: ${JSON.stringify({ ...request, context: Object.fromEntries(request.context) })}`,
        `interpretation: ${JSON.stringify(one)}`,
        `the evaluator: ${was}, then ${is}; the regions that speak of it: ${JSON.stringify(said.map(({ label, text }) => `${label} ${text}`))}`,
        ...printed.map(
          ({ label, text, dependsOn }) => `region: ${label} ${text} ${JSON.stringify(dependsOn)}`,
        ),
      ].join("\n");
    }
  }
  return undefined;
}

/** The pair without the statements and fields that are not needed to disagree, and how it does so. */
function smallest(pair: PairOfPolicies, disagreement: string): string {
  for (const smaller of smallerThan(pair)) {
    const one = judged(smaller);
    if (one.verdict !== "undecided" && one.disagreement !== undefined)
      return smallest(smaller, one.disagreement);
  }
  const { before, after } = pair;
  return `before: ${JSON.stringify(before)}\nafter: ${JSON.stringify(after)}\n${disagreement}`;
}

function smallerThan({ before, after, elsewhere }: PairOfPolicies): readonly PairOfPolicies[] {
  const texts = [...new Set([...before, ...after].map((one) => JSON.stringify(one)))];
  return texts.map((text) => {
    const without = (list: PairOfPolicies["before"]) => list.filter((one) => JSON.stringify(one) !== text);
    return { before: without(before), after: without(after), elsewhere };
  });
}

export function accessText(figures: AccessFigures): string {
  const { pairs, equal, different, undecided, requests, decisions, combined, disagreements } = figures;
  const sum = [...undecided.values()].reduce((a, b) => a + b, 0);
  const points = Object.keys(openQuestions) as OpenQuestion[];
  return [
    `${pairs} pairs: ${different} different, ${equal} equal, ${sum} undecided`,
    ...[...undecided].map(([cause, count]) => `undecided, ${count} times: ${cause}`),
    `${requests} requests, ${decisions} decisions of each policy under all interpretations`,
    `${combined} pairs with more than one open point, at most ${figures.mostInterpretations} interpretations of one`,
    `pairs by open point: ${points.map((name) => `${name} ${figures.concerned.get(name) ?? 0}`).join(", ")}`,
    `${disagreements.length} disagreements`,
    ...disagreements,
  ].join("\n");
}
