import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { printable } from "../printable.ts";
import type { TextStyle } from "./style.ts";

/** Renders the change of a file as a unified diff with three lines of context; empty if nothing changes. */
export function renderUnifiedDiff(path: string, before: string, after: string, style: TextStyle): string {
  if (before === after) return "";
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch
    .split("\n")
    .map((line) => coloured(printable(line.replace(/\r$/, "")), style))
    .join("\n");
}

function coloured(line: string, { paint }: TextStyle): string {
  if (/^(?:---|\+\+\+) /.test(line)) return paint("bold", line);
  if (line.startsWith("-")) return paint("red", line);
  return line.startsWith("+") ? paint("green", line) : line;
}
