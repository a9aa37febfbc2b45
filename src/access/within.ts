/** Access within a request set: what a policy allows of it, and how two policies differ on it. */

import type { Bucket } from "../policy/bucket.ts";
import type { Policy, Statement } from "../policy/policy.ts";
import { namelessChangesOf, type NamelessChange } from "./describe/access-changes.ts";
import type { Budget } from "./budget.ts";
import { Comparison, type IsWanted, type StatementPart } from "./engine/diagram.ts";
import { findWitness } from "./engine/witness.ts";
import { evaluate } from "./evaluate.ts";
import { forEachInterpretation } from "./interpretations.ts";
import type { RequestSet } from "./query.ts";
import type { Decision, Interpretation, Request } from "./request.ts";
import { unsupported, unsupportedText } from "./unsupported.ts";

/** Part of a request set that a policy allows. */
export type AllowedPart =
  | {
      readonly kind: "described";
      /** Regions that together are the allowed requests, under any interpretation; empty if nothing is allowed. */
      readonly regions: readonly NamelessChange[];
      /** True if another interpretation of OSS's documentation allows another part. */
      readonly isOpen: boolean;
      /** True if it is no longer open, since an observation rules such an interpretation out. */
      readonly isObserved: boolean;
    }
  | { readonly kind: "undecided"; readonly cause: string };

/** Describes the requests of a set that a policy allows. */
export function allowedWithin(
  policy: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  budget: Budget,
): AllowedPart {
  const cause = unknownIn([policy]);
  if (cause !== undefined) return { kind: "undecided", cause };
  const [before, after] = [deniesOf(policy), partsWithin(policy, scene)];
  const comparison = new Comparison({ before, after, bucket }, budget);
  const found = forEachInterpretation([policy, sceneAlone(scene)], bucket, (interpretation, all) => {
    const diagram = comparison.under(interpretation, all);
    const regions = diagram?.kind === "branch" ? namelessChangesOf(diagram, budget) : [];
    for (const { witness } of regions)
      if (!isAllowed(policy, scene, witness, bucket, interpretation)) throw replayError(witness);
    return regions;
  });
  if (found.kind === "undecided") return found;
  const byKey = new Map(found.answers.flatMap(({ answer }) => answer.map((one) => [one.key, one] as const)));
  const isOther = ({ answer }: { readonly answer: readonly NamelessChange[] }) =>
    answer.length !== byKey.size || answer.some(({ key }) => !byKey.has(key));
  const isOpen = found.answers.some(isOther);
  const isObserved = !isOpen && (!found.isWhole || found.ruledOut.some(isOther));
  return { kind: "described", regions: [...byKey.values()], isOpen, isObserved };
}

/** How the allowed part of a request set changes; `different`: some requests are gained and others are lost. */
export type TurnWithin = "same" | "wider" | "narrower" | "different" | "undecided";

/** Decides how the allowed part of a request set changes, for all its requests under every interpretation. */
export function turnWithin(
  before: Policy | "none",
  after: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  budget: Budget,
): TurnWithin {
  if (unknownIn([before, after]) !== undefined) return "undecided";
  const gained = exceeds(after, before, bucket, scene, budget);
  const lost = exceeds(before, after, bucket, scene, budget);
  if (gained === undefined || lost === undefined) return "undecided";
  if (gained) return lost ? "different" : "wider";
  return lost ? "narrower" : "same";
}

/** Returns true if a policy allows a request of the set that another does not allow; undefined if undecided. */
function exceeds(
  policy: Policy | "none",
  other: Policy | "none",
  bucket: Bucket,
  scene: RequestSet,
  budget: Budget,
): boolean | undefined {
  const isWanted: IsWanted = (was, is) => was !== "allow" && is === "allow";
  const [before, after] = [statementsOf(other), partsWithin(policy, scene)];
  const comparison = new Comparison({ before, after, bucket }, budget, { isWanted });
  const found = forEachInterpretation([policy, other, sceneAlone(scene)], bucket, (interpretation, all) => {
    const witness = findWitness(comparison.under(interpretation, all));
    if (witness === undefined) return false;
    const isReplayed =
      isAllowed(policy, scene, witness, bucket, interpretation) &&
      decisionOf(other, witness, bucket, interpretation) !== "allow";
    if (!isReplayed) throw replayError(witness);
    return true;
  });
  return found.kind === "undecided" ? undefined : found.answers.some(({ answer }) => answer);
}

/** Returns the parts of a policy that allows what it allowed within the set, and nothing outside. */
function partsWithin(policy: Policy | "none", scene: RequestSet): readonly StatementPart[] {
  return statementsOf(policy).map((statement) =>
    statement.effect === "Allow" ? [statement, scene] : statement,
  );
}

function statementsOf(policy: Policy | "none"): readonly Statement[] {
  return policy === "none" ? [] : policy.statements;
}

function deniesOf(policy: Policy | "none"): readonly Statement[] {
  return statementsOf(policy).filter(({ effect }) => effect === "Deny");
}

function sceneAlone(scene: RequestSet): Policy {
  return { version: "1", statements: [{ ...scene, effect: "Allow" }], other: [] };
}

function isAllowed(
  policy: Policy | "none",
  scene: RequestSet,
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): boolean {
  return [policy, sceneAlone(scene)].every(
    (one) => decisionOf(one, request, bucket, interpretation) === "allow",
  );
}

function decisionOf(
  policy: Policy | "none",
  request: Request,
  bucket: Bucket,
  interpretation: Interpretation,
): Decision {
  return policy === "none" ? "none" : evaluate(policy, request, bucket, interpretation).decision;
}

function replayError(witness: Request): Error {
  return new Error(`the witness of an answer contradicts it: ${JSON.stringify(witness)}`);
}

function unknownIn(policies: readonly (Policy | "none")[]): string | undefined {
  const unknown = policies.flatMap((policy) => (policy === "none" ? [] : unsupported(policy)));
  return unknown.length === 0 ? undefined : `no meaning is known for ${unsupportedText(unknown)}`;
}
