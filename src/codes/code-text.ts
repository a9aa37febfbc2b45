import type { Severity } from "../diagnostic.ts";

/** Text that `explain` prints for a code. */
export interface CodeText {
  readonly code: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly explanation: string;
}

/** Returns the text of a code whose findings are errors. */
export function errorText(code: string, summary: string, explanation: string): CodeText {
  return { code, severity: "error", summary, explanation };
}
