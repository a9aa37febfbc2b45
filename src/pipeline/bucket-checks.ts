import type { ParsedBucket } from "../desired/bucket-file.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { lintFindings, type LintFindings } from "../lint/lint.ts";
import { idleStatements } from "../proof/redundant-statements.ts";
import { undecidedStatements } from "../proof/undecided.ts";

/** What the file of a bucket says about it, whatever the day, the selection and the other files are. */
export interface BucketChecks extends LintFindings {
  /** About statements whose access plan cannot decide. */
  readonly undecided: readonly Diagnostic[];
  /** About statements without any effect. */
  readonly idle: readonly Diagnostic[];
}

/** Returns the checks of a bucket by its name. */
export type Checks = (bucket: string) => BucketChecks;

/** Checks of `plan`: the rules. Those of `validate`: also the proofs about single statements. */
export type Depth = "rules" | "rules and statements";

/** Checks one bucket. Nothing can be proved about a policy that is not known in whole. */
export function checkBucket(bucket: ParsedBucket, depth: Depth): BucketChecks {
  const isProved = depth === "rules and statements" && bucket.faults.length === 0;
  return {
    ...lintFindings(bucket),
    undecided: isProved ? undecidedStatements(bucket) : [],
    idle: isProved ? idleStatements(bucket) : [],
  };
}

export const noFindings: BucketChecks = { found: [], refusals: [], undecided: [], idle: [] };

export function hasFindings({ found, refusals, undecided, idle }: BucketChecks): boolean {
  return found.length + refusals.length + undecided.length + idle.length > 0;
}

/** Returns checks that are made when they are asked for, and kept. */
export function checksOn(buckets: readonly ParsedBucket[], depth: Depth): Checks {
  const byName = new Map(buckets.map((bucket) => [bucket.bucket, bucket]));
  const made = new Map<string, BucketChecks>();
  return (name) => {
    const bucket = byName.get(name);
    const checks = made.get(name) ?? (bucket === undefined ? noFindings : checkBucket(bucket, depth));
    made.set(name, checks);
    return checks;
  };
}

/** Returns checks that are made. */
export function checksIn(made: ReadonlyMap<string, BucketChecks>): Checks {
  return (name) => made.get(name) ?? noFindings;
}
