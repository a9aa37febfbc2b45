import { worstHazard } from "../vocabulary.ts";
import type { Diagnostic } from "../../diagnostic.ts";
import type { Hazard } from "../../plan/hazard.ts";
import type { ChangeGroup, Outcomes } from "../groups.ts";
import { accessSummary, riskLabel } from "../review.ts";
import { titleOf } from "./change.ts";
import { codeInTable } from "./escape.ts";

/** Returns the first two lines of a table of changes. */
export function changesHead(outcomes: Outcomes): string {
  return head(["change", "where", "access", "worst hazard", ...(outcomes.size === 0 ? [] : ["outcome"])]);
}

/** Returns the row of a group of changes, with counts of its access changes and its worst hazard. */
export function changeRow(group: ChangeGroup, outcomes: Outcomes): string {
  const [change] = group;
  const { sentence, rest } = accessSummary(change);
  const title =
    group.length === 1 ? titleOf([{ ...change, bucket: withoutBar(change.bucket) }]) : titleOf(group);
  return row([
    [title, riskLabel(change)].filter((text) => text !== "").join(", "),
    codeInTable(`${change.file}:${change.line}`),
    sentence === "" ? rest : `${codeInTable(sentence)}${rest}`,
    change.action === "unreadable" ? "-" : hazardCell(change.hazards),
    ...(outcomes.size === 0 ? [] : [outcomes.get(change.bucket)?.result ?? "-"]),
  ]);
}

/** Returns a text that does not end a cell. */
function withoutBar(text: string): string {
  return text.replaceAll("|", "\\u{7c}");
}

function hazardCell(hazards: readonly Hazard[]): string {
  const worst = worstHazard(hazards);
  if (worst === undefined) return "-";
  return `${worst.severity} ${codeInTable(worst.code)}${worst.accepted === undefined ? "" : ", accepted"}`;
}

export function findingsTable(diagnostics: readonly Diagnostic[]): string {
  const rows = diagnostics.map(({ severity, code, span }) =>
    row([
      severity,
      codeInTable(code),
      span === undefined ? "-" : codeInTable(`${span.file}:${span.start.line}:${span.start.column}`),
    ]),
  );
  return [head(["severity", "code", "where"]), ...rows].join("\n");
}

function head(titles: readonly string[]): string {
  return `${row(titles)}\n${row(titles.map(() => "---"))}`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
