/**
 * Protection that a change takes away: a Deny that no longer applies to what is now allowed, and a
 * condition that no longer confines it. Decided for each target: a principal, an action and a resource.
 */

import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { Budget, limits } from "./budget.ts";
import { accessChangesOf, type AccessChange } from "./describe/access-changes.ts";
import {
  confinementKey,
  confinements,
  confiningKeys,
  isConfined,
  type Confinement,
} from "./engine/confinement.ts";
import { outcomesOf, type ConditionOutcome } from "./engine/condition-space.ts";
import {
  Comparison,
  targetComparison,
  type IsWanted,
  type StatementPart,
  type Target,
} from "./engine/diagram.ts";
import { mapLeaves, type Diagram, type Leaf } from "./engine/nodes.ts";
import { sliced } from "./engine/slice.ts";
import { findWitness } from "./engine/witness.ts";
import type { Dependence } from "./interpretation-texts.ts";
import { dependenceWhere, forEachInterpretation } from "./interpretations.ts";
import { decidedOnce } from "./nameless.ts";
import { requestSetOf } from "./query.ts";
import type { Interpretation, Request } from "./request.ts";

/** What a change does to the protection of a target. */
export const protectionLosses = [
  /** Something that a Deny refused is allowed, and not confined as before. */
  "Deny overridden",
  /** What was confined in some way is allowed outside of it. */
  "condition dropped",
  /** What is allowed is confined in the same way, but to more networks, or for longer. */
  "condition weakened",
  /** Something is allowed to anonymous callers, and not confined to a network. */
  "public, any network",
] as const;

export type ProtectionLoss = (typeof protectionLosses)[number];

/** Targets of one loss. */
export interface LostProtection {
  readonly loss: ProtectionLoss;
  /** The targets, without conditions; never empty. */
  readonly changes: readonly AccessChange[];
  /** A request of the first change that is allowed now and was not before. */
  readonly witness: Request;
  /** Ways in which access was confined before, and is no longer, or less. */
  readonly confinements: readonly Confinement[];
  readonly dependsOn: Dependence;
}

export type ProtectionAnswer =
  | { readonly kind: "decided"; readonly lost: readonly LostProtection[] }
  | { readonly kind: "undecided"; readonly cause: string };

type LossFinding = Omit<LostProtection, "dependsOn" | "witness">;

/** Finds the protection that a change takes away, under some interpretation. Both policies must be supported. */
export function lostProtection(
  before: Policy,
  after: Policy,
  bucket: Bucket,
  budget = new Budget(limits.questionSteps),
): ProtectionAnswer {
  return decideOnce({ policies: [before, after], bucket, kind: "protection" }, budget, () =>
    findLostProtection(before, after, bucket, budget),
  );
}

const decideOnce = decidedOnce(({ kind }: ProtectionAnswer) => kind === "decided");

function findLostProtection(before: Policy, after: Policy, bucket: Bucket, budget: Budget): ProtectionAnswer {
  const answers = new Map<string, TargetAnswer>();
  const query = { leafOf: (target: Target) => answerFor(target, answers, budget)?.leaf };
  const slices = sliced(before, after, bucket);
  const targets = targetComparison(slices, bucket, query, budget);
  const known = new Map<Diagram, readonly LossFinding[]>();
  const witnesses = new Map<ProtectionLoss, Request>();
  const found = forEachInterpretation(slices, bucket, (interpretation, all) => {
    const diagram = targets.under(interpretation, all);
    const findings = known.get(diagram) ?? findingsIn(diagram, [...answers.values()], budget);
    known.set(diagram, findings);
    for (const { loss, changes } of findings) {
      if (witnesses.has(loss)) continue;
      const change = { before, after, bucket, interpretation, budget };
      witnesses.set(loss, gainedRequest(changes, leaves[loss], change));
    }
    return findings;
  });
  if (found.kind === "undecided") return found;
  const lost = protectionLosses.flatMap((loss) => {
    const of = (findings: readonly LossFinding[]) => findings.find((finding) => finding.loss === loss);
    const first = found.answers.map(({ answer }) => of(answer)).find((finding) => finding !== undefined);
    const witness = witnesses.get(loss);
    if (first === undefined || witness === undefined) return [];
    const dependsOn = dependenceWhere(found, (answer) => of(answer) !== undefined);
    return [{ loss, changes: first.changes, witness, confinements: first.confinements, dependsOn }];
  });
  return { kind: "decided", lost };
}

interface RequestedChange {
  readonly before: Policy;
  readonly after: Policy;
  readonly bucket: Bucket;
  readonly interpretation: Interpretation;
  readonly budget: Budget;
}

/** Losses of one target, each with the confinements that it concerns. */
type TargetLosses = ReadonlyMap<ProtectionLoss, readonly Confinement[]>;

interface TargetAnswer {
  /** One leaf for equal losses. */
  readonly leaf: Leaf;
  readonly losses: TargetLosses;
}

function answerFor(
  target: Target,
  answers: Map<string, TargetAnswer>,
  budget: Budget,
): TargetAnswer | undefined {
  const losses = lossesOf(target, budget);
  if (losses.size === 0) return undefined;
  const key = JSON.stringify([...losses]);
  const answer = answers.get(key) ?? { leaf: { ...gained }, losses };
  answers.set(key, answer);
  return answer;
}

/** Returns the losses of a diagram, each with the targets that have it. */
function findingsIn(
  diagram: Diagram,
  answers: readonly TargetAnswer[],
  budget: Budget,
): readonly LossFinding[] {
  const lossesAt = new Map(answers.map(({ leaf, losses }) => [leaf, losses]));
  return protectionLosses.flatMap((loss): readonly LossFinding[] => {
    const ways = new Set<Confinement>();
    const part = mapLeaves(diagram, (leaf) => {
      const own = lossesAt.get(leaf)?.get(loss);
      own?.forEach((way) => ways.add(way));
      return own === undefined ? undefined : leaves[loss];
    });
    if (part?.kind !== "branch") return [];
    const changes = accessChangesOf(part, budget);
    if (changes.length === 0) return [];
    return [{ loss, changes, confinements: confinements.filter((way) => ways.has(way)) }];
  });
}

const gained: Leaf = { kind: "leaf", before: "none", after: "allow" };

const leaves: Readonly<Record<ProtectionLoss, Leaf>> = {
  "Deny overridden": { kind: "leaf", before: "deny", after: "allow" },
  "condition dropped": gained,
  "condition weakened": gained,
  "public, any network": gained,
};

/** Compares what a target could do before with what it can do after. */
function lossesOf(target: Target, budget: Budget): TargetLosses {
  const outcomes = outcomesOf(target, confiningKeys, budget);
  const was = outcomes.filter(({ before }) => before === "allow");
  const is = outcomes.filter(({ after }) => after === "allow");
  const gains = is.filter(({ before }) => before !== "allow");
  if (gains.length === 0) return new Map();
  const confinedBefore = was.length === 0 ? [] : confinements.filter((way) => isConfined(was, way));
  const dropped = confinedBefore.filter((way) => !isConfined(is, way));
  const widened = dropped.length > 0 ? [] : confinedBefore.filter((way) => isWider(way, was, gains));
  const losses = new Map<ProtectionLoss, readonly Confinement[]>();
  if (target.requestKind.isAnonymous && !isConfined(gains, "network")) losses.set("public, any network", []);
  if (dropped.length > 0) losses.set("condition dropped", dropped);
  if (widened.length > 0) losses.set("condition weakened", widened);
  const denied = outcomes.filter(({ before }) => before === "deny");
  const undenied = denied.filter(({ after }) => after === "allow");
  if (undenied.length === 0) return losses;
  // One more network in the exceptions of a Deny, which goes on to refuse the others, is less than a Deny that goes.
  const isException =
    isConfined(undenied, "network") &&
    !isConfined(denied, "network") &&
    denied.every(({ after }) => after !== "none");
  const isStillConfined =
    dropped.length === 0 &&
    (isException || confinedBefore.includes("network") || confinedBefore.includes("time"));
  if (isStillConfined) losses.set("condition weakened", widened);
  else losses.set("Deny overridden", dropped);
  return losses;
}

/** Returns true if something is gained from a network, or at a time, at which nothing was allowed. */
function isWider(
  way: Confinement,
  was: readonly ConditionOutcome[],
  gains: readonly ConditionOutcome[],
): boolean {
  if (way !== "network" && way !== "time") return false;
  const known = new Set(was.map((outcome) => confinementKey(outcome, way)));
  return gains.some((outcome) => !known.has(confinementKey(outcome, way)));
}

/** Returns a request of a target of the first change that is gained. */
function gainedRequest(
  [first]: readonly AccessChange[],
  { before: wanted }: Leaf,
  change: RequestedChange,
): Request {
  if (first === undefined) throw new Error("a loss has targets");
  const target = first.witness;
  const { before, after, bucket, interpretation, budget } = change;
  const resource = target.resource === "" ? bucket.name : `${bucket.name}/${target.resource}`;
  const scene = requestSetOf([target.principal], [target.action], [`acs:oss:*:*:${resource}`], new Map());
  const within = ({ statements }: Policy) => statements.map((one: Statement): StatementPart => [one, scene]);
  const isGained: IsWanted = (was, is) =>
    is === "allow" && (wanted === "deny" ? was === "deny" : was !== "allow");
  const parts = { before: within(before), after: within(after), bucket };
  const found = findWitness(
    new Comparison(parts, budget, { isWanted: isGained }).under(interpretation, [interpretation]),
  );
  if (found === undefined) throw new Error(`nothing is gained at ${JSON.stringify(target)}`);
  return found;
}
