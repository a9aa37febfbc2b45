import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { lintBuckets, type Findings } from "../lint/lint.ts";
import { checkExpectations } from "../proof/expectations.ts";
import { idleStatements } from "../proof/idle.ts";
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
      const idle = idleStatements(bucket).filter((finding) => !isExplained(finding, ofRules));
      const proved = [...questionFindings(bucket, today), ...checkExpectations(bucket), ...idle];
      return [bucket.bucket, [...ofRules, ...proved].sort(compareDiagnostics)];
    }),
  );
}

/** Whether a rule has found within a statement why it is idle. */
function isExplained({ span }: Diagnostic, findings: readonly Diagnostic[]): boolean {
  if (span === undefined) return false;
  return findings.some(
    ({ severity, span: at }) =>
      severity !== "note" &&
      at?.file === span.file &&
      at.start.line >= span.start.line &&
      at.start.line <= span.end.line,
  );
}
