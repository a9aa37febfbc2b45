import { join } from "node:path";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { isBucketFile } from "../../desired/file-kind.ts";
import { compareDiagnostics, mergeDiagnostics, type Diagnostic } from "../../diagnostic.ts";
import { readTree } from "../../pipeline/read-desired.ts";
import { treeFindings } from "../../pipeline/tree-findings.ts";
import type { Sources } from "../../report/text/diagnostics.ts";
import { isFailed } from "../../result.ts";
import type { Options } from "../../run/options.ts";
import { selectTree } from "../../run/selection.ts";
import type { CheckedPart } from "./paths.ts";

/** Findings of a check, and the extent of the check. */
export interface Checked {
  readonly findings: readonly Diagnostic[];
  readonly buckets: number;
  /** Buckets that --exclude left out. */
  readonly excluded: readonly DesiredBucket[];
  readonly sources: Sources;
}

/** Checks parts of policy trees. */
export async function checkParts(
  parts: readonly CheckedPart[],
  options: Options,
  today: string,
): Promise<Checked> {
  const checked: Checked[] = [];
  for (const part of parts) checked.push(await checkPart(part, options, today));
  return {
    findings: checked.flatMap(({ findings }) => findings).sort(compareDiagnostics),
    buckets: checked.reduce((sum, { buckets }) => sum + buckets, 0),
    excluded: checked.flatMap(({ excluded }) => excluded),
    sources: new Map(checked.flatMap(({ sources }) => [...sources])),
  };
}

async function checkPart(part: CheckedPart, options: Options, today: string): Promise<Checked> {
  const { given } = part;
  const { shard } = options;
  const tree = await readTree(part.root, { depth: "rules and statements", spared: 0, given, shard });
  const { desired, sources, diagnostics } = tree;
  const selected = selectTree(desired, options);
  const buckets = (isFailed(selected) ? desired : selected).buckets.filter((one) => isCovered(one, part));
  const found = isFailed(selected) ? selected.problems : await treeFindings(tree, buckets, today);
  const findings = mergeDiagnostics([
    ...diagnostics.filter((finding) => isAbout(finding, part) || concernsAll(finding, part)),
    ...found.filter((finding) => isAbout(finding, part)),
  ]);
  const excluded = isFailed(selected) ? [] : selected.excluded.filter((one) => isCovered(one, part));
  return { findings, buckets: buckets.length, excluded, sources };
}

/** A bucket is checked with its file, and with each statement set that it uses. */
function isCovered({ file, uses }: DesiredBucket, { covers }: CheckedPart): boolean {
  return covers(file) || uses.some(({ set }) => covers(set.file));
}

/** Returns whether it is a broken account file or statement set: no file that may need it can be checked without. */
function concernsAll({ span, severity }: Diagnostic, { root }: CheckedPart): boolean {
  return severity === "error" && span !== undefined && !isBucketFile(span.file, join(root, "/"));
}

/** Returns whether a finding is about a part. One without a place is about the tree: only its errors concern a part. */
function isAbout({ span, severity, related = [] }: Diagnostic, { isWhole, covers }: CheckedPart): boolean {
  if (isWhole) return true;
  if (span === undefined) return severity === "error";
  return covers(span.file) || related.some((other) => covers(other.span.file));
}
