import type { CodeText } from "./code-text.ts";
import { fileTexts } from "./file.ts";
import { hazardTexts } from "./hazard.ts";
import { runTexts } from "./run.ts";
import { rules } from "../lint/rules/index.ts";

/** Returns the text of a code; undefined if no finding has that code. */
export function codeText(code: string): CodeText | undefined {
  return allCodes.find((candidate) => candidate.code === code);
}

/** Codes about the same things, under a title. */
export interface CodeGroup {
  readonly title: string;
  readonly codes: readonly CodeText[];
}

/** Every code that a finding can have, by what it is about; rules first. */
export const codeGroups: readonly CodeGroup[] = [
  { title: "Lint rules", codes: rules },
  { title: "Hazards of changes, and proofs about policies", codes: hazardTexts },
  { title: "The form of the files", codes: fileTexts },
  { title: "Options and runs", codes: runTexts },
];

export const allCodes: readonly CodeText[] = codeGroups.flatMap(({ codes }) => codes);
