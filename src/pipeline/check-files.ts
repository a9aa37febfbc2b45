import { maxOfTree } from "../desired/budget.ts";
import { parseOwn, parseShared, type TreeContext } from "../desired/desired.ts";
import type { SourceFile } from "../desired/load.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { isInShard, type Shard } from "../desired/shard.ts";
import { packBucket, plainSpans, withPrincipalsOnly, type PackedBucket } from "../desired/transfer.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { checkBucket, noFindings, type BucketChecks, type Depth } from "./bucket-checks.ts";

/** What every thread needs of a tree. */
export interface ThreadData {
  /** The account files and statement sets. */
  readonly shared: readonly SourceFile[];
  readonly context: TreeContext;
  readonly depth: Depth;
  /** Shard that the run is about. */
  readonly shard?: Shard | undefined;
  /** Whether the main thread, which calls OSS meanwhile, goes first. */
  readonly yields: boolean;
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
  shard,
}: ThreadData): (files: readonly SourceFile[]) => CheckedFiles {
  const parsed = parseShared(shared, context);
  const budget = { left: maxOfTree };
  return (files) => {
    const before = budget.left;
    const own = files.map((file) => parseOwn(file, parsed, budget));
    return {
      buckets: own.flatMap(({ value }) =>
        value.map((bucket) =>
          isOutside(bucket, shard)
            ? { packed: packBucket(withPrincipalsOnly(bucket)), checks: noFindings }
            : { packed: packBucket(bucket), checks: plainSpans(checkBucket(bucket, depth)) },
        ),
      ),
      diagnostics: plainSpans(own.flatMap(({ diagnostics }) => diagnostics)),
      characters: before - budget.left,
    };
  };
}

/** Returns whether a bucket is of another shard. A comment of one may count for a statement set that shards share. */
function isOutside({ bucket, ignores, accepts }: DesiredBucket, shard: Shard | undefined): boolean {
  return shard !== undefined && ignores.length + accepts.length === 0 && !isInShard(bucket, shard);
}
