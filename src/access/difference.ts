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

/** What one policy in place of another gives and takes, decided for all requests that can be made. */
export type AccessDifference =
  | { readonly verdict: "equal" }
  | {
      readonly verdict: "different";
      readonly regions: readonly KnownAccessChange[];
      readonly dependsOn: readonly OpenQuestion[];
    }
  | { readonly verdict: "undecided"; readonly cause: string };

/** A region, and under which interpretations it is one. */
export interface KnownAccessChange extends ReplayedRegion {
  readonly dependsOn: Dependence;
}

/** A region, and how its example is decided: others of it may have been decided otherwise before, or after. */
interface ReplayedRegion extends AccessChange {
  readonly before: Decision;
  readonly after: Decision;
}

/** Equal only where it is so under every interpretation of what OSS's documentation leaves open. */
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

/** The same of policies that are known to have a meaning; scenes of questions may stand in them. */
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

/** Whether two policies decide alike under every interpretation; false also where that would take much work. */
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

/** Every witness is asked of both policies by the reference evaluator before anybody sees it. */
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
        `the example of a region is decided otherwise than the region: ${JSON.stringify(region)}`,
      );
    return { ...region, before: was, after: is };
  });
}

/** Regions that are found under every interpretation hold; of the others it is said when they do. */
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
