import { statementKey, type Policy, type Statement } from "../policy/policy.ts";

/** Desired policy of one bucket at the base revision, and the statements of its history. */
export interface BasePolicy {
  /** `absent` if no file named the bucket, `unknown` if its files could not be read. */
  readonly policy: Policy | "none" | "absent" | "unknown";
  /** Keys of the statements of all versions of the bucket's file, up to the base. */
  readonly everDesired: ReadonlySet<string>;
  /** False if the history is shallow or unreadable; `everDesired` may then lack older versions. */
  readonly isComplete: boolean;
}

/**
 * Returns the live statements that neither the desired policy nor the base contains. The history matters
 * only if there are some.
 */
export function outOfBandCandidates(
  live: Policy | "none",
  desired: Policy | "none",
  base: BasePolicy["policy"],
): readonly Statement[] {
  if (live === "none") return [];
  const wanted = [desired, base].flatMap((policy) => (typeof policy === "string" ? [] : policy.statements));
  const known = new Set(wanted.map((statement) => statementKey(statement)));
  return live.statements.filter((statement) => !known.has(statementKey(statement)));
}
