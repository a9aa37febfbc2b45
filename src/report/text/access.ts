import type { AccessDifference, KnownRegion } from "../../access/difference.ts";
import {
  clausesText,
  decisionTexts,
  openPointsText,
  regionText,
  requestText,
  type Names,
} from "../../access/render.ts";
import type { AccessEffect } from "../../access/effect.ts";
import { isHolding, type Hazard } from "../../plan/hazard.ts";
import type { PublicAccess } from "../../plan/public-access.ts";
import { printable, type Style, type TextStyle } from "./style.ts";

export const labelTexts: Readonly<Record<AccessEffect, string>> = {
  gains: "gains",
  loses: "loses",
  newlyBlocked: "newly blocked",
  blockLifted: "block lifted",
};

export const equalText = "rewritten, access unchanged (proved)";

const labelStyles: Readonly<Record<AccessEffect, Style>> = {
  gains: "green",
  loses: "red",
  newlyBlocked: "red",
  blockLifted: "yellow",
};

/** Longer lists are in the JSON. */
const mostRegions = 12;

/** Who gains and loses what, the worst first, each with one request that shows it. */
export function renderAccess(access: AccessDifference, style: TextStyle, names?: Names): readonly string[] {
  if (access.verdict === "equal") return [`    access: ${equalText}`];
  if (access.verdict === "undecided") return [`    access: undecided: ${printable(access.cause)}`];
  const { regions, rest } = shownRegions(access);
  return [
    `    access: ${readingsText(access)}`,
    ...regions.flatMap((region) => renderRegion(region, style, names)),
    ...(rest === "" ? [] : [`      ${rest}`]),
  ];
}

type Different = Extract<AccessDifference, { readonly verdict: "different" }>;

/** The regions that a report has room for, and a sentence about the others. */
export function shownRegions({ regions }: Different): {
  readonly regions: readonly KnownRegion[];
  readonly rest: string;
} {
  const rest = regions.length - mostRegions;
  return {
    regions: regions.slice(0, mostRegions),
    rest: rest > 0 ? `and ${rest} more, which --json lists` : "",
  };
}

export function readingsText({ dependsOn }: Different): string {
  return dependsOn.length === 0 ? "holds under every reading" : openPointsText(dependsOn);
}

/** How many regions of each kind there are, in words. */
export function accessCountsText(access: AccessDifference): string {
  if (access.verdict === "equal") return "unchanged (proved)";
  if (access.verdict === "undecided") return "undecided";
  return (Object.keys(labelTexts) as AccessEffect[])
    .map((label) => ({ label, count: access.regions.filter((region) => region.effect === label).length }))
    .filter(({ count }) => count > 0)
    .map(({ label, count }) => `${labelTexts[label]} ${count}`)
    .join(", ");
}

/** Under which interpretations a region is one; empty for all. */
export function doubtText({ dependsOn }: KnownRegion): string {
  const clauses = clausesText(dependsOn);
  return clauses === "" ? "" : ` (${clauses})`;
}

/** What becomes of the example of a region. */
export function turnText({ before, after }: KnownRegion): string {
  return `${decisionTexts[before]} -> ${decisionTexts[after]}`;
}

function renderRegion(region: KnownRegion, style: TextStyle, names?: Names): readonly string[] {
  const { effect, witness } = region;
  const name = style.paint(labelStyles[effect], labelTexts[effect].padEnd(13));
  const example = `e.g. ${requestText(witness, names)}: ${turnText(region)}`;
  return [
    `      ${name} ${printable(regionText(region, names))}${doubtText(region)}`,
    style.paint("dim", `      ${"".padEnd(13)} ${printable(example)}`),
  ];
}

const severityMarks: Readonly<Record<Hazard["severity"], { mark: string; style: Style }>> = {
  block: { mark: "!", style: "red" },
  warn: { mark: "!", style: "yellow" },
  note: { mark: "i", style: "dim" },
};

export function renderHazards(hazards: readonly Hazard[], style: TextStyle): readonly string[] {
  return toldHazards(hazards).map((hazard) => {
    const { mark, style: colour } = severityMarks[hazard.severity];
    const held = isHolding(hazard) ? `  ${holdingText}` : "";
    const accepted = hazard.accepted === undefined ? "" : `  accepted: ${hazard.accepted}`;
    return `    ${style.paint(colour, mark)} ${hazard.code}: ${printable(hazard.message)}${held}${printable(accepted)}`;
  });
}

export const holdingText = "holds this bucket back";

/** What is gained and lost is told by the regions; a note would say it again. */
export function toldHazards(hazards: readonly Hazard[]): readonly Hazard[] {
  return hazards.filter(({ severity }) => severity !== "note");
}

/** The one that matters most: what holds the bucket back, then what would. */
export function worstHazard(hazards: readonly Hazard[]): Hazard | undefined {
  const told = toldHazards(hazards);
  return (
    told.find(isHolding) ??
    told.find(({ severity }) => severity === "block") ??
    told.find(({ severity }) => severity === "warn")
  );
}

export function renderOpenness(openness: PublicAccess | undefined): readonly string[] {
  return openness === undefined ? [] : [`    public: ${printable(opennessText(openness))}`];
}

/** OSS's own notion of public beside the exact answer; they differ, and Block Public Access goes by the first. */
export function opennessText({ exposure, isPublic, allowsAnonymous }: PublicAccess): string {
  const exact = {
    yes: "allows some anonymous request",
    no: "allows no anonymous request",
    unknown: "undecided",
  };
  const isAgreed = isPublic === (allowsAnonymous === "yes") && allowsAnonymous !== "unknown";
  const answer = isPublic ? "yes" : "no";
  const policy = isAgreed
    ? answer
    : `${answer} by OSS's definition; exactly: the policy ${exact[allowsAnonymous]}`;
  if (exposure.state === "unknown")
    return `${policy}; the ACL and Block Public Access could not be read (${exposure.problem.message})`;
  const block = exposure.blockPublicAccess ? "on" : "off";
  return `${policy}; ACL ${exposure.acl}, Block Public Access of the bucket ${block}`;
}
