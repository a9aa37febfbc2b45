import { printable, shorten } from "../printable.ts";
import { createHash } from "node:crypto";

/** Maximum of characters of one value: enough for a bucket name, ARN or message, not for 4,000 bytes. */
const maxInline = 600;
const maxFenced = 1_200;

/**
 * Renders external text as a code span, in which nothing is a mention, a reference, a link or markup. The
 * fence is longer than any run of backticks inside.
 */
export function code(text: string): string {
  const shown = shorten(inert(text), maxInline);
  if (shown === "") return "(empty)";
  const fence = "`".repeat(Math.max(0, ...backtickRuns(shown)) + 1);
  // One space at both ends is not part of a code span; it separates backticks and spaces of the text from the fence.
  const isPadded = shown.startsWith(" ") && shown.endsWith(" ") && shown.trim() !== "";
  const pad = isPadded || shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Renders a code span for a table cell, which ends at a bar even inside a code span. */
export function codeInTable(text: string): string {
  return code(text.replaceAll("|", "\\u{7c}"));
}

/** Renders lines as a fenced block; the fence is longer than any run of backticks inside. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const shown = lines.map((line) => quietStart(shorten(inert(line), maxFenced)));
  const fence = "`".repeat(Math.max(2, ...shown.flatMap(backtickRuns)) + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Renders external text as a word in an HTML comment, which it cannot end. Paths stay readable. */
export function commentWord(text: string): string {
  const bytes = [...Buffer.from(text, "utf8")];
  const word = bytes
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._/-]/.test(character) ? character : `%${hex(byte)}`;
    })
    .join("")
    .replaceAll("--", "-%2D");
  return word.length <= maxInline ? word : `sha256-${createHash("sha256").update(text).digest("hex")}`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

/** Makes a text printable and shortens runs of backticks: cmark supports no fence above 80. */
function inert(text: string): string {
  return printable(text).replaceAll(/`{9,}/g, (run) => "\\u{60}".repeat(run.length));
}

/** Start of a log line that a GitHub runner takes for a command, also after spaces. */
function quietStart(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1\\u{3a}");
}

function backtickRuns(text: string): readonly number[] {
  return [...text.matchAll(/`+/g)].map(([run]) => run.length);
}
