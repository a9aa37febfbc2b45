import { isFailed } from "../result.ts";
import { counted } from "../report/printable.ts";
import {
  compareDiagnostics,
  countErrors,
  mergeDiagnostics,
  type Diagnostic,
  type Span,
} from "../diagnostic.ts";
import { allCodes } from "../codes/index.ts";
import { isSilenced, refusalsBehind, type ForeseenRefusal } from "../lint/lint.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { guardrailFindings } from "../proof/guardrails.ts";
import { isAccepted } from "../proof/undecided.ts";
import { diagnosticsDocument } from "../report/json/diagnostics.ts";
import { findingsMarkdown } from "../report/markdown/plan.ts";
import { sarifDocument } from "../report/json/sarif.ts";

import { readTree, type DesiredTree } from "../pipeline/read-desired.ts";
import { exitCodeOf, failure, success, type Ending } from "../run/exit.ts";
import { writeStep } from "../pipeline/github-step.ts";
import { checkBuckets } from "../pipeline/check-buckets.ts";
import type { Io } from "../run/io.ts";
import type { Options } from "../run/options.ts";
import { openOutput, type Output } from "../run/output.ts";
import { noteExcluded, selectTree } from "../run/selection.ts";
import { toolVersion } from "../run/version.ts";

/** Finds what is wrong with the files, without a network. */
export async function validate(options: Options, io: Io): Promise<number> {
  const out = openOutput(options, io);
  const tree = await readTree(options.policies, { depth: "rules and statements", spared: 0 });
  const { desired, sources, diagnostics } = tree;
  const selected = selectTree(desired, options);
  if (!isFailed(selected)) noteExcluded(selected, out);
  const found = isFailed(selected) ? selected.problems : await findingsOf(tree, selected.buckets, io.today);
  const findings = mergeDiagnostics([...diagnostics, ...found]).sort(compareDiagnostics);
  out.findings(findings, sources);
  const reported = writeReports(findings, options, out);
  const errors = countErrors(findings);
  const buckets = isFailed(selected) ? desired.buckets : selected.buckets;
  const warnings = findings.filter(({ severity }) => severity === "warning").length;
  const counts = [
    counted(errors, "error"),
    counted(warnings, "warning"),
    counted(findings.length - errors - warnings, "note"),
  ];
  out.result(`Validate: ${counted(buckets.length, "bucket")}, ${counts.join(", ")}.\n`);
  const endings = [errors > 0 ? failure(counted(errors, "error finding")) : success, ...reported];
  if (options.github) {
    const outputs = {
      errors: String(errors),
      warnings: String(warnings),
      exitcode: String(exitCodeOf(endings)),
    };
    writeStep({ findings, markdown: findingsMarkdown(findings, counts), outputs }, { out, io });
  }
  return out.end(...endings);
}

async function findingsOf(
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

function writeReports(
  findings: readonly Diagnostic[],
  { json, sarif, policies }: Options,
  out: Output,
): readonly Ending[] {
  return [
    json === undefined ? success : out.report(json, diagnosticsDocument(findings, toolVersion)),
    sarif === undefined
      ? success
      : out.report(sarif, sarifDocument(findings, allCodes, { version: toolVersion, policies })),
  ];
}
