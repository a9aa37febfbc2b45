/** Hazards of what a change gives: decided on access, for all requests, never on the text of a policy. */

import type { Budget } from "../access/budget.ts";
import type { KnownAccessChange } from "../access/difference.ts";
import { liftedDeny } from "../access/lifted-deny.ts";
import {
  lostProtection,
  type LostProtection,
  type ProtectionAnswer,
  type ProtectionLoss,
} from "../access/lost-protection.ts";
import type { Proof } from "../access/query.ts";
import { isOpen } from "../access/interpretation-texts.ts";
import { dependenceText, requestText, type Names } from "../access/render.ts";
import { changeSentence } from "../access/sentences.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf } from "../desired/desired-policy.ts";
import type { Policy } from "../policy/policy.ts";
import { provePrivate } from "../proof/access-queries.ts";
import { administrationHazards, principalHazards } from "./caller-hazards.ts";
import { hazard, type Hazard, type HazardCode } from "./hazard.ts";
import type { HazardInput } from "./hazard-input.ts";

/** Returns the hazards of the access that a change gives and takes. */
export function accessHazards(input: HazardInput): readonly Hazard[] {
  const { access } = input;
  switch (access.verdict) {
    case "equal":
      return [];
    case "undecided":
      return undecidedHazards(access.cause, input);
    case "different":
      return differenceHazards(access.regions, input);
  }
}

const gains = ({ effect }: KnownAccessChange) => effect === "gains";
const isAnonymous = ({ witness }: KnownAccessChange) => witness.principal === "anonymous";

function differenceHazards(regions: readonly KnownAccessChange[], input: HazardInput): readonly Hazard[] {
  const { bucket, gate } = input;
  const names = namesOf(bucket.account);
  const gained = regions.filter(gains);
  const lifted = regions.filter(({ effect }) => effect === "blockLifted");
  const lost = regions.filter(({ effect }) => effect === "loses" || effect === "newlyBlocked");
  const answer = protectionOf(gained, input);
  const protection = answer.kind === "decided" ? answer.lost : [];
  const ofProtection = protectionHazards(protection, names);
  return [
    ...publicHazards(gained.filter(isAnonymous), answer, names),
    ...administrationHazards(gained, bucket, names),
    ...ofProtection,
    ...(answer.kind === "undecided"
      ? [
          hazard(
            "access-undecided",
            "block",
            `cannot decide whether a Deny or a condition still protects what is gained: ${answer.cause}`,
          ),
        ]
      : []),
    ...principalHazards(gained, input, names),
    ...(gate.forbidsGains ? forbiddenGains(regions, names) : []),
    ...(ofProtection.length === 0 ? removedDenies(input, names) : []),
    ...(ofProtection.length > 0 && !isOfDeny(gained, bucket) ? liftedDenies(lifted, names) : []),
    ...regionHazard(gained, "widens-access", "note", "gained", names),
    ...regionHazard(lost, "narrows-access", "note", "lost or blocked", names),
  ];
}

/** Returns one hazard for these regions, with the first in full; none without regions. */
function regionHazard(
  regions: readonly KnownAccessChange[],
  code: HazardCode,
  severity: Hazard["severity"],
  what: string,
  names: Names,
): readonly Hazard[] {
  const [region] = regions;
  if (region === undefined) return [];
  const lead = what === "" ? "" : `${what}: `;
  const sentence = changeSentence(region, names);
  const text = `${lead}${sentence}${moreText(regions)}${doubtText(region)}`;
  return [{ ...hazard(code, severity, text), witness: region.witness, about: { sentence, adds: what } }];
}

function moreText(regions: readonly unknown[]): string {
  return regions.length > 1 ? `, and ${regions.length - 1} more` : "";
}

function doubtText({ dependsOn }: Pick<KnownAccessChange, "dependsOn">): string {
  const open = dependenceText(dependsOn);
  return open === "" ? "" : ` (${open})`;
}

/** A rewrite lifts no Deny, since RAM policies may allow such requests, and depends on nothing undocumented. */
function forbiddenGains(regions: readonly KnownAccessChange[], names: Names): readonly Hazard[] {
  const mayGain = ({ effect, dependsOn }: KnownAccessChange) => effect === "blockLifted" || isOpen(dependsOn);
  const gained = regions.filter(gains);
  const [found, verb] = gained.length > 0 ? [gained, "is"] : [regions.filter(mayGain), "may be"];
  return regionHazard(found, "gains-forbidden", "block", `--forbid gains: access ${verb} gained`, names);
}

/** Blocks anonymous gains; warns if a network confines every one of them. */
function publicHazards(
  gained: readonly KnownAccessChange[],
  protection: ProtectionAnswer,
  names: Names,
): readonly Hazard[] {
  const severity = publicSeverity(protection);
  const what = severity === "block" ? "" : "anonymous callers of one network gain access";
  return regionHazard(gained, "grants-public-access", severity, what, names);
}

/** Returns how grave an anonymous gain is: a network may confine all of it. */
export function publicSeverity(protection: ProtectionAnswer): "block" | "warn" {
  return protection.kind === "undecided" || protection.lost.some(({ loss }) => loss === "public, any network")
    ? "block"
    : "warn";
}

/** Compares the protection before and after; without gains, and without any to lose, there is nothing to find. */
export function protectionOf(
  gained: readonly KnownAccessChange[],
  { bucket, before, after, budget }: Pick<HazardInput, "bucket" | "before" | "after" | "budget">,
): ProtectionAnswer {
  const none: ProtectionAnswer = { kind: "decided", lost: [] };
  if (after === "none" || gained.length === 0) return none;
  const old: Policy = before === "none" ? { version: "1", statements: [], other: [] } : before;
  const isProtected = old.statements.some(
    ({ effect, condition }) => effect === "Deny" || (condition ?? []).length > 0,
  );
  if (!isProtected && !gained.some(isAnonymous)) return none;
  return lostProtection(old, after, bucketOf(bucket), budget?.part(1 / 2));
}

const protectionCodes = {
  "Deny overridden": "overrides-deny",
  "condition dropped": "drops-condition",
  "condition weakened": "weakens-condition",
} as const;

function protectionHazards(lost: readonly LostProtection[], names: Names): readonly Hazard[] {
  return lost.flatMap((one) => {
    const { loss, changes, witness } = one;
    const [first] = changes;
    if (loss === "public, any network" || first === undefined) return [];
    const sentence = changeSentence(first, names);
    const adds = lossText(loss, one);
    const text = `${sentence}${moreText(changes)}; ${adds}${doubtText(one)}`;
    const code = protectionCodes[loss];
    const severity = code === "weakens-condition" ? "warn" : "block";
    return [{ ...hazard(code, severity, text), witness, about: { sentence, adds } }];
  });
}

const wayTexts = {
  network: "only from a fixed network",
  TLS: "only over TLS",
  MFA: "only with MFA",
  time: "only before a date",
};
const widerTexts = {
  network: "another or a wider network",
  TLS: "TLS",
  MFA: "callers with MFA",
  time: "a later date",
};

function lossText(loss: ProtectionLoss, { confinements }: LostProtection): string {
  const ways = (texts: Readonly<Record<LostProtection["confinements"][number], string>>) =>
    confinements.map((way) => texts[way]).join(" and ");
  if (loss === "Deny overridden") return "a Deny refused this";
  if (loss === "condition dropped") return `before, ${ways(wayTexts)}`;
  return confinements.length === 0
    ? "a Deny refused this; a network or a date still confines it"
    : `now confined to ${ways(widerTexts)}`;
}

/**
 * Returns true if the lost protection is that of a Deny, which is then reported by another hazard. Where the account
 * blocks a removed Deny, that does not count: something of each Deny may go.
 */
function isOfDeny(gained: readonly KnownAccessChange[], { account }: DesiredBucket): boolean {
  const { severities, severitiesAtBase = severities } = account;
  const blocks = [severities, severitiesAtBase].some((one) => one.get("removes-deny") === "block");
  return !blocks && gained.some(({ before }) => before === "deny");
}

/** Warns of requests that were denied and match nothing now, beside those that are allowed now. */
function liftedDenies(lifted: readonly KnownAccessChange[], names: Names): readonly Hazard[] {
  const [region] = lifted;
  if (region === undefined) return [];
  const sentence = changeSentence(region, names);
  const text = `${sentence}${moreText(lifted)}: ${afterDeny}${doubtText(region)}`;
  const about = { sentence, adds: afterDeny };
  return [{ ...hazard("removes-deny", "warn", text), witness: region.witness, about }];
}

const afterDeny = "a RAM policy or an ACL may allow it";

/** Warns of requests that no Deny refuses any more: RAM policies or ACLs may allow them now. */
function removedDenies({ bucket, before, after, budget }: HazardInput, names: Names): readonly Hazard[] {
  if (after === "none") return [];
  const lifted = liftedDeny(before, after, bucketOf(bucket), budget);
  switch (lifted.kind) {
    case "none":
      return [];
    case "undecided":
      return [
        hazard("removes-deny", "warn", `cannot decide whether a Deny no longer applies: ${lifted.cause}`),
      ];
    case "some": {
      const { witness } = lifted;
      const sentence = requestText(witness, names);
      const text = `no Deny refuses ${sentence} any more: ${afterDeny}`;
      return [
        {
          ...hazard("removes-deny", "warn", text),
          witness,
          saysWitness: true,
          about: { sentence, adds: afterDeny },
        },
      ];
    }
  }
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
    ...(publicity.kind === "proved" ? [] : [undecidedPublicHazard(publicity, before, bucket, budget)]),
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

function undecidedPublicHazard(
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
  return was.kind === "proved"
    ? { ...hazard(code, "block", `anonymous callers gain access: ${example}`), witness, saysWitness: true }
    : hazard(
        code,
        "block",
        `anonymous callers have access, and it is undecided whether they gain any: ${example}`,
      );
}
