import { printable } from "../printable.ts";
import type { Diagnostic, Related, Span } from "../../diagnostic.ts";
import { type TextStyle } from "./style.ts";

/** Text of each file by its path, which excerpts of findings need. */
export type Sources = ReadonlyMap<string, string>;

/** Renders `file:line:column: message [code]`, the source line with a caret, and the help. */
export function renderDiagnostic(diagnostic: Diagnostic, sources: Sources, style: TextStyle): string {
  const { span, severity, help, related = [] } = diagnostic;
  const place = span === undefined ? "" : `${style.paint("bold", placeOf(span))}: `;
  const kind = severity === "error" ? style.paint("red", "error") : style.paint("yellow", severity);
  const lines = [`${place}${kind}: ${printable(diagnostic.message)} [${printable(diagnostic.code)}]`];
  if (span !== undefined) lines.push(...excerpt(span, sources, style));
  if (help !== undefined) lines.push(`  help: ${printable(help)}`);
  return [...lines, ...relatedLines(related)].join("\n");
}

/** Maximum of related places; the others are a count, and the JSON report has all. */
const maxPlaces = 3;

function relatedLines(related: readonly Related[]): readonly string[] {
  const messages = [...new Set(related.map(({ message }) => message))];
  return messages.flatMap((message) => {
    const places = related.filter((other) => other.message === message).map(({ span }) => placeOf(span));
    const rest = places.length - maxPlaces;
    const head = `  ${printable(message)}: `;
    if (rest <= 0) return places.map((place) => `${head}${place}`);
    return [`${head}${places.slice(0, maxPlaces).join(", ")} and ${rest} more`];
  });
}

function placeOf({ file, start }: Span): string {
  return `${printable(file)}:${start.line}:${start.column}`;
}

/** Maximum width of a line in an excerpt; a longer line is not shown. */
const maxColumns = 140;

function excerpt(span: Span, sources: Sources, style: TextStyle): readonly string[] {
  const line = linesOf(span.file, sources)[span.start.line - 1];
  if (line === undefined || line.trim() === "" || line.length > maxColumns) return [];
  const number = String(span.start.line);
  const to = span.end.line === span.start.line ? span.end.column - 1 : line.trimEnd().length;
  const before = printable(line.slice(0, span.start.column - 1).replaceAll("\t", " "));
  const marked = printable(line.slice(span.start.column - 1, to).replaceAll("\t", " "));
  const caret = `${" ".repeat(cells(before))}${style.paint("red", "^".repeat(Math.max(1, cells(marked))))}`;
  return [
    style.paint("dim", `  ${number} | `) + printable(line.replaceAll("\t", " ").trimEnd()),
    style.paint("dim", `  ${" ".repeat(number.length)} | `) + caret,
  ];
}

const splitSources = new WeakMap<Sources, Map<string, readonly string[]>>();

/** Returns the lines of a file; memoized, since a file may have many findings. */
function linesOf(file: string, sources: Sources): readonly string[] {
  const split = splitSources.get(sources) ?? new Map<string, readonly string[]>();
  splitSources.set(sources, split);
  const lines = split.get(file) ?? sources.get(file)?.split("\n") ?? [];
  split.set(file, lines);
  return lines;
}

/** Returns the columns of a text on a terminal; East Asian letters take two. */
function cells(text: string): number {
  return [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;
