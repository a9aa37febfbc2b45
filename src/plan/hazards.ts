import equal from "fast-deep-equal";
import { Budget, limits } from "../access/budget.ts";
import { decisionTexts, dependenceText, namedText, requestText } from "../access/render.ts";
import { turnWithin } from "../access/within.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf } from "../desired/desired-policy.ts";
import type { Accept, Guardrail } from "../desired/guards.ts";
import { hazardSeverities } from "../desired/guard-schema.ts";
import { globMatches } from "../policy/glob.ts";
import { policyDigest, type Policy } from "../policy/policy.ts";
import {
  acceptedBreaches,
  brokenGuardrails,
  guardrailText,
  isInForce,
  type BrokenGuardrail,
} from "../proof/guardrails.ts";
import { everyoneElse, everyRole, lockoutsOf, type Lockout } from "../proof/lockout.ts";
import { accessHazards } from "./access-hazards.ts";
import { driftHazards } from "./drift-hazards.ts";
import type { HazardInput } from "./hazard-input.ts";
import { compareHazards, hazard, type Hazard, type HazardCode } from "./hazard.ts";
import { statementText } from "./statement-text.ts";

/** Returns the hazards of a change, gravest first. An unchanged policy has only the hazards of its state. */
export function hazardsOf(input: HazardInput): readonly Hazard[] {
  const { access, before, after } = input;
  const ofChange = access.verdict === "equal" && equal(before, after) ? [] : changeHazards(input);
  return [...ofChange, ...stateHazards(input)]
    .map((found) => acceptedHazard(withSeverity(found, input.bucket), input))
    .sort(compareHazards);
}

/** Returns the hazard with the severity that its account asks for: the stricter of the base and now. */
export function withSeverity(found: Hazard, { account }: DesiredBucket): Hazard {
  const { severities, severitiesAtBase = severities } = account;
  const asked = [severities, severitiesAtBase].map((one) => one.get(found.code) ?? found.severity);
  const severity = hazardSeverities.find((one) => asked.includes(one));
  return { ...found, severity: severity ?? found.severity };
}

/** Returns the hazard, marked as accepted if an option or an accept in force covers it. */
export function acceptedHazard(
  hazard: Hazard,
  { bucket, before, gate }: Pick<HazardInput, "bucket" | "before" | "gate">,
): Hazard {
  if (gate.accepted.some((text) => isAcceptOf(text, hazard.code, bucket.bucket)))
    return { ...hazard, accepted: "for this run, by --accept" };
  if (hazard.accepted !== undefined) return hazard;
  const consent = bucket.accepts.find(
    (one) =>
      "hazard" in one.of &&
      one.of.hazard === hazard.code &&
      isInForce(one, gate.today) &&
      (one.live === undefined || one.live === policyDigest(before)),
  );
  return consent === undefined ? hazard : { ...hazard, accepted: reasonOf(consent) };
}

/** Returns why something is accepted, and says so if it was before this change was made. */
function reasonOf({ reason, isOfBase }: Accept): string {
  return isOfBase === true ? `${reason}, by an entry that the base has` : reason;
}

/** Returns true if `CODE@BUCKET-GLOB` names a hazard of a bucket. */
function isAcceptOf(text: string, code: HazardCode, bucket: string): boolean {
  const [named = "", glob = ""] = text.split("@");
  return named === code && globMatches(glob, bucket);
}

function stateHazards({ bucket, gate, budget }: HazardInput): readonly Hazard[] {
  return brokenGuardrails(bucket, gate.today, budget).map(guardrailHazard);
}

function guardrailHazard(broken: BrokenGuardrail): Hazard {
  return {
    code: "guardrail-broken",
    severity: "block",
    message: guardrailText(broken),
    guardrail: broken.guardrail.name,
    ...(broken.answer.kind === "broken" ? { witness: broken.answer.witness, saysWitness: true } : {}),
  };
}

/** Finds that a change goes further into what a guardrail forbids, as far as an accept covers it. */
function acceptedGuardrails(input: HazardInput): readonly Hazard[] {
  const { bucket, gate, budget } = input;
  return acceptedBreaches(bucket, gate.today, budget)
    .filter(({ guardrail }) => goesFurther(guardrail, input))
    .map((breach) => ({ ...guardrailHazard(breach), accepted: reasonOf(breach.accept) }));
}

function goesFurther(
  { demand, scene }: Guardrail,
  { bucket, before, after, access, budget = new Budget(limits.bucketSteps) }: HazardInput,
): boolean {
  if (demand !== "not allowed")
    return (
      access.verdict !== "different" ||
      access.regions.some(({ effect }) => effect === "gains" || effect === "blockLifted")
    );
  return !["same", "narrower"].includes(turnWithin(before, after, bucketOf(bucket), scene, budget));
}

function changeHazards(input: HazardInput): readonly Hazard[] {
  const { bucket, before, after, gate } = input;
  return [
    ...accessHazards(input),
    ...lockoutHazards(input),
    ...driftHazards(input),
    ...acceptedGuardrails(input),
    ...gate
      .refusals(bucket)
      .map((message): Hazard => ({ code: "refused-by-oss", severity: "block", message })),
    ...(before !== "none" && after === "none" ? [removedPolicy(before)] : []),
  ];
}

/** Finds lockouts. It only warns of a lockout by the live policy alone, since OSS denies this write too. */
function lockoutHazards({ bucket, before, after, budget }: HazardInput): readonly Hazard[] {
  const ofLive = lockoutsOf(before, bucket, budget).filter(({ answer }) => answer.kind === "broken");
  const lockedAlready = ofLive.map(({ operator }) => operator);
  const ofNew = lockoutsOf(after, bucket, budget)
    // Where the live policy is closed to a group already, whoever reads it is not of that group.
    .filter(({ operator }) => !isGroup(operator) || !lockedAlready.includes(operator));
  const reported = ofNew.map(({ operator }) => operator);
  const live = ofLive
    .filter(({ operator }) => !isGroup(operator) && !reported.includes(operator))
    .map(({ operator, answer }): Hazard => ({
      ...hazard(
        lockoutCode(operator),
        "warn",
        `the live policy may already lock out ${operatorText(operator, bucket)}: as that caller, this run cannot write it`,
      ),
      ...(answer.kind === "broken" ? { witness: answer.witness } : {}),
    }));
  return [
    ...ofNew.map((lockout) => lockoutHazard(lockout, bucket, lockedAlready.includes(lockout.operator))),
    ...live,
  ];
}

function operatorText(operator: string, { account }: DesiredBucket): string {
  return operator === "owner" ? "the owner" : `the operator ${namedText(operator, namesOf(account))}`;
}

/** Returns whether an operator stands for callers of whom this run may be one, or none. */
function isGroup(operator: string): boolean {
  return operator === everyoneElse || operator === everyRole;
}

function lockoutCode(operator: string): HazardCode {
  return operator === "owner" ? "locks-out-owner" : "locks-out-operator";
}

function lockoutHazard(
  { operator, answer }: Lockout,
  bucket: DesiredBucket,
  isLockedAlready: boolean,
): Hazard {
  const names = namesOf(bucket.account);
  const who = operatorText(operator, bucket);
  const code = lockoutCode(operator);
  if (answer.kind === "undecided")
    return hazard(
      code,
      "block",
      `cannot decide whether ${who} could still change the policy: ${answer.cause}`,
    );
  const { witness, decision, dependsOn } = answer;
  const open = dependenceText(dependsOn);
  if (operator === everyoneElse) return { ...hazard(code, "block", closedText), witness };
  if (operator === everyRole) return { ...hazard(code, "warn", closedToRolesText), witness };
  const how = `${requestText(witness, names)} is ${decisionTexts[decision]}${open === "" ? "" : `, ${open}`}`;
  const already = isLockedAlready ? `; the live policy already locks out ${who}` : "";
  return {
    ...hazard(code, "block", `${who} could not change the policy: ${how}${already}`),
    witness,
    saysWitness: true,
  };
}

const closedText =
  "only the account itself could read and change the policy: a Deny refuses every RAM user and role, and this run may be one";

const closedToRolesText =
  "no role of the account could read and change the policy, and this run may be one: only the account itself and RAM users could undo it";

/** Warns of a bucket that is left without a policy, and names the Denies that go with it. */
function removedPolicy({ statements }: Policy): Hazard {
  const denies = statements.filter(({ effect }) => effect === "Deny");
  const gone =
    denies.length === 0
      ? ""
      : `; ${denies.length === 1 ? "a Deny goes" : `${denies.length} Denies go`} with it: ${denies
          .slice(0, 2)
          .map((one) => statementText(one))
          .join("; ")}`;
  const text = "the bucket has no policy afterwards: only RAM policies and ACLs decide access";
  return hazard("removes-policy", "warn", `${text}${gone}`);
}
