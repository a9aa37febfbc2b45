import equal from "fast-deep-equal";
import type { AccessDifference, KnownAccessChange } from "../access/difference.ts";
import { liftedDeny } from "../access/lifted-deny.ts";
import type { Budget } from "../access/budget.ts";
import type { Proof } from "../access/query.ts";
import {
  decisionTexts,
  dependenceText,
  namedText,
  accessChangeText,
  requestText,
  type Names,
} from "../access/render.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { policyDigest, type Policy } from "../policy/policy.ts";
import { brokenGuardrails, guardrailText, isInForce } from "../proof/guardrails.ts";
import { provePrivate } from "../proof/access-queries.ts";
import { lockoutsOf, type Lockout } from "../proof/lockout.ts";
import { bucketOf } from "../desired/desired-policy.ts";
import type { BasePolicy } from "./base-policy.ts";
import { driftHazards } from "./drift-hazards.ts";
import { compareHazards, hazard, type Hazard, type HazardCode } from "./hazard.ts";

export interface HazardInput {
  readonly bucket: DesiredBucket;
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly access: AccessDifference;
  readonly gate: Gate;
  readonly base?: BasePolicy | undefined;
  /** Work limit for the analysis of this bucket. If absent, each query has its default limit. */
  readonly budget?: Budget | undefined;
}

/** Settings that decide which hazards block. */
export interface Gate {
  /** Date such as `2027-01-31`. */
  readonly today: string;
  /** Hazards accepted for this run, as `CODE@BUCKET`. */
  readonly accepted: readonly string[];
  /** The change claims to be a rewrite, so a gain of access blocks it. */
  readonly forbidsGains: boolean;
  /** Returns the known reasons why OSS would refuse the policy of a bucket. */
  refusals(bucket: DesiredBucket): readonly string[];
}

/** Returns the hazards of a change, gravest first. An unchanged policy has only the hazards of its state. */
export function hazardsOf(input: HazardInput): readonly Hazard[] {
  const { access, before, after } = input;
  const ofChange = access.verdict === "equal" && equal(before, after) ? [] : changeHazards(input);
  return [...ofChange, ...stateHazards(input)]
    .map((hazard) => acceptedHazard(hazard, input))
    .sort(compareHazards);
}

/** Returns the hazard, marked as accepted if an option or an accept in force covers it. */
export function acceptedHazard(
  hazard: Hazard,
  { bucket, before, gate }: Pick<HazardInput, "bucket" | "before" | "gate">,
): Hazard {
  if (hazard.severity !== "block") return hazard;
  if (gate.accepted.includes(`${hazard.code}@${bucket.bucket}`))
    return { ...hazard, accepted: "for this run, by --accept" };
  const consent = bucket.accepts.find(
    (one) =>
      "hazard" in one.of &&
      one.of.hazard === hazard.code &&
      isInForce(one, gate.today) &&
      (one.live === undefined || one.live === policyDigest(before)),
  );
  return consent === undefined ? hazard : { ...hazard, accepted: consent.reason };
}

function stateHazards({ bucket, gate, budget }: HazardInput): readonly Hazard[] {
  return brokenGuardrails(bucket, gate.today, budget).map((broken) => ({
    code: "guardrail-broken",
    severity: "block",
    message: guardrailText(broken),
    ...(broken.answer.kind === "broken" ? { witness: broken.answer.witness, saysWitness: true } : {}),
  }));
}

function changeHazards(input: HazardInput): readonly Hazard[] {
  const { bucket, before, after, access, gate } = input;
  const regions = access.verdict === "different" ? access.regions : [];
  return [
    ...accessHazards(access, regions, input),
    ...lockoutHazards(input),
    ...driftHazards(input),
    ...gate
      .refusals(bucket)
      .map((message): Hazard => ({ code: "refused-by-oss", severity: "block", message })),
    ...removedDenies(before, after),
    ...(before !== "none" && after === "none"
      ? [
          hazard(
            "removes-policy",
            "warn",
            "the bucket has no policy afterwards: only RAM policies and ACLs decide access",
          ),
        ]
      : []),
  ];
}

function accessHazards(
  access: AccessDifference,
  regions: readonly KnownAccessChange[],
  input: HazardInput,
): readonly Hazard[] {
  const { bucket, gate } = input;
  const names = namesOf(bucket.account);
  if (access.verdict === "undecided") return undecidedHazards(access.cause, input);
  const first = (
    holds: (region: KnownAccessChange) => boolean,
    code: HazardCode,
    severity: Hazard["severity"],
    what: string,
  ) => {
    const region = regions.find(holds);
    if (region === undefined) return [];
    const more = regions.filter(holds).length - 1;
    const sum = more > 0 ? `, and ${more} more` : "";
    const open = dependenceText(region.dependsOn);
    const doubt = open === "" ? "" : ` (${open})`;
    return [
      {
        ...hazard(code, severity, `${what}: ${accessChangeText(region, names)}${sum}${doubt}`),
        witness: region.witness,
      },
    ];
  };
  const gains = ({ effect }: KnownAccessChange) => effect === "gains";
  const isAnonymous = ({ witness }: KnownAccessChange) => witness.principal === "anonymous";
  // A rewrite lifts no Deny, since RAM policies may allow such requests, and depends on nothing undocumented.
  const mayGain = ({ effect, dependsOn }: KnownAccessChange) =>
    effect === "blockLifted" || dependsOn.length > 0;
  const forbiddenGains = () =>
    regions.some(gains)
      ? first(gains, "gains-forbidden", "block", "--forbid gains: access is gained")
      : first(mayGain, "gains-forbidden", "block", "--forbid gains: access may be gained");
  return [
    ...first(
      (one) => gains(one) && isAnonymous(one),
      "grants-public-access",
      "block",
      "anonymous callers gain access",
    ),
    ...(gate.forbidsGains ? forbiddenGains() : []),
    ...(access.verdict === "different" ? liftedHazards(input, names) : []),
    ...first(gains, "widens-access", "note", "gained"),
    ...first(
      ({ effect }) => effect === "loses" || effect === "newlyBlocked",
      "narrows-access",
      "note",
      "lost or blocked",
    ),
  ];
}

/** Returns a blocking hazard for each guard that needs the undecided difference. */
function undecidedHazards(
  cause: string,
  { bucket, before, after, gate, budget }: HazardInput,
): readonly Hazard[] {
  const address = bucketOf(bucket);
  const publicity = provePrivate({ policy: after, bucket: address }, budget);
  return [
    hazard("access-undecided", "block", `cannot decide which access changes: ${cause}`),
    ...(publicity.kind === "proved" ? [] : [publicHazard(publicity, before, bucket, budget)]),
    ...(gate.forbidsGains
      ? [
          hazard(
            "gains-forbidden",
            "block",
            `--forbid gains: cannot decide whether access is gained: ${cause}`,
          ),
        ]
      : []),
  ];
}

function publicHazard(
  publicity: Exclude<Proof, { readonly kind: "proved" }>,
  before: Policy | "none",
  bucket: DesiredBucket,
  budget: Budget | undefined,
): Hazard {
  const code = "grants-public-access";
  if (publicity.kind === "undecided")
    return hazard(code, "block", `cannot decide whether anonymous callers gain access: ${publicity.cause}`);
  const witness = publicity.witness;
  const was = provePrivate({ policy: before, bucket: bucketOf(bucket) }, budget);
  const example = requestText(witness, namesOf(bucket.account));
  const text =
    was.kind === "proved"
      ? `anonymous callers gain access: ${example}`
      : `anonymous callers have access, and it is undecided whether they gain any: ${example}`;
  return { ...hazard(code, "block", text), witness, saysWitness: true };
}

/** Warns of requests that no Deny refuses any more: the policy, RAM policies or ACLs may allow them now. */
function liftedHazards({ bucket, before, after, budget }: HazardInput, names: Names): readonly Hazard[] {
  const lifted = liftedDeny(before, after, bucketOf(bucket), budget);
  switch (lifted.kind) {
    case "none":
      return [];
    case "undecided":
      return [
        hazard("lifts-block", "warn", `cannot decide whether a Deny no longer applies: ${lifted.cause}`),
      ];
    case "some":
      return [
        {
          ...hazard("lifts-block", "warn", `a Deny no longer applies: ${requestText(lifted.witness, names)}`),
          witness: lifted.witness,
          saysWitness: true,
        },
      ];
  }
}

/** Finds lockouts. It only warns of a lockout by the live policy alone, since OSS denies this write too. */
function lockoutHazards({ bucket, before, after, budget }: HazardInput): readonly Hazard[] {
  const ofLive = lockoutsOf(before, bucket, budget).filter(({ answer }) => answer.kind === "broken");
  const lockedAlready = ofLive.map(({ operator }) => operator);
  const ofNew = lockoutsOf(after, bucket, budget).map((lockout) =>
    lockoutHazard(lockout, bucket, lockedAlready.includes(lockout.operator)),
  );
  const reported = ofNew.map(({ code }) => code);
  const live = ofLive
    .filter(({ operator }) => !reported.includes(lockoutCode(operator)))
    .map(({ operator, answer }): Hazard => ({
      ...hazard(
        lockoutCode(operator),
        "warn",
        `the live policy may already lock out ${operator === "owner" ? "the owner" : operator}: as that caller, this run cannot write it`,
      ),
      ...(answer.kind === "broken" ? { witness: answer.witness } : {}),
    }));
  return [...ofNew, ...live];
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
  const who = operator === "owner" ? "the owner" : `the operator ${namedText(operator, names)}`;
  const code = lockoutCode(operator);
  if (answer.kind === "undecided")
    return hazard(
      code,
      "block",
      `cannot decide whether ${who} could still change the policy: ${answer.cause}`,
    );
  const { witness, decision, dependsOn } = answer;
  const open = dependenceText(dependsOn);
  const how = `${requestText(witness, names)} is ${decisionTexts[decision]}${open === "" ? "" : `, ${open}`}`;
  const already = isLockedAlready ? `; the live policy already locks out ${who}` : "";
  return {
    ...hazard(code, "block", `${who} could not change the policy: ${how}${already}`),
    witness,
    saysWitness: true,
  };
}

function removedDenies(before: Policy | "none", after: Policy | "none"): readonly Hazard[] {
  if (before === "none") return [];
  const kept = new Set(
    after === "none" ? [] : after.statements.map((statement) => JSON.stringify(statement)),
  );
  const gone = before.statements.filter(
    (statement) => statement.effect === "Deny" && !kept.has(JSON.stringify(statement)),
  ).length;
  if (gone === 0) return [];
  return [
    hazard(
      "removes-deny",
      "warn",
      `${gone} Deny statement${gone === 1 ? "" : "s"} of the live policy would be removed or changed`,
    ),
  ];
}
