import type { Severity } from "../diagnostic.ts";

/** What `explain` tells of a code. */
export interface CodeText {
  readonly code: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly explanation: string;
}
