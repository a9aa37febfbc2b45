import type { ParsedBucket } from "../desired/bucket-file.ts";
import { maxOfTree } from "../desired/budget.ts";
import { parseOwn, parseShared, type SharedFiles } from "../desired/desired.ts";
import type { SourceFile } from "../desired/load.ts";
import { hasErrors, type Diagnostic } from "../diagnostic.ts";
import { isFailed, type Failed } from "../result.ts";
import { additionsTo } from "./addition.ts";
import type { EditableTree, FileEdits } from "./editable-tree.ts";
import { editFile } from "./edited-file.ts";
import type { FileEdit } from "./file-edit.ts";
import type { Intent } from "./intent.ts";
import { proofOf } from "./prove.ts";
import { inexact, overriddenBy, refused, unusualLayout } from "./refusals.ts";
import { parseSource } from "./source-text.ts";

/** Returns the edits that add the wanted statement to the files of these buckets, where it changes anything. */
export function additionsFor(
  tree: EditableTree,
  targets: readonly ParsedBucket[],
  intent: Intent,
): FileEdits | Failed {
  const shared = parseShared(tree.files, tree.context);
  const lacking = targets.filter((bucket) => proofOf(bucket, bucket, intent).kind !== "exact");
  const problems = targets.flatMap((bucket) => (lacking.includes(bucket) ? [] : overridden(bucket, intent)));
  const chosen = new Map<string, readonly FileEdit[]>();
  for (const path of new Set(lacking.map(({ file }) => file))) {
    const file = tree.files.find((one) => one.path === path) ?? { path, text: "" };
    const buckets = tree.desired.buckets.filter((bucket) => bucket.file === path);
    const unnamed = buckets.find((bucket) => !targets.includes(bucket));
    const found =
      unnamed === undefined
        ? smallest(file, buckets, shared, intent)
        : sharedFile(unnamed, namesIn(buckets), namesIn(tree.desired.buckets));
    if (isFailed(found)) problems.push(...found.problems);
    else chosen.set(path, found);
  }
  return problems.length > 0 ? { problems } : chosen;
}

function namesIn(buckets: readonly ParsedBucket[]): readonly string[] {
  return buckets.map(({ bucket }) => bucket);
}

/** Refuses a grant that changes nothing because a Deny overrides all of it. */
function overridden(bucket: ParsedBucket, intent: Intent): readonly Diagnostic[] {
  const found = intent.verb === "grant" ? overriddenBy(intent, bucket) : undefined;
  return found?.isWhole === true ? [found.finding] : [];
}

function sharedFile(
  { bucket, file, span }: ParsedBucket,
  ofFile: readonly string[],
  all: readonly string[],
): Failed {
  const glob = globOf(ofFile, all);
  const own = "give the bucket a file of its own";
  const problem = refused(
    `\`${file}\` is also about \`${bucket}\`, so an edit would change that bucket, too`,
    glob === undefined ? own : `name all of its buckets by \`${glob}\`, or ${own}`,
    span,
  );
  return { problems: [problem] };
}

/** Returns a glob that matches these buckets and no others; undefined if their common beginning has others. */
function globOf(names: readonly string[], all: readonly string[]): string | undefined {
  const [first = ""] = names;
  const isShared = (beginning: string) => names.every((name) => name.startsWith(beginning));
  const ends = [...first].map((_, at) => first.slice(0, at + 1)).filter(isShared);
  const beginning = ends.at(-1) ?? "";
  const matched = all.filter((name) => name.startsWith(beginning));
  return matched.length === names.length ? `${beginning}*` : undefined;
}

/** Returns the smallest proved edit of a file, or why there is none. */
function smallest(
  file: SourceFile,
  buckets: readonly ParsedBucket[],
  shared: SharedFiles,
  intent: Intent,
): readonly FileEdit[] | Failed {
  const source = parseSource(file);
  const [first, ...others] = buckets;
  if (source === undefined || first === undefined) return { problems: [unusualLayout(file.path)] };
  let problems: readonly Diagnostic[] = [unusualLayout(file.path)];
  for (const edits of additionsTo(source, [first, ...others], intent)) {
    const edited = editFile(file, edits);
    if (edited === undefined) continue;
    const found = problemsOf({ path: file.path, text: edited.after }, buckets, shared, intent);
    if (found.length === 0) return edits;
    problems = found;
  }
  return { problems };
}

/** Returns why an edited file is not exactly what was wanted; nothing if it is. */
function problemsOf(
  file: SourceFile,
  buckets: readonly ParsedBucket[],
  shared: SharedFiles,
  intent: Intent,
): readonly Diagnostic[] {
  const parsed = parseOwn(file, shared, { left: maxOfTree });
  if (hasErrors(parsed.diagnostics)) return parsed.diagnostics;
  return buckets.flatMap((before) => {
    const after = parsed.value.find(({ bucket }) => bucket === before.bucket);
    if (after === undefined) return [unusualLayout(file.path)];
    const proof = proofOf(before, after, intent);
    return proof.kind === "exact" ? [] : [inexact(proof, intent, after)];
  });
}
