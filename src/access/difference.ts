import type { Policy } from "../policy/policy.ts";
import { TooManyKinds } from "./axes.ts";
import { TooManyParts } from "./boxes.ts";
import { BudgetSpent, compareUnder, type Budget } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { TooManyTerms } from "./key-names.ts";
import { labelOf } from "./label.ts";
import { readingsOf, switchesFelt, type Switch } from "./readings.ts";
import { regionsOf, type Region } from "./regions.ts";
import type { Bucket, Decision, Reading } from "./request.ts";
import { sliced } from "./slice.ts";
import { unsupported } from "./unsupported.ts";

/** What one policy in place of another gives and takes, decided for all requests that can be made. */
export type AccessDifference =
  | { readonly verdict: "equal" }
  | {
      readonly verdict: "different";
      readonly regions: readonly KnownRegion[];
      readonly dependsOn: readonly Switch[];
    }
  | { readonly verdict: "undecided"; readonly cause: string };

/** A region, and the positions of the switches under which it is one; none of them: under every reading. */
export interface KnownRegion extends ReplayedRegion {
  readonly dependsOn: readonly ReadingPosition[];
}

/** A region, and how its example is decided: others of it may have been decided otherwise before, or after. */
interface ReplayedRegion extends Region {
  readonly before: Decision;
  readonly after: Decision;
}

export interface ReadingPosition {
  readonly name: Switch;
  readonly position: string;
}

/** More switches at once than are worth the work: every one doubles it. */
const mostSwitches = 4;

/** Equal only where it is so under every reading of what OSS's documentation leaves open. */
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
  budget?: Budget,
): AccessDifference {
  const switches = switchesFelt(sliced(before, after, bucket), bucket);
  if (switches.length > mostSwitches)
    return {
      verdict: "undecided",
      cause: "it depends on too many points that OSS's documentation leaves open",
    };
  try {
    const runs = readingsOf(switches).map((reading) => ({
      reading,
      regions: regionsUnder(before, after, bucket, reading, budget),
    }));
    const regions = mergeRuns(runs, switches);
    if (regions.length === 0) return { verdict: "equal" };
    const names = new Set(regions.flatMap(({ dependsOn }) => dependsOn.map(({ name }) => name)));
    return { verdict: "different", regions, dependsOn: switches.filter((name) => names.has(name)) };
  } catch (failure) {
    if (tooMuch.some((kind) => failure instanceof kind) && failure instanceof Error)
      return { verdict: "undecided", cause: failure.message };
    throw failure;
  }
}

const tooMuch = [BudgetSpent, TooManyKinds, TooManyParts, TooManyTerms];

/** Work worth spending on a hint that nobody asked for. */
const hintBudget: Budget = { nodes: 5_000, states: 5_000, seconds: 5 };

/** Whether two policies decide alike under every reading; false also where that would take much work. */
export function isProvedEqual(before: Policy, after: Policy, bucket: Bucket): boolean {
  const readings = readingsOf(switchesFelt(sliced(before, after, bucket), bucket));
  try {
    return readings.every(
      (reading) => compareUnder(before, after, bucket, reading, hintBudget) === undefined,
    );
  } catch (failure) {
    if (failure instanceof BudgetSpent) return false;
    throw failure;
  }
}

function unsupportedIn(policy: Policy | "none", side: "before" | "after"): readonly string[] {
  return policy === "none"
    ? []
    : unsupported(policy).map((what) => `no meaning is known for ${what} (${side})`);
}

/** Every witness is asked of both policies by the reference evaluator before anybody sees it. */
function regionsUnder(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  reading: Reading,
  budget: Budget | undefined,
): readonly ReplayedRegion[] {
  const diagram = compareUnder(before, after, bucket, reading, budget);
  if (diagram?.kind !== "branch") return [];
  return regionsOf(diagram).map((region) => {
    const decide = (policy: Policy | "none"): Decision =>
      policy === "none" ? "none" : evaluate(policy, region.witness, bucket, reading).decision;
    const [was, is] = [decide(before), decide(after)];
    if (was === is || labelOf(was, is) !== region.label)
      throw new Error(
        `the example of a region is decided otherwise than the region: ${JSON.stringify(region)}`,
      );
    return { ...region, before: was, after: is };
  });
}

interface Run {
  readonly reading: Reading;
  readonly regions: readonly ReplayedRegion[];
}

/** Regions that stand in every run hold under every reading; of the others it is said where they stand. */
function mergeRuns(runs: readonly Run[], switches: readonly Switch[]): readonly KnownRegion[] {
  const found = new Map<string, { region: ReplayedRegion; readings: Reading[] }>();
  for (const { reading, regions } of runs) {
    for (const region of regions) {
      const known = found.get(regionKey(region)) ?? { region, readings: [] };
      known.readings.push(reading);
      found.set(regionKey(region), known);
    }
  }
  return [...found.values()].map(({ region, readings }) => ({
    ...region,
    dependsOn: readings.length === runs.length ? [] : positionsOf(readings, switches),
  }));
}

/** The switches that stand alike in all these readings; all of them where none does. */
function positionsOf(readings: readonly Reading[], switches: readonly Switch[]): readonly ReadingPosition[] {
  const first = readings[0];
  if (first === undefined) return [];
  const alike = switches.filter((name) => readings.every((reading) => reading[name] === first[name]));
  const named = alike.length > 0 ? alike : switches;
  return named.map((name) => ({ name, position: first[name] }));
}

function regionKey({ label, principals, actions, resources, conditions }: Region): string {
  return JSON.stringify([label, principals, actions, resources, conditions]);
}
