import type { Change } from "../plan/plan.ts";

/** What became of one bucket; every bucket of a plan has one. */
export interface Outcome {
  readonly bucket: string;
  readonly action: Change["action"];
  readonly result: OutcomeResult;
  /** Why, where the result alone does not say it. */
  readonly message: string;
  /** What the user can do about it. */
  readonly help?: string;
}

export type OutcomeResult =
  /** Written, and read back as it was asked for. */
  | "applied"
  /** OSS took the write, but what was asked for was not read back in time. */
  | "unverified"
  /** Nothing was to be done. */
  | "unchanged"
  /** The live policy is no longer the one that was planned for: it was left as it is. */
  | "stale"
  /** A finding or a guard forbids it: nothing was written. */
  | "blocked"
  /** The run was asked to stop before its turn came: nothing was written. */
  | "not attempted"
  | "failed";
