import { statementKey, type Policy, type Statement } from "../policy/policy.ts";

/** The policy that the base revision asks for of one bucket, and what its history knows. */
export interface BasePolicy {
  /** `absent` where no file named the bucket, `unknown` where its files could not be read. */
  readonly policy: Policy | "none" | "absent" | "unknown";
  /** Keys of the statements that some version of the bucket's file asked for, up to the base. */
  readonly everDesired: ReadonlySet<string>;
  /** False where the history was cut off or could not be read, so that `everDesired` may lack older versions. */
  readonly isComplete: boolean;
}

/**
 * Returns the live statements that a change removes and the base does not ask for. Only where there are
 * some does the history matter.
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
