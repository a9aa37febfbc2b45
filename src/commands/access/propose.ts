import { accessDifference } from "../../access/difference.ts";
import { bucketOf, desiredPolicy } from "../../desired/desired-policy.ts";
import { parseDesired } from "../../desired/desired.ts";
import { hasErrors } from "../../diagnostic.ts";
import type { EditableTree } from "../../edit/editable-tree.ts";
import type { EditedFile } from "../../edit/edited-file.ts";
import { narrowFile, type GoneWords } from "../../edit/narrowing.ts";
import { replay } from "../../plan/replay.ts";
import type { UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import { patchText } from "../../report/text/unified-diff.ts";
import { isFailed, type Failed } from "../../result.ts";
import { problem } from "./reply.ts";
import { loadTree } from "../edit/run-edit.ts";

/** Narrower policy as a patch, and the buckets whose files it changes. */
export interface Proposal {
  readonly patch: string;
  readonly buckets: readonly string[];
}

/**
 * Writes a patch that takes out of the files what no request was seen to use. It is proved for each bucket that nothing is
 * gained and no Deny is lifted, and by a replay that every request that was seen is decided as before. A bucket for which
 * that fails is left out.
 */
export function proposalFor(folder: string, found: ReadonlyMap<string, UnseenGrants>): Proposal | Failed {
  const tree = loadTree(folder);
  if (isFailed(tree)) return tree;
  const texts = new Map(tree.files.map((file) => [file.path, file]));
  const edited: EditedFile[] = [];
  const buckets: string[] = [];
  for (const bucket of tree.desired.buckets) {
    const result = found.get(bucket.bucket);
    const file = texts.get(bucket.file);
    if (result === undefined || result.grants.length === 0 || file === undefined) continue;
    const one = narrowFile(file, bucket, goneFrom(result.grants));
    if (one === undefined || !isProved(tree, one, bucket.bucket, result)) continue;
    edited.push(one);
    buckets.push(bucket.bucket);
  }
  if (edited.length === 0)
    return problem(
      "no narrower policy can be proposed and proved",
      "edit the files by hand, or give logs of a longer time",
    );
  return { patch: edited.map(({ path, before, after }) => patchText(path, before, after)).join(""), buckets };
}

function goneFrom(grants: readonly UnseenGrant[]): ReadonlyMap<number, GoneWords> {
  const indices = new Set(grants.map(({ statement }) => statement));
  return new Map(
    [...indices].map((index) => {
      const own = grants.filter(({ statement }) => statement === index);
      const of = (part: UnseenGrant["part"]) => own.filter((grant) => grant.part === part);
      const words = {
        Principal: of("principal").flatMap(({ principals }) => principals),
        Action: of("action").flatMap(({ actions }) => actions),
        Resource: of("resource").flatMap(({ resources }) => resources),
      };
      return [index, { isWhole: of("statement").length > 0, words }];
    }),
  );
}

/** Proves an edit of one file: for this bucket, and that no other bucket of the tree changes. */
function isProved(tree: EditableTree, file: EditedFile, name: string, { examples }: UnseenGrants): boolean {
  if (examples === undefined) return false;
  const files = tree.files.map(({ path, text }) => ({ path, text: path === file.path ? file.after : text }));
  const desired = parseDesired(files, tree.context);
  if (hasErrors(desired.diagnostics)) return false;
  const after = new Map(desired.buckets.map((bucket) => [bucket.bucket, bucket]));
  return tree.desired.buckets.every((bucket) => {
    const now = after.get(bucket.bucket);
    if (now === undefined) return false;
    const [old, narrow] = [desiredPolicy(bucket), desiredPolicy(now)];
    const access = accessDifference(old, narrow, bucketOf(bucket));
    if (bucket.bucket !== name || access.verdict !== "different") return access.verdict === "equal";
    if (access.regions.some(({ effect }) => effect !== "loses")) return false;
    const running = replay({
      before: old,
      after: narrow,
      bucket: bucketOf(bucket),
      names: new Map(),
      acls: "unknown",
    });
    for (const request of examples) running.add(request);
    const { effects, cause } = running.result();
    return effects.length === 0 && cause === undefined;
  });
}
