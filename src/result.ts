import type { Diagnostic } from "./diagnostic.ts";

/** The reasons why a step could not give its value. */
export interface Failed {
  readonly problems: readonly Diagnostic[];
}

/** The value of a step, or the reasons why there is none. */
export type Result<T extends object> = T | Failed;

export function isFailed(result: object): result is Failed {
  return "problems" in result;
}
