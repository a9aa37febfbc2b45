import type { CodeText } from "../../codes/code-text.ts";
import type { TextStyle } from "./style.ts";

/** A file with the mistake, and what is said of it. */
export interface Example {
  readonly file: string;
  readonly findings: string;
}

/** The long text of a code, for people. */
export function renderExplanation(
  { code, severity, summary, explanation }: CodeText,
  example: Example | undefined,
  style: TextStyle,
): string {
  const parts = [`${style.paint("bold", code)} (${severity}): ${summary}`, explanation];
  if (example !== undefined) {
    parts.push(
      `For example, this file:\n\n${indented(example.file)}\n\nis answered with:\n\n${indented(example.findings)}`,
    );
  }
  return `${parts.join("\n\n")}\n\n`;
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `    ${line}`))
    .join("\n");
}
