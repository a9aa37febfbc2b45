import { printable } from "../printable.ts";
import type { AccessDifference } from "../../access/difference.ts";
import { observedIn, type PointPosition } from "../../access/interpretation-texts.ts";
import {
  accessChangeText,
  clausesText,
  namedText,
  observedText,
  requestText,
  type Names,
} from "../../access/render.ts";
import type { AccessTest } from "../../proof/expectations.ts";
import { matrixColumns, type MatrixCells } from "../../proof/matrix-cells.ts";
import { extentText } from "../extent-text.ts";
import { type TextStyle } from "./style.ts";

/** Renders the allowed access, each region with an example request. */
export function renderAllowed(allowed: AccessDifference, style: TextStyle, names?: Names): readonly string[] {
  if (allowed.verdict === "equal") return ["  no principal", ...observedLine(allowed.observed)];
  if (allowed.verdict === "undecided") return [`  undecided: ${printable(allowed.cause)}`];
  return allowed.regions.flatMap((region) => {
    const open = clausesText(region.dependsOn);
    const observed = observedIn(region.dependsOn);
    return [
      `  ${printable(accessChangeText(region, names))}`,
      style.paint("dim", `    e.g. ${printable(requestText(region.witness, names))}`),
      ...(open === "" ? [] : [`    only ${open}`]),
      ...observedLine(observed).map((line) => `  ${line}`),
    ];
  });
}

/** Returns a line that names the observed positions on which an answer rests; none without them. */
export function observedLine(observed: readonly PointPosition[] = []): readonly string[] {
  return observed.length === 0 ? [] : [`  since ${observedText(observed)}`];
}

/** Returns a line for `expect` in a bucket file, with `${` escaped. */
export function expectLine({ demand, principal, actions, to, context }: AccessTest): string {
  const quote = (text: string) => JSON.stringify(text.replaceAll("${", () => "$${"));
  const given = [...context].filter(([key, value]) => key !== "acs:SecureTransport" || value !== "true");
  const parts = [
    `${demand}: ${quote(principal)}`,
    `do: ${actions.length === 1 ? quote(actions[0] ?? "") : `[${actions.map(quote).join(", ")}]`}`,
    ...(to === undefined ? [] : [`to: ${quote(to)}`]),
    ...(given.length === 0
      ? []
      : [`with: { ${given.map(([key, value]) => `${JSON.stringify(key)}: ${quote(value)}`).join(", ")} }`]),
  ];
  return `  - { ${parts.join(", ")} }`;
}

export interface MatrixRow {
  readonly bucket: string;
  readonly principal: string;
  readonly names: Names;
  readonly cells: MatrixCells;
}

/** Renders rows as a table with one column for each access level. */
export function renderMatrix(rows: readonly MatrixRow[]): string {
  return tableText([
    ["bucket", "principal", ...matrixColumns],
    ...rows.map(({ bucket, principal, names, cells }) => [
      bucket,
      namedText(principal, names),
      ...matrixColumns.map((column) => extentText(cells[column])),
    ]),
  ]);
}

/** Aligns the columns of a table. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const table = rows.map((row) => row.map(printable));
  const widths =
    table[0]?.map((_, index) => Math.max(...table.map((row) => (row[index] ?? "").length))) ?? [];
  const lines = table.map((row) =>
    row
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
