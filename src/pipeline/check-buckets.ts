import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareDiagnostics } from "../diagnostic.ts";
import { lintBuckets, type Findings } from "../lint/lint.ts";
import { checkExpectations } from "../proof/expectations.ts";
import { questionFindings } from "../proof/guardrails.ts";
import { operatorFindings } from "../proof/lockout.ts";

/**
 * Checks the files of the buckets: the rules, which look at a tree as a whole, and for
 * the selected ones also for their proofs.
 */
export function checkBuckets(
  all: readonly DesiredBucket[],
  selected: readonly DesiredBucket[],
  today: string,
): Findings {
  const lint = lintBuckets(all, today);
  return new Map(
    selected.map((bucket) => {
      const ofRules = lint.get(bucket.bucket) ?? [];
      // Of a policy that is not known in whole nothing can be proved.
      const isKnown = bucket.faults.length === 0;
      const proved = isKnown
        ? [...operatorFindings(bucket), ...questionFindings(bucket, today), ...checkExpectations(bucket)]
        : [];
      return [bucket.bucket, [...ofRules, ...proved].sort(compareDiagnostics)];
    }),
  );
}
