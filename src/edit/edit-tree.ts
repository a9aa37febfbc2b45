import equal from "fast-deep-equal";
import { accessDifference, type AccessDifference } from "../access/difference.ts";
import { accessChangeText } from "../access/render.ts";
import { namesOf } from "../desired/account-file.ts";
import type { ParsedBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { parseDesired, type Desired } from "../desired/desired.ts";
import { hasErrors, type Diagnostic } from "../diagnostic.ts";
import { isFailed, type Failed } from "../result.ts";
import { editFile, type EditedFile } from "./edited-file.ts";
import type { EditableTree } from "./editable-tree.ts";
import type { Intent } from "./intent.ts";
import { additionsFor } from "./plan-additions.ts";
import { removalsFor } from "./plan-removals.ts";
import { proofOf } from "./prove.ts";
import { inexact, refused, tooManyEdits, unusualLayout } from "./refusals.ts";

/** Bucket whose policy an edit changes. */
export interface EditedBucket {
  readonly before: ParsedBucket;
  readonly after: ParsedBucket;
  /** Proved change of access. */
  readonly access: AccessDifference;
}

/** Edits of a tree that are proved to change exactly the wanted access; none if nothing is to be done. */
export interface TreeEdit {
  readonly files: readonly EditedFile[];
  readonly buckets: readonly EditedBucket[];
  /** Tree after the edits. */
  readonly desired: Desired<ParsedBucket>;
  /** Targets, as they are after the edits. */
  readonly targets: readonly ParsedBucket[];
}

/** Maximum of edits of one file, each of which reads it again: a policy of 16 KB has fewer words. */
const maxEdits = 1_000;

/**
 * Finds the smallest edits that give or take exactly the wanted access to these buckets. Every bucket of the tree is
 * compared with what it was. Fails, and says why, if an edit would change more or less.
 */
export function editTree(
  tree: EditableTree,
  targets: readonly ParsedBucket[],
  intent: Intent,
): TreeEdit | Failed {
  const edits =
    intent.verb === "revoke" ? removalsFor(tree, targets, intent) : additionsFor(tree, targets, intent);
  if (isFailed(edits)) return edits;
  const texts = new Map(tree.files.map((file) => [file.path, file]));
  const files: EditedFile[] = [];
  const problems: Diagnostic[] = [];
  for (const [path, ofFile] of edits) {
    const file = texts.get(path);
    const isTooMuch = ofFile.length > maxEdits;
    const edited = isTooMuch ? undefined : file && editFile(file, ofFile);
    if (isTooMuch) problems.push(tooManyEdits(path, maxEdits));
    else if (edited === undefined) problems.push(unusualLayout(path));
    else files.push(edited);
  }
  if (problems.length > 0) return { problems };
  return judged(tree, targets, intent, files);
}

/** Reads the edited tree, and proves its change of access. */
function judged(
  tree: EditableTree,
  targets: readonly ParsedBucket[],
  intent: Intent,
  files: readonly EditedFile[],
): TreeEdit | Failed {
  const texts = new Map(files.map(({ path, after }) => [path, after]));
  const desired =
    files.length === 0
      ? tree.desired
      : parseDesired(
          tree.files.map(({ path, text }) => ({ path, text: texts.get(path) ?? text })),
          tree.context,
        );
  if (hasErrors(desired.diagnostics)) return { problems: desired.diagnostics };
  const names = new Set(targets.map(({ bucket }) => bucket));
  const after = new Map(desired.buckets.map((bucket) => [bucket.bucket, bucket]));
  const problems: Diagnostic[] = [];
  const buckets: EditedBucket[] = [];
  for (const before of tree.desired.buckets) {
    const now = after.get(before.bucket);
    if (now === undefined) throw new Error(`an edit lost the bucket ${before.bucket}`);
    const isTarget = names.has(before.bucket);
    const isSame = equal(desiredPolicy(before), desiredPolicy(now));
    if (isSame && !isTarget) continue;
    const problem = isTarget ? problemIn(before, now, intent) : collateral(before, now, intent);
    if (problem !== undefined) problems.push(problem);
    else if (!isSame) buckets.push({ before, after: now, access: changeOf(before, now) });
  }
  if (problems.length > 0) return { problems };
  return { files, buckets, desired, targets: desired.buckets.filter(({ bucket }) => names.has(bucket)) };
}

function changeOf(before: ParsedBucket, after: ParsedBucket): AccessDifference {
  return accessDifference(desiredPolicy(before), desiredPolicy(after), bucketOf(before));
}

/** Returns why an edit of a target is not exact. */
function problemIn(before: ParsedBucket, after: ParsedBucket, intent: Intent): Diagnostic | undefined {
  const proof = proofOf(before, after, intent);
  return proof.kind === "exact" ? undefined : inexact(proof, intent, before);
}

/** Returns a problem if an edit changes the access to a bucket that was not named. */
function collateral(before: ParsedBucket, after: ParsedBucket, { verb }: Intent): Diagnostic | undefined {
  const access = changeOf(before, after);
  if (access.verdict === "equal") return undefined;
  const change =
    access.verdict === "undecided"
      ? `: ${access.cause}`
      : access.regions
          .slice(0, 1)
          .map((region) => `: ${accessChangeText(region, namesOf(before.account))}`)
          .join("");
  return refused(
    `the edit would also change \`${before.bucket}\`, which shares the statement${change}`,
    `name every bucket that shares it, such as by a glob${verb === "revoke" ? "; or add --deny, which writes a Deny statement in the bucket's own file" : ""}`,
    after.span,
  );
}
