import type { Policy } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { compareUnder } from "./engine/diagram.ts";
import { evaluate } from "./evaluate.ts";
import { dependenceOf, forEachInterpretation, questionsOf, type UnderEach } from "./interpretations.ts";
import type { Dependence, OpenQuestion } from "./interpretation-texts.ts";
import { effectOf } from "./effect.ts";
import { accessChangeKey, accessChangesOf, type AccessChange } from "./describe/access-changes.ts";
import type { Decision, Interpretation } from "./request.ts";
import type { Bucket } from "../policy/bucket.ts";
import { sliced } from "./engine/slice.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

/** Difference in access between two policies, decided over all possible requests. */
export type AccessDifference =
  | { readonly verdict: "equal" }
  | {
      readonly verdict: "different";
      readonly regions: readonly KnownAccessChange[];
      readonly dependsOn: readonly OpenQuestion[];
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

/** Compares two policies. "equal" means equal under every interpretation of OSS's documentation. */
export function accessDifference(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget?: Budget,
): AccessDifference {
  const unknown = [...unsupportedIn(before, "before"), ...unsupportedIn(after, "after")];
  if (unknown.length > 0) return { verdict: "undecided", cause: unknown.join("; ") };
  return differenceOf(before, after, bucket, budget);
}

/** Compares two policies that are known to be supported. They may contain the request sets of queries. */
export function differenceOf(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): AccessDifference {
  const found = forEachInterpretation(sliced(before, after, bucket), bucket, (interpretation) =>
    regionsUnder(before, after, bucket, interpretation, budget),
  );
  if (found.kind === "undecided") return { verdict: "undecided", cause: found.cause };
  const regions = mergeRuns(found);
  if (regions.length === 0) return { verdict: "equal" };
  const dependsOn = questionsOf(regions.flatMap((region) => region.dependsOn));
  return { verdict: "different", regions, dependsOn };
}

/** Returns true if two policies are proved equal under every interpretation within a small budget. */
export function isProvedEqual(before: Policy, after: Policy, bucket: Bucket): boolean {
  const budget = new Budget(limits.hintSteps);
  const found = forEachInterpretation(
    sliced(before, after, bucket),
    bucket,
    (interpretation) => compareUnder(before, after, bucket, interpretation, budget) === undefined,
  );
  return found.kind === "answered" && found.answers.every(({ answer }) => answer);
}

function unsupportedIn(policy: Policy | "none", side: "before" | "after"): readonly string[] {
  return policy === "none"
    ? []
    : unsupported(policy).map((one) => `no meaning is known for ${unsupportedText([one])} (${side})`);
}

/** Returns the access changes under one interpretation. The reference evaluator checks every witness. */
function regionsUnder(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  interpretation: Interpretation,
  budget: Budget,
): readonly ReplayedRegion[] {
  const diagram = compareUnder(before, after, bucket, interpretation, budget);
  if (diagram?.kind !== "branch") return [];
  return accessChangesOf(diagram, budget).map((region) => {
    const decide = (policy: Policy | "none"): Decision =>
      policy === "none" ? "none" : evaluate(policy, region.witness, bucket, interpretation).decision;
    const [was, is] = [decide(before), decide(after)];
    if (was === is || effectOf(was, is) !== region.effect)
      throw new Error(
        `the witness of an access change has another effect than the change: ${JSON.stringify(region)}`,
      );
    return { ...region, before: was, after: is };
  });
}

/** Merges the access changes of all interpretations, each with the interpretations under which it holds. */
function mergeRuns({
  answers,
  questions,
}: Extract<UnderEach<readonly ReplayedRegion[]>, { kind: "answered" }>): readonly KnownAccessChange[] {
  const found = new Map<string, { region: ReplayedRegion; under: Interpretation[] }>();
  for (const { interpretation, answer } of answers) {
    for (const region of answer) {
      const known = found.get(accessChangeKey(region)) ?? { region, under: [] };
      known.under.push(interpretation);
      found.set(accessChangeKey(region), known);
    }
  }
  const all = answers.map(({ interpretation }) => interpretation);
  return [...found.values()].map(({ region, under }) => ({
    ...region,
    dependsOn: dependenceOf(under, all, questions),
  }));
}
