import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareDiagnostics } from "../diagnostic.ts";
import { lintBuckets, type Findings } from "../lint/lint.ts";
import { checkExpectations } from "../proof/expectations.ts";
import { questionFindings } from "../proof/guardrails.ts";
import { operatorFindings } from "../proof/lockout.ts";

/**
 * What is wrong with the files of these buckets: the rules, which look at a tree as a whole, and for
 * those that were asked for what is proved of each.
 */
export function checkBuckets(
  all: readonly DesiredBucket[],
  asked: readonly DesiredBucket[],
  today: string,
): Findings {
  const lint = lintBuckets(all, today);
  return new Map(
    asked.map((bucket) => {
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
