import type { Diagnostic } from "./diagnostic.ts";

/** Reasons why a step failed. */
export interface Failed {
  readonly problems: readonly Diagnostic[];
}

/** Value of a step, or the reasons why it failed. */
export type Result<T extends object> = T | Failed;

export function isFailed(result: object): result is Failed {
  return "problems" in result;
}
