import type { CodeText } from "./code-text.ts";
import { fileTexts } from "./file.ts";
import { hazardTexts } from "./hazard.ts";
import { runTexts } from "./run.ts";
import { rules } from "../lint/rules/index.ts";

/** Returns the text of a code; undefined if no finding has that code. */
export function codeText(code: string): CodeText | undefined {
  return allCodes.find((candidate) => candidate.code === code);
}

/** Every code that a finding can have, rules first. */
export const allCodes: readonly CodeText[] = [...rules, ...hazardTexts, ...fileTexts, ...runTexts];
