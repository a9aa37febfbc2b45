import { accessCountsText, actionTexts, blockerText, worstHazard } from "../vocabulary.ts";
import type { Outcome } from "../../apply/outcome.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import type { Hazard } from "../../plan/hazard.ts";
import { isWriting, type Change } from "../../plan/plan.ts";

import { codeInTable } from "./escape.ts";

/** Renders one row for each change, with counts of its access changes and its worst hazard. */
export function changesTable(changes: readonly Change[], outcomes: readonly Outcome[] | undefined): string {
  const results = new Map(outcomes?.map(({ bucket, result }) => [bucket, result]));
  const resultOf = ({ bucket }: Change) => (outcomes === undefined ? [] : [results.get(bucket) ?? "-"]);
  return table(
    ["action", "bucket", "where", "access", "worst hazard", ...(outcomes === undefined ? [] : ["outcome"])],
    changes.map((change) => [
      [actionTexts[change.action], blockerText(change)].filter((text) => text !== "").join(", "),
      codeInTable(change.bucket),
      codeInTable(`${change.file}:${change.line}`),
      isWriting(change) ? accessCountsText(change.access) : "-",
      change.action === "unreadable" ? "-" : hazardCell(change.hazards),
      ...resultOf(change),
    ]),
  );
}

function hazardCell(hazards: readonly Hazard[]): string {
  const worst = worstHazard(hazards);
  if (worst === undefined) return "-";
  return `${worst.severity} ${codeInTable(worst.code)}${worst.accepted === undefined ? "" : ", accepted"}`;
}

export function findingsTable(diagnostics: readonly Diagnostic[]): string {
  return table(
    ["severity", "code", "where"],
    diagnostics.map(({ severity, code, span }) => [
      severity,
      codeInTable(code),
      span === undefined ? "-" : codeInTable(`${span.file}:${span.start.line}:${span.start.column}`),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
