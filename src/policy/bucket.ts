import type { Observations } from "./open-questions.ts";

/** The bucket that a policy is for. */
export interface Bucket {
  readonly name: string;
  /** UID of its owner. */
  readonly owner: string;
  /** What was observed of OSS where its documentation leaves a question open; absent: nothing. */
  readonly observed?: Observations;
}
