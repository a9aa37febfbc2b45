import type { ParsedBucket } from "../../desired/bucket-file.ts";
import { hasErrors, mergeDiagnostics, type Diagnostic } from "../../diagnostic.ts";
import type { EditedBucket } from "../../edit/edit-tree.ts";
import { checksOn } from "../../pipeline/bucket-checks.ts";
import { checkBuckets } from "../../pipeline/check-buckets.ts";
import { guardrailFindings } from "../../proof/guardrails.ts";

/** Errors that forbid an edit. */
export interface EditErrors {
  readonly isNew: boolean;
  readonly errors: readonly Diagnostic[];
}

/** Returns the errors of the edited buckets: those from before, or else those that the edit brings. */
export async function editErrors(
  { buckets }: { readonly buckets: readonly Pick<EditedBucket, "before" | "after">[] },
  today: string,
): Promise<EditErrors> {
  const before = await errorsIn(
    buckets.map((one) => one.before),
    today,
  );
  if (hasErrors(before)) return { isNew: false, errors: before };
  const after = await errorsIn(
    buckets.map((one) => one.after),
    today,
  );
  return { isNew: true, errors: after };
}

async function errorsIn(buckets: readonly ParsedBucket[], today: string): Promise<readonly Diagnostic[]> {
  const findings = await checkBuckets(buckets, buckets, today, checksOn(buckets, "rules"));
  const all = buckets.flatMap((bucket) => [
    ...(findings.get(bucket.bucket) ?? []),
    ...guardrailFindings(bucket, today),
  ]);
  return mergeDiagnostics(all.filter(({ severity }) => severity === "error"));
}
