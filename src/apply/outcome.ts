import type { Change } from "../plan/plan.ts";

/** Result of apply for one bucket; every bucket of a plan has one. */
export interface Outcome {
  readonly bucket: string;
  readonly action: Change["action"];
  readonly result: OutcomeResult;
  /** Reason for the result; empty if there is no more to say. */
  readonly message: string;
  /** Next step for the user. */
  readonly help?: string;
}

export type OutcomeResult =
  /** Written, and the desired policy was read back. */
  | "applied"
  /** OSS may have accepted the write, but the desired policy was not read back in time. */
  | "unverified"
  /** No write was necessary. */
  | "unchanged"
  /** The live policy changed since the plan, and was left as it is. */
  | "stale"
  /** A finding, a hazard or a limit blocks it: nothing was written. */
  | "blocked"
  /** The run was stopped before this bucket: nothing was written. */
  | "not attempted"
  | "failed";
