import {
  actionTexts,
  blockerText,
  causeTexts,
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
import type { AccessDifference, KnownAccessChange } from "../../access/difference.ts";
import { accessChangeText, requestText, type Names } from "../../access/render.ts";
import type { Outcome } from "../../apply/outcome.ts";
import { blocks, type Hazard } from "../../plan/hazard.ts";
import { isWriting, type Change, type WritingChange } from "../../plan/plan.ts";

import { differenceLines, type DifferenceLine } from "../difference-lines.ts";
import { code, fenced } from "./escape.ts";

/** Renders one change in full: its hazards, its access, and its statements, folded. */
export function changeSection(change: Change, outcome: Outcome | undefined): string {
  const blocker = blockerText(change);
  const lines = [
    `### ${actionTexts[change.action]} ${code(change.bucket)}${blocker === "" ? "" : ` (${blocker})`}`,
    "",
    `${code(`${change.file}:${change.line}`)} in ${code(change.region)}${causeText(change)}`,
    "",
    ...outcomeItem(outcome, change.action === "unreadable" ? change.problem.message : ""),
    ...(change.action === "unreadable" ? problemItems(change.problem) : hazardItems(change.hazards)),
    ...(isWriting(change) ? writingLines(change) : []),
  ];
  return lines.join("\n");
}

function causeText({ cause }: Change): string {
  return causeTexts[cause] === "" ? "" : `: ${causeTexts[cause]}`;
}

/** Renders an outcome without the message of an unreadable bucket, which the change already shows. */
function outcomeItem(outcome: Outcome | undefined, said: string): readonly string[] {
  if (outcome === undefined) return [];
  const { result, message } = outcome;
  return [`- **${result}**${message === said ? "" : `: ${code(message)}`}`];
}

function problemItems({ message, help }: { message: string; help?: string }): readonly string[] {
  return [`- ${code(message)}`, ...(help === undefined ? [] : [`- help: ${code(help)}`])];
}

const severities: readonly Hazard["severity"][] = ["block", "warn", "note"];

function hazardItems(hazards: readonly Hazard[]): readonly string[] {
  return [...reportedHazards(hazards)]
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
    .flatMap((hazard) => {
      const { severity, message, witness, accepted, saysWitness } = hazard;
      const example = witness === undefined || saysWitness === true ? "" : requestText(witness);
      return [
        `- **${severity}** ${code(hazard.code)}${blocks(hazard) ? ` ${blocksText}` : ""}: ${code(message)}`,
        ...(example === "" ? [] : [`  - e.g. ${code(example)}`]),
        ...(accepted === undefined ? [] : [`  - accepted: ${code(accepted)}`]),
      ];
    });
}

function writingLines({ access, publicAccess, difference, names }: WritingChange): readonly string[] {
  return [
    ...accessItems(access, names),
    ...(publicAccess === undefined ? [] : [`- public: ${code(publicAccessText(publicAccess))}`]),
    "",
    "<details>",
    "<summary>Statements</summary>",
    "",
    ...fenced("diff", differenceLines(difference).map(diffLine)),
    "",
    "</details>",
  ];
}

function accessItems(access: AccessDifference, names: Names): readonly string[] {
  if (access.verdict === "equal") return [`- access: ${equalText}`];
  if (access.verdict === "undecided") return [`- access: **undecided**: ${code(access.cause)}`];
  const { regions, rest } = shownChanges(access);
  return [
    ["- access:", openPointsNote(access)].join(" ").trimEnd(),
    ...regions.flatMap((region) => regionItems(region, names)),
    ...(rest === "" ? [] : [`  - ${rest}`]),
  ];
}

function regionItems(region: KnownAccessChange, names: Names): readonly string[] {
  const example = `e.g. ${code(requestText(region.witness, names))}: ${decisionChangeText(region)}`;
  return [
    `  - **${effectTexts[region.effect]}** ${code(accessChangeText(region, names))}${conditionalText(region)}`,
    `    - ${example}`,
  ];
}

const statementTexts = { "+": "added", "-": "removed", "~": "changed", " ": "kept" } as const;

/** Renders a difference as a unified diff, so that GitHub colours it. */
function diffLine(line: DifferenceLine): string {
  if (line.kind === "statement") {
    const place = line.place === null ? "" : `  ${line.place.file}:${line.place.line}`;
    return `@@ Statement ${statementTexts[line.mark]}${place} @@`;
  }
  const [name = "", ...nested] = line.path;
  return `${line.mark} ${name.padEnd(10)} ${[...nested, line.member].join(" ")}`;
}
