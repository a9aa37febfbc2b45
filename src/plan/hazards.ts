import type { AccessDifference, KnownRegion } from "../access/difference.ts";
import { liftedDeny } from "../access/lifted.ts";
import { decisionTexts, dependenceText, regionText, requestText, type Names } from "../access/words.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { policyDigest, type Policy } from "../policy/policy.ts";
import { brokenGuardrails, guardrailText, isInForce } from "../proof/guardrails.ts";
import { lockoutsOf } from "../proof/lockout.ts";
import { addressOf } from "../proof/places.ts";
import type { AskedBefore } from "./asked-before.ts";
import { driftHazards } from "./drift-hazards.ts";
import { compareHazards, hazard, type Hazard, type HazardCode } from "./hazard.ts";

export interface HazardInput {
  readonly bucket: DesiredBucket;
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly access: AccessDifference;
  readonly gate: Gate;
  readonly asked?: AskedBefore | undefined;
}

/** By what a run judges hazards. */
export interface Gate {
  /** As `2027-01-31`. */
  readonly today: string;
  /** `CODE@BUCKET`: hazards that are accepted for this run. */
  readonly accepted: readonly string[];
  /** Nothing may be gained: the change claims to be a rewriting. */
  readonly forbidsGains: boolean;
  /** Why OSS would refuse the policy of a bucket; none if nothing is known to be. */
  refusals(bucket: DesiredBucket): readonly string[];
}

/** Those of a change, the gravest first; an unchanged policy has those of its state alone. */
export function hazardsOf(input: HazardInput): readonly Hazard[] {
  const { access, before, after } = input;
  const ofChange = access.verdict === "equal" && before === after ? [] : changeHazards(input);
  return [...ofChange, ...stateHazards(input)]
    .map((hazard) => acceptedHazard(hazard, input))
    .sort(compareHazards);
}

/** The hazard with the consent to it, where there is one. */
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

function stateHazards({ bucket, gate }: HazardInput): readonly Hazard[] {
  return brokenGuardrails(bucket, gate.today).map((broken) => ({
    code: "guardrail-broken",
    severity: "block",
    message: guardrailText(broken),
    ...(broken.answer.kind === "broken" ? { witness: broken.answer.witness } : {}),
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
            "the bucket is left without a policy: RAM policies and ACLs alone decide then",
          ),
        ]
      : []),
  ];
}

function accessHazards(
  access: AccessDifference,
  regions: readonly KnownRegion[],
  input: HazardInput,
): readonly Hazard[] {
  const { bucket, gate } = input;
  const names = namesOf(bucket.account);
  if (access.verdict === "undecided")
    return [hazard("access-undecided", "block", `what access changes is not known: ${access.cause}`)];
  const first = (
    holds: (region: KnownRegion) => boolean,
    code: HazardCode,
    severity: Hazard["severity"],
    what: string,
  ) => {
    const region = regions.find(holds);
    if (region === undefined) return [];
    const more = regions.filter(holds).length - 1;
    const sum = more > 0 ? `, and ${more} more` : "";
    const open = dependenceText(region.dependsOn.map(({ name }) => name));
    const doubt = open === "" ? "" : ` (${open})`;
    return [
      {
        ...hazard(code, severity, `${what}: ${regionText(region, names)}${sum}${doubt}`),
        witness: region.witness,
      },
    ];
  };
  const gains = ({ label }: KnownRegion) => label === "gains";
  const isAnonymous = ({ witness }: KnownRegion) => witness.principal === "anonymous";
  return [
    ...first(
      (one) => gains(one) && isAnonymous(one),
      "grants-public-access",
      "block",
      "anonymous callers gain access",
    ),
    ...(gate.forbidsGains
      ? first(gains, "gains-forbidden", "block", "--forbid gains: something is gained")
      : []),
    ...(access.verdict === "different" ? liftedHazards(input, names) : []),
    ...first(gains, "widens-access", "note", "gained"),
    ...first(
      ({ label }) => label === "loses" || label === "newlyBlocked",
      "narrows-access",
      "note",
      "lost or blocked",
    ),
  ];
}

/** What no Deny refuses any more may be allowed now, or left to RAM policies and ACLs. */
function liftedHazards({ bucket, before, after }: HazardInput, names: Names): readonly Hazard[] {
  const witness = liftedDeny(before, after, addressOf(bucket));
  if (witness === undefined) return [];
  return [
    { ...hazard("lifts-block", "warn", `a Deny no longer holds: ${requestText(witness, names)}`), witness },
  ];
}

/** Somebody who is locked out already cannot be helped by this run: the write would be denied too. */
function lockoutHazards({ bucket, before, after }: HazardInput): readonly Hazard[] {
  const lockedAlready = lockoutsOf(before, bucket).map(({ operator }) => operator);
  const ofNew = lockoutsOf(after, bucket).map(({ operator, answer }): Hazard => {
    const { witness, decision, dependsOn } = answer;
    const open = dependenceText(dependsOn);
    const how = `${requestText(witness, namesOf(bucket.account))} is ${decisionTexts[decision]}${open === "" ? "" : `, or may be: ${open}`}`;
    const isOwner = operator === "owner";
    const who = isOwner ? "the owner" : `the operator ${operator}`;
    const already = lockedAlready.includes(operator) ? `; the live policy locks ${who} out already` : "";
    return {
      ...hazard(
        isOwner ? "locks-out-owner" : "locks-out-operator",
        "block",
        `${who} could not mend the policy: ${how}${already}`,
      ),
      witness,
    };
  });
  const told = ofNew.map(({ code }) => code);
  const ofLive = lockoutsOf(before, bucket)
    .filter(({ operator }) => !told.includes(operator === "owner" ? "locks-out-owner" : "locks-out-operator"))
    .map(({ operator, answer }): Hazard => ({
      ...hazard(
        operator === "owner" ? "locks-out-owner" : "locks-out-operator",
        "warn",
        `the live policy may deny ${operator === "owner" ? "the owner" : operator} to write it: as that caller you are already locked out, and this run cannot mend it`,
      ),
      witness: answer.witness,
    }));
  return [...ofNew, ...ofLive];
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
