import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from "diff";
import { printable } from "../printable.ts";
import type { TextStyle } from "./style.ts";

/** Lines around a change. */
const context = 3;

/** Renders the change of a text file as a unified diff. It is for reading: what a terminal must not get is escaped. */
export function unifiedDiff(path: string, before: string, after: string, style: TextStyle): string {
  const patch = structuredPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context });
  const lines = formatPatch(patch, FILE_HEADERS_ONLY).split("\n");
  return lines.map((line) => paintedLine(line, style)).join("\n");
}

function paintedLine(line: string, style: TextStyle): string {
  const shown = printable(line.replace(/\r$/, ""));
  if (/^(?:\+\+\+|---) /.test(line)) return style.paint("bold", shown);
  if (line.startsWith("+")) return style.paint("green", shown);
  if (line.startsWith("-")) return style.paint("red", shown);
  return line.startsWith("@@") ? style.paint("dim", shown) : shown;
}

/** Returns the change of a text file as a patch, byte for byte, which `git apply` takes. */
export function patchText(path: string, before: string, after: string): string {
  const patch = structuredPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, { context });
  return formatPatch(patch, FILE_HEADERS_ONLY);
}
