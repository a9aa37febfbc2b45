import type { AccessDifference, KnownRegion } from "../access/difference.ts";
import { decisionTexts, dependenceText, regionText, requestText } from "../access/words.ts";
import type { Label } from "../access/regions.ts";
import { isHolding, type Hazard } from "../plan/hazards.ts";
import type { Openness } from "../plan/openness.ts";
import { printable, type Style, type TextStyle } from "./text.ts";

const labelTexts: Readonly<Record<Label, string>> = {
  gains: "gains",
  loses: "loses",
  newlyBlocked: "newly blocked",
  blockLifted: "block lifted",
};

const labelStyles: Readonly<Record<Label, Style>> = {
  gains: "green",
  loses: "red",
  newlyBlocked: "red",
  blockLifted: "yellow",
};

/** Longer lists are in the JSON. */
const mostRegions = 12;

/** Who gains and loses what, the worst first, each with one request that shows it. */
export function renderAccess(access: AccessDifference, style: TextStyle): readonly string[] {
  if (access.verdict === "equal") return ["    access: rewritten, access unchanged (proved)"];
  if (access.verdict === "undecided") return [`    access: undecided: ${printable(access.cause)}`];
  const { regions, dependsOn } = access;
  const sure = dependsOn.length === 0 ? "holds under every reading" : dependenceText(dependsOn);
  const rest = regions.length - mostRegions;
  return [
    `    access: ${sure}`,
    ...regions.slice(0, mostRegions).flatMap((region) => renderRegion(region, style)),
    ...(rest > 0 ? [`      and ${rest} more, which --json lists`] : []),
  ];
}

function renderRegion(region: KnownRegion, style: TextStyle): readonly string[] {
  const { label, before, after, witness, dependsOn } = region;
  const name = style.paint(labelStyles[label], labelTexts[label].padEnd(13));
  const only = dependsOn.map(({ position }) => position);
  const doubt = only.length === 0 ? "" : ` (if it ${only.join(", and it ")})`;
  const example = `e.g. ${requestText(witness)}: ${decisionTexts[before]} -> ${decisionTexts[after]}`;
  return [
    `      ${name} ${printable(regionText(region))}${doubt}`,
    style.paint("dim", `      ${"".padEnd(13)} ${printable(example)}`),
  ];
}

const severityMarks: Readonly<Record<Hazard["severity"], { mark: string; style: Style }>> = {
  block: { mark: "!", style: "red" },
  warn: { mark: "!", style: "yellow" },
  note: { mark: "i", style: "dim" },
};

/** What is gained and lost is told by the regions; a note would say it again. */
export function renderHazards(hazards: readonly Hazard[], style: TextStyle): readonly string[] {
  return hazards
    .filter(({ severity }) => severity !== "note")
    .map((hazard) => {
      const { mark, style: colour } = severityMarks[hazard.severity];
      const held = isHolding(hazard) ? "  holds this bucket back" : "";
      const accepted = hazard.accepted === undefined ? "" : `  accepted: ${hazard.accepted}`;
      return `    ${style.paint(colour, mark)} ${hazard.code}: ${printable(hazard.message)}${held}${printable(accepted)}`;
    });
}

/** OSS's own notion of public beside the exact answer; they differ, and Block Public Access goes by the first. */
export function renderOpenness(openness: Openness | undefined): readonly string[] {
  if (openness === undefined) return [];
  const { exposure, isPublic, allowsAnonymous } = openness;
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
    return [
      `    public: ${policy}; the ACL and Block Public Access could not be read (${printable(exposure.problem.message)})`,
    ];
  const block = exposure.blockPublicAccess ? "on" : "off";
  return [
    `    public: ${policy}; ACL ${printable(exposure.acl)}, Block Public Access of the bucket ${block}`,
  ];
}
