/** One plan of the plans of all shards: the one that a single run would have made. */

import equal from "fast-deep-equal";
import { isInShard, shardText } from "../desired/shard.ts";
import {
  filesOf,
  compareDiagnostics,
  compareText,
  mergeDiagnostics,
  refusal,
  type Diagnostic,
} from "../diagnostic.ts";
import { isFailed, type Result } from "../result.ts";
import { unknownHazards } from "./caller-hazards.ts";
import { blocks } from "./hazard.ts";
import { allKnown, type KnownPrincipals } from "./known-principals.ts";
import { limitPlan } from "./limits.ts";
import type { Change, Plan, PlanOptions, PlanShard, UnmergedShard } from "./plan.ts";

/** Plan as it was read from a file. */
export interface ReadPlan {
  readonly file: string;
  readonly plan: Plan;
}

export interface MergedPlan {
  readonly plan: Plan;
  /** Options of all shards. */
  readonly options: PlanOptions;
}

/** Merges the plans of all shards and judges the limits of their accounts; fails if they are not of one whole. */
export function mergeShards(read: readonly ReadPlan[]): Result<MergedPlan> {
  const parts = unmergedParts(read);
  if (isFailed(parts)) return parts;
  const [first, ...others] = parts;
  const problems = [
    ...others.flatMap((part) => differenceProblem(first, part) ?? []),
    ...numberProblems(parts),
    ...strayBuckets(parts),
    ...repeatedBuckets(parts),
  ];
  if (problems.length > 0) return { problems };
  const changes = parts.flatMap(({ plan }) => plan.changes);
  const { selected, options, limiting } = first.facts;
  if (changes.length !== selected) {
    const message = `the plans have ${changes.length} buckets together, and the files have ${selected}`;
    return { problems: [refusal("merge", message, planAgain)] };
  }
  const { base, events, requests, accounts } = first.plan;
  const diagnostics = mergeDiagnostics(parts.flatMap(({ plan }) => plan.diagnostics)).sort(
    compareDiagnostics,
  );
  const byName = (a: { readonly bucket: string }, b: { readonly bucket: string }) =>
    compareText(a.bucket, b.bucket);
  const plan: Plan = {
    changes: withKnown(changes, parts, diagnostics).sort(byName),
    unmanaged: parts.flatMap(({ plan: { unmanaged } }) => unmanaged).sort(byName),
    ...(base === undefined ? {} : { base }),
    ...(events === undefined ? {} : { events }),
    ...(requests === undefined ? {} : { requests }),
    ...(accounts === undefined ? {} : { accounts }),
    diagnostics,
  };
  return { plan: limitPlan(plan, { ...limiting, accepted: options.accept }), options };
}

/** Plan of a shard, which is not merged. */
interface Part extends ReadPlan {
  readonly shard: PlanShard;
  readonly facts: UnmergedShard;
}

const sameRequests =
  "make the plans of all shards again, with the same logs, and with times for --since and --until: `7d` counts back from the start of each run";
const planAgain = "make the plans of all shards again, with `plan --shard I/N --json FILE`";

function unmergedParts(read: readonly ReadPlan[]): Result<readonly [Part, ...Part[]]> {
  const parts = read.flatMap(({ file, plan }): readonly Part[] =>
    plan.shard?.unmerged === undefined ? [] : [{ file, plan, shard: plan.shard, facts: plan.shard.unmerged }],
  );
  const problems = read.flatMap(({ file, plan: { shard } }) => {
    if (shard?.unmerged !== undefined) return [];
    return shard === undefined
      ? refusal(
          "merge",
          `\`${file}\` is the plan of all buckets: of a run without --shard, or merged before`,
          "give the plans of the shards alone; `apply --plan` takes this one as it is",
        )
      : refusal("merge", `\`${file}\` is what apply wrote of shard ${shardText(shard)}`, planAgain);
  });
  const [first, ...others] = parts;
  return first === undefined || problems.length > 0 ? { problems } : [first, ...others];
}

/** Reports what two plans must have in common and do not: the first such thing, from which the others may follow. */
function differenceProblem(first: Part, part: Part): Diagnostic | undefined {
  const names = `\`${first.file}\` and \`${part.file}\``;
  const problem = (what: string) => refusal("merge", `${names} ${what}`, planAgain);
  if (first.shard.count !== part.shard.count)
    return problem(
      `are of different shards: ${shardText(first.shard)} and ${shardText(part.shard)} are not of one number`,
    );
  const option = differingOption(first.facts.options, part.facts.options);
  if (option !== undefined) return problem(`were planned with different options: ${option}`);
  const [one, other] = [first.plan.base, part.plan.base];
  if (one?.revision !== other?.revision)
    return problem(`are of different revisions: ${one?.revision ?? "none"} and ${other?.revision ?? "none"}`);
  if (one?.base !== other?.base || one?.word !== other?.word)
    return problem(`have different bases: ${one?.word ?? "none"} and ${other?.word ?? "none"}`);
  if (!equal(first.plan.events, part.plan.events)) return problem("were planned with different events");
  if (!equal(first.plan.requests, part.plan.requests))
    return refusal("merge", `${names} were weighed by different requests`, sameRequests);
  if (first.facts.files !== part.facts.files) return problem("were planned of different policy files");
  if (first.facts.selected !== part.facts.selected || !equal(first.facts.limiting, part.facts.limiting))
    return problem("count the buckets of the files differently");
  return undefined;
}

const flags: Readonly<Record<keyof PlanOptions, string>> = {
  policies: "--policies",
  bucket: "--bucket",
  exclude: "--exclude",
  account: "--account",
  accept: "--accept",
  forbid: "--forbid",
  replaceUnparseable: "--replace-unparseable",
};

function differingOption(one: PlanOptions, other: PlanOptions): string | undefined {
  const names = Object.keys(flags) as (keyof PlanOptions)[];
  const name = names.find((option) => !equal(one[option], other[option]));
  return name && flags[name];
}

/** Reports shards of which there are two plans, or none. */
function numberProblems(parts: readonly [Part, ...Part[]]): readonly Diagnostic[] {
  const { count } = parts[0].shard;
  const filesOf = new Map<number, readonly string[]>();
  for (const { file, shard } of parts) filesOf.set(shard.index, [...(filesOf.get(shard.index) ?? []), file]);
  const twice = [...filesOf].flatMap(([index, files]) => {
    if (files.length < 2) return [];
    const names = files.map((file) => `\`${file}\``).join(" and ");
    return [
      refusal(
        "merge",
        `${names} are both of shard ${shardText({ index, count })}`,
        "give one plan of each shard",
      ),
    ];
  });
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !filesOf.has(index));
  if (missing.length === 0) return twice;
  const most = 5;
  const shown = missing.slice(0, most).map((index) => shardText({ index, count }));
  const more = missing.length > most ? ` and ${missing.length - most} more` : "";
  const message = `there is no plan of shard ${shown.join(", ")}${more}`;
  return [...twice, refusal("merge", message, "give the plans of all shards: the limits count all buckets")];
}

/** Reports buckets that are not of the shard of their plan, as they could be by another version of the hash. */
function strayBuckets(parts: readonly Part[]): readonly Diagnostic[] {
  return parts.flatMap(({ file, plan, shard }) => {
    const stray = [...plan.changes, ...plan.unmanaged].find(({ bucket }) => !isInShard(bucket, shard));
    if (stray === undefined) return [];
    const message = `\`${file}\` has bucket \`${stray.bucket}\`, which is not in shard ${shardText(shard)}`;
    return [refusal("merge", message, planAgain)];
  });
}

/** Reports buckets that a plan has twice: the count of all would not show that another is missing. */
function repeatedBuckets(parts: readonly Part[]): readonly Diagnostic[] {
  return parts.flatMap(({ file, plan }) => {
    const known = new Set<string>();
    const again = plan.changes.find(({ bucket }) => known.size === known.add(bucket).size);
    if (again === undefined) return [];
    return [refusal("merge", `\`${file}\` has bucket \`${again.bucket}\` twice`, planAgain)];
  });
}

/** Judges again whether principals are known, now that the live policies of all shards are: one plan has read all of them. */
function withKnown(
  changes: readonly Change[],
  parts: readonly Part[],
  diagnostics: readonly Diagnostic[],
): Change[] {
  const ofFiles = parts.find(({ facts }) => facts.known !== undefined)?.facts.known;
  if (ofFiles === undefined) return [...changes];
  const known = allKnown(
    ofFiles,
    parts.flatMap(({ facts }) => facts.live),
  );
  const faulty = new Set(diagnostics.flatMap((one) => (one.severity === "error" ? filesOf(one) : [])));
  return changes.map((change) => judgedBy(known, change, faulty.has(change.file)));
}

function judgedBy(known: KnownPrincipals, change: Change, hasError: boolean): Change {
  if (change.action === "unreadable") return change;
  const old = change.hazards.find(({ code }) => code === "grants-unknown-principal");
  if (old === undefined || change.access.verdict !== "different") return change;
  const gained = change.access.regions.filter(({ effect }) => effect === "gains");
  const { severity, accepted } = old;
  const again = unknownHazards(gained, known, change.names).map((found) => ({
    ...found,
    severity,
    ...(accepted === undefined ? {} : { accepted }),
  }));
  const hazards = change.hazards.flatMap((found) => (found === old ? again : [found]));
  // An error in the file blocks its buckets, too.
  const blocked = change.blocked && (!blocks(old) || hazards.some(blocks) || hasError);
  return { ...change, hazards, blocked };
}
