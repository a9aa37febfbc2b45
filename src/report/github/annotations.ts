import { counted, printable, shorten } from "../printable.ts";
import type { Diagnostic, Severity } from "../../diagnostic.ts";

/** Maximum of annotations of each kind in a step; GitHub silently drops the others. */
const maxOfAKind = 10;
/** Maximum of characters in a message; GitHub cuts off the end after 4,096, and this keeps both ends. */
const maxCharacters = 1_500;

const kinds: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };

/**
 * Renders findings as workflow commands of GitHub Actions, which shows each at its line. The worst are first,
 * and a last line counts the others. `pathOf` returns the path of a file in the repository, or undefined if
 * it is outside.
 */
export function renderAnnotations(
  findings: readonly Diagnostic[],
  pathOf: (file: string) => string | undefined,
): string {
  const severities = Object.keys(kinds) as Severity[];
  const byKind = severities.map((severity) => findings.filter((finding) => finding.severity === severity));
  const shown = byKind.flatMap((ofKind) => ofKind.slice(0, maxOfAKind));
  const rest = byKind.flatMap((ofKind, index) => {
    const count = ofKind.length - maxOfAKind;
    return count > 0 ? [counted(count, kinds[severities[index] ?? "note"] ?? "")] : [];
  });
  const lines = shown.map((finding) => command(finding, pathOf));
  if (rest.length > 0) lines.push(`and ${rest.join(", ")} more, in the job summary`);
  return lines.map((line) => `${line}\n`).join("");
}

function command(
  { code, severity, message, span, help }: Diagnostic,
  pathOf: (file: string) => string | undefined,
): string {
  const path = span === undefined ? undefined : pathOf(span.file);
  const texts = [message, ...(help === undefined ? [] : [`help: ${help}`])];
  // GitHub cannot show this place, so the text has it.
  if (span !== undefined && path === undefined) texts.unshift(`${span.file}:${span.start.line}`);
  const properties = {
    ...(span === undefined || path === undefined ? {} : placeProperties(path, span)),
    title: printable(`oss-policy: ${code}`),
  };
  const words = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${kinds[severity]} ${words.join(",")}::${escapeData(texts.map(shown).join("\n"))}`;
}

/** Returns the place; without a column for several lines, since the runner ignores it then. */
function placeProperties(path: string, { start, end }: NonNullable<Diagnostic["span"]>) {
  const isOneLine = start.line === end.line;
  return {
    file: printable(path),
    line: String(start.line),
    ...(isOneLine ? { col: String(start.column) } : {}),
    endLine: String(end.line),
  };
}

function shown(text: string): string {
  return shorten(printable(text), maxCharacters);
}

/** Escapes a text, so that it neither ends its workflow command nor starts another. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
