import type { Hazard } from "../../plan/hazard.ts";
import { acceptText } from "../accept-lines.ts";
import type { ChangeGroup } from "../groups.ts";
import { counted, printable } from "../printable.ts";
import { nameWithGuardrail, reasonsOf, standing, type Reason } from "../review.ts";
import { type Style, type TextStyle } from "./style.ts";

/** Renders the gravest hazard of a change, the names of the others, and the entries that accept what blocks. */
export function renderHazards(group: ChangeGroup, style: TextStyle): readonly string[] {
  const reasons = reasonsOf(group[0]);
  if (reasons === undefined) return [];
  const { first, others } = reasons;
  return [...reasonLines(first, style), ...otherLines(others), ...acceptLines(group, style)];
}

function reasonLines({ hazard, lead, text, example }: Reason, style: TextStyle): readonly string[] {
  const { mark, style: colour } = markOf(hazard);
  return [
    `    ${style.paint(colour, `${mark} ${lead}`)} ${hazard.code}: ${printable(text)}${acceptedText(hazard)}`,
    ...(example === "" ? [] : [style.paint("dim", `      e.g. ${printable(example)}`)]),
  ];
}

function markOf({ severity, accepted }: Hazard): { readonly mark: string; readonly style: Style } {
  if (accepted !== undefined) return { mark: "i", style: "dim" };
  return { mark: "!", style: severity === "block" ? "red" : "yellow" };
}

function otherLines(others: readonly Hazard[]): readonly string[] {
  if (others.length === 0) return [];
  return [`      also ${others.map(nameOf).join(", ")}`];
}

function nameOf(hazard: Hazard): string {
  return `${standing(hazard)} ${printable(nameWithGuardrail(hazard))}${acceptedText(hazard)}`;
}

function acceptedText({ accepted }: Hazard): string {
  return accepted === undefined ? "" : ` (${printable(accepted)})`;
}

function acceptLines(group: ChangeGroup, style: TextStyle): readonly string[] {
  const accept = acceptText(group);
  if (accept === undefined) return [];
  const { file, lines, others } = accept;
  const more = others === 0 ? "" : `, and alike to ${counted(others, "other file")}`;
  return [
    `      to accept this, add to ${printable(file)}${more}, below its \`accept:\` if it has one:`,
    ...lines.map((line) => style.paint("dim", `        ${printable(line)}`)),
  ];
}
