import { maxOfTree } from "../desired/budget.ts";
import { parseOwn, parseShared, type TreeContext } from "../desired/desired.ts";
import type { SourceFile } from "../desired/load.ts";
import { packBucket, plainSpans, type PackedBucket } from "../desired/transfer.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { checkBucket, type BucketChecks, type Depth } from "./bucket-checks.ts";

/** What every thread needs of a tree. */
export interface ThreadData {
  /** The account files and statement sets. */
  readonly shared: readonly SourceFile[];
  readonly context: TreeContext;
  readonly depth: Depth;
}

/** What some bucket files hold, as plain data. */
export interface CheckedFiles {
  readonly buckets: readonly { readonly packed: PackedBucket; readonly checks: BucketChecks }[];
  readonly diagnostics: readonly Diagnostic[];
  /** Characters of policy, which count against the maximum of the tree. */
  readonly characters: number;
}

/** Returns the function of a thread: it parses and checks bucket files of one tree. */
export function openFileChecker({
  shared,
  context,
  depth,
}: ThreadData): (files: readonly SourceFile[]) => CheckedFiles {
  const parsed = parseShared(shared, context);
  const budget = { left: maxOfTree };
  return (files) => {
    const before = budget.left;
    const own = files.map((file) => parseOwn(file, parsed, budget));
    return {
      buckets: own.flatMap(({ value }) =>
        value.map((bucket) => ({
          packed: packBucket(bucket),
          checks: plainSpans(checkBucket(bucket, depth)),
        })),
      ),
      diagnostics: plainSpans(own.flatMap(({ diagnostics }) => diagnostics)),
      characters: before - budget.left,
    };
  };
}
