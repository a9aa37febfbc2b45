import type { Policy, Statement } from "../policy/policy.ts";

/** What a revision asked for of one bucket. */
export interface AskedBefore {
  /** `absent` where no file spoke of the bucket, `unknown` where its files could not be read. */
  readonly policy: Policy | "none" | "absent" | "unknown";
  /** Whether the history was cut off when it was fetched, so that older versions are not seen. */
  readonly isShallow: boolean;
  /** Which of these statements no version of the bucket's file up to that revision ever asked for. */
  foreign(statements: readonly Statement[]): readonly Statement[];
}
