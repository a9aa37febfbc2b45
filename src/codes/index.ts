import type { CodeText } from "./code-text.ts";
import { fileTexts } from "./file.ts";
import { hazardTexts } from "./hazard.ts";
import { runTexts } from "./run.ts";
import { rules } from "../lint/rules/index.ts";

/** The text of a code; undefined for one that no finding has. */
export function codeText(code: string): CodeText | undefined {
  return allCodes.find((candidate) => candidate.code === code);
}

/** Every code that a finding can have, rules first. */
export const allCodes: readonly CodeText[] = [...rules, ...hazardTexts, ...fileTexts, ...runTexts];
