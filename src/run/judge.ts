import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareDiagnostics } from "../diagnostic.ts";
import { lintBuckets, type Findings } from "../lint/lint.ts";
import { checkExpectations } from "../proof/expectations.ts";
import { questionFindings } from "../proof/guardrails.ts";

/**
 * What is wrong with the files of these buckets: the rules, which look at a tree as a whole, and for
 * those that were asked for what is proved of each.
 */
export function judgeBuckets(
  all: readonly DesiredBucket[],
  asked: readonly DesiredBucket[],
  today: string,
): Findings {
  const lint = lintBuckets(all, today);
  return new Map(
    asked.map((bucket) => {
      const ofRules = lint.get(bucket.bucket) ?? [];
      const proved = [...questionFindings(bucket, today), ...checkExpectations(bucket)];
      return [bucket.bucket, [...ofRules, ...proved].sort(compareDiagnostics)];
    }),
  );
}
