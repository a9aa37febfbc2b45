import { setImmediate } from "node:timers/promises";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { compareDiagnostics, type Diagnostic } from "../diagnostic.ts";
import { unsilenced, type Findings } from "../lint/lint.ts";
import { checkExpectations } from "../proof/expectations.ts";
import { questionFindings } from "../proof/guardrails.ts";
import { operatorFindings } from "../proof/lockout.ts";
import type { Checks } from "./bucket-checks.ts";

/** Buckets after which other work of the process gets its turn. */
const bucketsAtOnce = 8;

/**
 * Checks the files of the buckets: the rules, which look at a tree as a whole, and for
 * the selected ones also for their proofs.
 */
export async function checkBuckets(
  all: readonly DesiredBucket[],
  selected: readonly DesiredBucket[],
  today: string,
  checks: Checks,
): Promise<Findings> {
  const isSelected = new Set(selected.map(({ bucket }) => bucket));
  // A comment in a file that buckets share is used where any of them has the finding.
  const judged = all.filter(({ bucket, ignores }) => isSelected.has(bucket) || ignores.length > 0);
  await inTurns(judged, ({ bucket }) => checks(bucket));
  const lint = unsilenced(judged, ({ bucket }) => checks(bucket).found, today);
  const findings = await inTurns(selected, (bucket): readonly [string, readonly Diagnostic[]] => {
    const ofRules = lint.get(bucket.bucket) ?? [];
    // Of a policy that is not known in whole nothing can be proved.
    const isKnown = bucket.faults.length === 0;
    const proved = isKnown
      ? [...operatorFindings(bucket), ...questionFindings(bucket, today), ...checkExpectations(bucket)]
      : [];
    return [bucket.bucket, [...ofRules, ...proved].sort(compareDiagnostics)];
  });
  return new Map(findings);
}

/** Maps a list, and lets the calls that are in flight go on meanwhile. */
export async function inTurns<T, Result>(
  items: readonly T[],
  map: (item: T) => Result,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    results.push(map(item));
    if (results.length % bucketsAtOnce === 0) await setImmediate();
  }
  return results;
}
