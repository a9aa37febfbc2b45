import { compareText } from "../../diagnostic.ts";
import type { CodeText } from "../../codes/code-text.ts";
import type { CodeGroup } from "../../codes/index.ts";
import { shorten } from "../printable.ts";
import type { TextStyle } from "./style.ts";

/** Longest line of an example: those of sizes have kilobytes. */
const maxLineLength = 240;

/** File with a mistake, and the findings about it. */
export interface Example {
  readonly file: string;
  readonly findings: string;
  /** Lines that `validate --fix` takes from the file and adds to it, if it corrects the mistake. */
  readonly fix?: string;
}

/** Renders the long text of a code. */
export function renderExplanation(
  { code, severity, summary, explanation }: CodeText,
  example: Example | undefined,
  style: TextStyle,
): string {
  const parts = [`${style.paint("bold", code)} (${severity}): ${summary}`, explanation];
  if (example !== undefined) {
    parts.push(
      `For example, this file:\n\n${indented(example.file)}\n\ngives:\n\n${indented(example.findings)}`,
    );
    if (example.fix !== undefined) parts.push(`\`validate --fix\` corrects it:\n\n${indented(example.fix)}`);
  }
  return `${parts.join("\n\n")}\n\n`;
}

/** Renders the list of all codes: a line for each, with its severity and summary. */
export function renderCodeList(groups: readonly CodeGroup[], style: TextStyle): string {
  const width = Math.max(...groups.flatMap(({ codes }) => codes.map(({ code }) => code.length)));
  const parts = groups.map(({ title, codes }) => {
    const sorted = [...codes].sort((a, b) => compareText(a.code, b.code));
    const lines = sorted.map(
      ({ code, severity, summary }) => `  ${code.padEnd(width)}  ${severity.padEnd(7)}  ${summary}\n`,
    );
    return `${style.paint("bold", title)}\n${lines.join("")}`;
  });
  return `${parts.join("\n")}\n`;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `    ${shorten(line, maxLineLength)}`))
    .join("\n");
}
