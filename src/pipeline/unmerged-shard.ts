import { createHash } from "node:crypto";
import type { Shard } from "../desired/shard.ts";
import { compareText } from "../diagnostic.ts";
import { principalsIn, principalsInTree } from "../plan/known-principals.ts";
import type { Limiting } from "../plan/limiting.ts";
import type { Plan, PlanOptions, PlanShard } from "../plan/plan.ts";
import type { LiveRead } from "../policy/live.ts";
import { isFailed } from "../result.ts";
import type { Sources } from "../report/text/diagnostics.ts";
import type { Options } from "../run/options.ts";
import { selectTree } from "../run/selection.ts";
import type { Prepared } from "./prepare.ts";
import { livePolicies } from "./read-live.ts";

/** The plan of a shard, and what it was made of. */
interface ShardInput {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly readings: readonly LiveRead[];
  readonly options: Options;
  readonly limiting: Limiting;
}

/** Returns the shard with what `merge` needs beside the changes. */
export function unmergedShard(
  shard: Shard,
  { plan, prepared, readings, options, limiting }: ShardInput,
): PlanShard {
  const { desired, sources, base } = prepared;
  const judging = base?.desired ?? desired;
  const known = principalsInTree(judging.accounts, judging.buckets);
  const selected = selectTree(desired, options);
  return {
    ...shard,
    unmerged: {
      files: digestOf(sources),
      selected: isFailed(selected) ? 0 : selected.matched.length,
      options: planOptions(options),
      limiting: { accounts: limiting.accounts, ...(limiting.base && { base: limiting.base }) },
      ...(plan.changes.some(namesUnknown) ? { known: [...known] } : {}),
      live: [...new Set(principalsIn(livePolicies(readings)))]
        .filter((one) => !known.has(one))
        .sort(compareText),
    },
  };
}

function namesUnknown(change: Plan["changes"][number]): boolean {
  return (
    change.action !== "unreadable" && change.hazards.some(({ code }) => code === "grants-unknown-principal")
  );
}

function planOptions({
  policies,
  bucket,
  exclude,
  account,
  accept,
  forbid,
  replaceUnparseable = [],
}: Options): PlanOptions {
  const forbidden = forbid === undefined ? {} : { forbid };
  return { policies, bucket, exclude, account, accept, ...forbidden, replaceUnparseable };
}

/** Digest of the paths and texts of all policy files: the same for the same tree, with or without git. */
function digestOf(sources: Sources): string {
  const hash = createHash("sha256");
  for (const [path, text] of [...sources].sort(([a], [b]) => compareText(a, b)))
    hash.update(`${path.length} ${path} ${text.length} ${text}`);
  return `sha256:${hash.digest("hex")}`;
}
