import {
  conditionalText,
  effectTexts,
  equalText,
  blocksText,
  publicAccessText,
  openPointsNote,
  shownChanges,
  reportedHazards,
  decisionChangeText,
} from "../vocabulary.ts";
import { printable } from "../printable.ts";
import type { AccessDifference, KnownAccessChange } from "../../access/difference.ts";
import { accessChangeText, requestText, type Names } from "../../access/render.ts";
import type { AccessEffect } from "../../access/effect.ts";
import { blocks, type Hazard } from "../../plan/hazard.ts";
import type { PublicAccess } from "../../plan/public-access.ts";
import { type Style, type TextStyle } from "./style.ts";

const effectStyles: Readonly<Record<AccessEffect, Style>> = {
  gains: "green",
  loses: "red",
  newlyBlocked: "red",
  blockLifted: "yellow",
};

/** Renders the changes of access, worst first, each with an example request. */
export function renderAccess(access: AccessDifference, style: TextStyle, names?: Names): readonly string[] {
  if (access.verdict === "equal") return [`    access: ${equalText}`];
  if (access.verdict === "undecided") return [`    access: undecided: ${printable(access.cause)}`];
  const { regions, rest } = shownChanges(access);
  return [
    ["    access:", openPointsNote(access)].join(" ").trimEnd(),
    ...regions.flatMap((region) => renderAccessChange(region, style, names)),
    ...(rest === "" ? [] : [`      ${rest}`]),
  ];
}

function renderAccessChange(region: KnownAccessChange, style: TextStyle, names?: Names): readonly string[] {
  const { effect, witness } = region;
  const name = style.paint(effectStyles[effect], effectTexts[effect].padEnd(13));
  const example = `e.g. ${requestText(witness, names)}: ${decisionChangeText(region)}`;
  return [
    `      ${name} ${printable(accessChangeText(region, names))}${conditionalText(region)}`,
    style.paint("dim", `      ${"".padEnd(13)} ${printable(example)}`),
  ];
}

const severityMarks: Readonly<Record<Hazard["severity"], { mark: string; style: Style }>> = {
  block: { mark: "!", style: "red" },
  warn: { mark: "!", style: "yellow" },
  note: { mark: "i", style: "dim" },
};

export function renderHazards(hazards: readonly Hazard[], style: TextStyle): readonly string[] {
  return reportedHazards(hazards).map((hazard) => {
    const { mark, style: colour } = severityMarks[hazard.severity];
    const blocking = blocks(hazard) ? `  ${blocksText}` : "";
    const accepted = hazard.accepted === undefined ? "" : `  accepted: ${hazard.accepted}`;
    return `    ${style.paint(colour, mark)} ${hazard.code}: ${printable(hazard.message)}${blocking}${printable(accepted)}`;
  });
}

export function renderPublicAccess(openness: PublicAccess | undefined): readonly string[] {
  return openness === undefined ? [] : [`    public: ${printable(publicAccessText(openness))}`];
}
