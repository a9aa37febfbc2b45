import type { Policy } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { comparisonOf } from "./engine/diagram.ts";
import type { Branch } from "./engine/nodes.ts";
import { evaluate } from "./evaluate.ts";
import { dependenceAmong, forEachInterpretation, questionsOf, type UnderEach } from "./interpretations.ts";
import {
  observedIn,
  type Dependence,
  type OpenQuestion,
  type PointPosition,
} from "./interpretation-texts.ts";
import { effectOf } from "./effect.ts";
import { accessChangeKey, accessChangesOf, type AccessChange } from "./describe/access-changes.ts";
import type { Decision, Interpretation } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";
import { sliced } from "./engine/slice.ts";
import { decidedOnce } from "./nameless.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

/** Difference in access between two policies, decided over all possible requests. */
export type AccessDifference =
  | { readonly verdict: "equal"; readonly observed?: readonly PointPosition[] }
  | {
      readonly verdict: "different";
      readonly regions: readonly KnownAccessChange[];
      readonly dependsOn: readonly OpenQuestion[];
      /** Observed positions without which the result would be another one; absent if there are none. */
      readonly observed?: readonly PointPosition[];
    }
  | { readonly verdict: "undecided"; readonly cause: string };

/** Access change with the interpretations under which it holds. */
export interface KnownAccessChange extends ReplayedRegion {
  readonly dependsOn: Dependence;
}

/** Access change with the decisions on its witness. Its other requests may have other decisions. */
interface ReplayedRegion extends AccessChange {
  readonly before: Decision;
  readonly after: Decision;
}

/** Access change beside the decisions, so that equal changes can be told by their object. */
interface Replayed {
  readonly change: AccessChange;
  readonly before: Decision;
  readonly after: Decision;
}

/** Compares two policies. "equal" means equal under every interpretation of OSS's documentation. */
export function accessDifference(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): AccessDifference {
  return decideOnce({ policies: [before, after], bucket, kind: "difference" }, budget, () => {
    const unknown = [...unsupportedIn(before, "before"), ...unsupportedIn(after, "after")];
    if (unknown.length > 0) return { verdict: "undecided", cause: unknown.join("; ") };
    return differenceOf(before, after, bucket, budget);
  });
}

const decideOnce = decidedOnce(({ verdict }: AccessDifference) => verdict !== "undecided");

/** Compares two policies that are known to be supported. They may contain the request sets of queries. */
export function differenceOf(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): AccessDifference {
  const slices = sliced(before, after, bucket);
  const comparison = comparisonOf(slices, bucket, budget);
  const described = new Map<Branch, readonly AccessChange[]>();
  const found = forEachInterpretation(slices, bucket, (interpretation, all) => {
    const diagram = comparison.under(interpretation, all);
    if (diagram?.kind !== "branch") return [];
    const changes = described.get(diagram) ?? accessChangesOf(diagram, budget);
    described.set(diagram, changes);
    return changes.map((change) => replayed(change, before, after, bucket, interpretation));
  });
  if (found.kind === "undecided") return { verdict: "undecided", cause: found.cause };
  const { regions, dependence } = mergeRuns(found);
  const observed = observedIn(dependence);
  const rest = observed.length === 0 ? {} : { observed };
  if (regions.length === 0) return { verdict: "equal", ...rest };
  return { verdict: "different", regions, dependsOn: questionsOf(dependence), ...rest };
}

/** Returns true if two policies are proved equal under every interpretation within a small part of a budget. */
export function isProvedEqual(before: Policy, after: Policy, bucket: Bucket, whole: Budget): boolean {
  const budget = new Budget(limits.hintSteps, whole);
  const slices = sliced(before, after, bucket);
  const comparison = comparisonOf(slices, bucket, budget);
  const found = forEachInterpretation(
    slices,
    bucket,
    (interpretation, all) => comparison.under(interpretation, all) === undefined,
  );
  return found.kind === "answered" && found.answers.every(({ answer }) => answer);
}

function unsupportedIn(policy: Policy | "none", side: "before" | "after"): readonly string[] {
  return policy === "none"
    ? []
    : [
        ...new Set(
          unsupported(policy).map((one) => `no meaning is known for ${unsupportedText([one])} (${side})`),
        ),
      ];
}

/** Adds the decisions on the witness. The reference evaluator checks every witness under every interpretation. */
function replayed(
  change: AccessChange,
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
): Replayed {
  const decide = (policy: Policy | "none"): Decision =>
    policy === "none" ? "none" : evaluate(policy, change.witness, bucket, interpretation).decision;
  const [was, is] = [decide(before), decide(after)];
  if (was === is || effectOf(was, is) !== change.effect)
    throw new Error(
      `the witness of an access change has another effect than the change: ${JSON.stringify(change)}`,
    );
  return { change, before: was, after: is };
}

/**
 * Merges the access changes of all interpretations, each with the interpretations under which it holds. The
 * dependence is that of all changes, with those that an observation rules out.
 */
function mergeRuns(answered: Extract<UnderEach<readonly Replayed[]>, { kind: "answered" }>): {
  readonly regions: readonly KnownAccessChange[];
  readonly dependence: Dependence;
} {
  const all = [...answered.answers, ...answered.ruledOut];
  const found = new Map<string, { region: Replayed; under: Set<Interpretation> }>();
  for (const { interpretation, answer } of all) {
    for (const region of answer) {
      const key = accessChangeKey(region.change);
      const known = found.get(key) ?? { region, under: new Set() };
      known.under.add(interpretation);
      found.set(key, known);
    }
  }
  const order = new Map(all.map(({ interpretation }, index) => [interpretation, index]));
  const memo = new Map<string, Dependence>();
  const dependenceIf = (holds: (one: Interpretation) => boolean): Dependence => {
    const holding = [...order.keys()].filter(holds);
    const key = holding.map((one) => order.get(one)).join();
    const dependence = memo.get(key) ?? dependenceAmong(answered, holding);
    memo.set(key, dependence);
    return dependence;
  };
  const merged = [...found.values()].map(({ region: { change, before, after }, under }) => {
    const isPossible = answered.answers.some(({ interpretation }) => under.has(interpretation));
    const dependsOn = dependenceIf((one) => under.has(one) === isPossible);
    return { isPossible, region: { ...change, before, after, dependsOn } };
  });
  const regions = merged.flatMap(({ isPossible, region }) => (isPossible ? region : []));
  // Without a change under any interpretation, what could not be decided of those ruled out may still have one.
  const unknown = answered.isWhole ? [] : [answered.observed];
  return { regions, dependence: [...merged.flatMap(({ region }) => region.dependsOn), ...unknown] };
}
