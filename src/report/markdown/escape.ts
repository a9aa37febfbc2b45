import { printable, shorten } from "../printable.ts";
import { createHash } from "node:crypto";

/** Characters of one value in a line: a whole bucket name, ARN or message, but not a value of 4,000 bytes. */
const maxInline = 600;
const maxFenced = 1_200;

/**
 * Text from outside within a line of Markdown, always as a code span: there nothing is a mention, a
 * reference, a link or markup. The fence is longer than any run of back-ticks inside.
 */
export function code(text: string): string {
  const shown = shorten(inert(text), maxInline);
  if (shown === "") return "(empty)";
  const fence = "`".repeat(Math.max(0, ...backtickRuns(shown)) + 1);
  // One space at both ends is not part of a code span; it keeps back-ticks and spaces of the text apart.
  const pad = /^`|`$|^ .*\S.* $/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** The same within a table, whose cells end at each bar, in code spans too. */
export function codeInTable(text: string): string {
  return code(text.replaceAll("|", "\\u{7c}"));
}

/** Lines as a fenced block, whose fence is longer than any run of back-ticks inside. */
export function fenced(language: string, lines: readonly string[]): readonly string[] {
  const shown = lines.map((line) => quietStart(shorten(inert(line), maxFenced)));
  const fence = "`".repeat(Math.max(2, ...shown.flatMap(backtickRuns)) + 1);
  return [`${fence}${language}`, ...shown, fence];
}

/** Text from outside as one word of an HTML comment: it cannot end the comment, and keeps paths readable. */
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

/** Printable, and without runs of back-ticks that no fence can outdo: cmark gives up at 80. */
function inert(text: string): string {
  return printable(text).replaceAll(/`{9,}/g, (run) => "\\u{60}".repeat(run.length));
}

/** A runner of GitHub takes a line of its log that starts so for a command; spaces before it do not count. */
function quietStart(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1\\u{3a}");
}

function backtickRuns(text: string): readonly number[] {
  return [...text.matchAll(/`+/g)].map(([run]) => run.length);
}
