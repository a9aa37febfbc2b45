import { counted, printable, shorten } from "../printable.ts";
import type { Diagnostic, Severity } from "../../diagnostic.ts";

/** GitHub shows so many of each kind for a step, and drops the rest without a word. */
const maxOfAKind = 10;
/** GitHub cuts a message beyond 4,096 characters; this keeps both ends of it. */
const maxCharacters = 1_500;

const kinds: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };

/**
 * Findings as commands to the runner of GitHub Actions, which shows each at its line; the worst first,
 * and in one line how many more there are. `pathOf` gives a file's path from the top of the
 * repository, or undefined for one outside of it.
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
  // A place that GitHub cannot show is told in the text.
  if (span !== undefined && path === undefined) texts.unshift(`${span.file}:${span.start.line}`);
  const properties = {
    ...(span === undefined || path === undefined ? {} : placeProperties(path, span)),
    title: printable(`oss-policy: ${code}`),
  };
  const words = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  return `::${kinds[severity]} ${words.join(",")}::${escapeData(texts.map(shown).join("\n"))}`;
}

/** A column beside two different lines is one that the runner throws away. */
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

/** GitHub's runner: an escaped text neither ends its command nor begins another. */
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
