import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Diagnostic, Span } from "../diagnostic.ts";
import { isSilenced, refusalsBehind, type ForeseenRefusal } from "../lint/lint.ts";
import { guardrailFindings } from "../proof/guardrails.ts";
import { isAccepted } from "../proof/undecided.ts";
import { checkBuckets } from "./check-buckets.ts";
import type { DesiredTree } from "./read-desired.ts";

/** Returns what `validate` finds in the selected buckets of a tree that is read, beside the findings about its syntax. */
export async function treeFindings(
  { desired, checks }: DesiredTree,
  buckets: readonly DesiredBucket[],
  today: string,
): Promise<readonly Diagnostic[]> {
  const judged = await checkBuckets(desired.buckets, buckets, today, checks);
  return buckets.flatMap((bucket) => {
    const found = judged.get(bucket.bucket) ?? [];
    if (bucket.faults.length > 0) return found;
    const { refusals, undecided, idle } = checks(bucket.bucket);
    const unexplained = isAccepted(bucket, "access-undecided", today)
      ? []
      : undecided.filter(({ span }) => span === undefined || !isExplainedAt(span, found));
    const unsilenced = idle.filter((finding) => !isExplained(finding, found) && !isSilenced(bucket, finding));
    return [
      ...found,
      ...guardrailFindings(bucket, today),
      ...(isAccepted(bucket, "refused-by-oss", today) ? [] : refusedPolicies(bucket, refusals, found)),
      ...unexplained,
      ...unsilenced,
    ];
  });
}

/** Returns whether a rule has a finding in the statement that explains why it is idle. */
function isExplained({ span }: Diagnostic, findings: readonly Diagnostic[]): boolean {
  return span !== undefined && isExplainedAt(span, findings);
}

function isExplainedAt(span: Span, findings: readonly Diagnostic[]): boolean {
  return findings.some(
    ({ code, severity, span: at }) =>
      severity !== "note" &&
      // A comment of no use says nothing of its statement.
      code !== "unused-ignore" &&
      at?.file === span.file &&
      at.start.line >= span.start.line &&
      at.start.line <= span.end.line,
  );
}

/** Reports policies that OSS refuses although an ignore comment silenced the finding. Plan blocks their buckets. */
function refusedPolicies(
  bucket: DesiredBucket,
  refusals: readonly ForeseenRefusal[],
  findings: readonly Diagnostic[],
): readonly Diagnostic[] {
  return refusalsBehind(refusals, findings).map((message) => ({
    code: "refused-by-oss",
    // Such a policy may be live from before, and then it stays as long as nothing is changed.
    severity: "warning",
    message: `OSS would refuse any change of this policy: ${message}`,
    span: bucket.policySpan,
    help: "correct the statement: an ignore comment does not change what OSS takes",
  }));
}
