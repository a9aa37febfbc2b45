import { createHash, type Hash } from "node:crypto";
import { isObject, jsonText, parseJson, type Json, type JsonObject } from "../policy/json.ts";
import { shardText, type Shard } from "../desired/shard.ts";
import { limitPlan } from "./limits.ts";
import { planSchema, type PlanDocument } from "./plan-schema.ts";
import { isWriting, type Change, type Digests, type Plan } from "./plan.ts";

/** Writes that a saved plan permits: the planned changes, each to the planned live policy only. */
export interface SavedPlan {
  /** Base commit of the plan. A run without it would leave out the guards of the base. */
  readonly base: string | undefined;
  readonly buckets: ReadonlyMap<string, SavedChange>;
}

export interface SavedChange {
  readonly account: string;
  readonly action: Change["action"];
  readonly blocked: boolean;
  /** Limit of its account that blocks it. */
  readonly limit: string | undefined;
  /** Undefined if the bucket could not be read. */
  readonly digests: Digests | undefined;
}

/** Minor versions add, major versions break. */
export const planFormatVersion = "2.2";

/** Document with lists whose members are made one by one. */
export type LongDocument = Readonly<Record<string, Json | undefined | (() => Iterable<Json>)>>;

/**
 * Yields the parts of the JSON text of a document, with a digest over the whole of it, so that apply detects a file that was
 * changed by hand. A plan of ten thousand changes is too large to have as one text.
 */
export function* sealedText(document: LongDocument): Generator<string> {
  const hash = createHash("sha256").update("{");
  let comma = "";
  yield "{";
  for (const [name, value] of Object.entries(document)) {
    if (value === undefined) continue;
    const key = JSON.stringify(name);
    hash.update(`${comma}${key}:`);
    yield `${comma}\n  ${key}: `;
    if (typeof value === "function") yield* listText(value(), hash);
    else {
      hash.update(jsonText(value));
      yield indented(value, 1);
    }
    comma = ",";
  }
  yield `,\n  "digest": "${digestText(hash.update("}"))}"\n}\n`;
}

function* listText(members: Iterable<Json>, hash: Hash): Generator<string> {
  let comma = "";
  hash.update("[");
  yield "[";
  for (const member of members) {
    hash.update(`${comma}${jsonText(member)}`);
    yield `${comma}\n    ${indented(member, 2)}`;
    comma = ",";
  }
  hash.update("]");
  yield comma === "" ? "]" : "\n  ]";
}

/** A JSON text has no line breaks but those between its values. */
function indented(value: Json, levels: number): string {
  return jsonText(value, 2).replaceAll("\n", `\n${"  ".repeat(levels)}`);
}

function digestOf(document: JsonObject): string {
  return digestText(createHash("sha256").update(jsonText(document)));
}

function digestText(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}

/**
 * Parses the output of `plan --json`. Refuses an incomplete file and an unknown format: an addition of a
 * newer format may be a reason not to write.
 */
export function parsePlanDocument(
  text: string,
  toolVersion: string,
): PlanDocument | { readonly problem: string } {
  const parsed = parseJson(text);
  if ("problem" in parsed) return { problem: `it is not a complete JSON document: ${parsed.problem}` };
  if (!isObject(parsed.value)) return { problem: "it is not a plan of oss-policy" };
  const { digest, ...document } = parsed.value;
  const { formatVersion, tool } = document;
  if (!isObject(tool) || tool["name"] !== "oss-policy" || typeof formatVersion !== "string")
    return { problem: "it is not a plan of oss-policy" };
  if (!isKnown(formatVersion))
    return { problem: `its format is ${formatVersion}, and this version reads ${planFormatVersion}` };
  const version = tool["version"];
  if (typeof version !== "string" || version.split(".")[0] !== toolVersion.split(".")[0])
    return { problem: `it was written by oss-policy ${String(version)}, and this is ${toolVersion}` };
  if (digest !== digestOf(document)) return { problem: "it was changed or cut off after it was written" };
  const plan = planSchema.safeParse(parsed.value).data;
  if (plan === undefined) return { problem: "it is not a plan of oss-policy" };
  return plan.errored ? { problem: "the plan stopped at an error, so it plans nothing" } : plan;
}

/** Parses the plan that apply is restricted to. That of one shard is refused: the limits of accounts were not judged. */
export function parseSavedPlan(text: string, toolVersion: string): SavedPlan | { readonly problem: string } {
  const plan = parsePlanDocument(text, toolVersion);
  if ("problem" in plan) return plan;
  if (plan.shard !== undefined)
    return {
      problem: `it is the plan of shard ${shardText(plan.shard)} alone, and the limits of its accounts count all shards`,
    };
  return {
    base: plan.base ?? undefined,
    buckets: new Map(
      plan.changes.map(({ account, bucket, action, blocked, limit, digests }) => [
        bucket,
        { account, action, blocked, limit, digests },
      ]),
    ),
  };
}

function isKnown(formatVersion: string): boolean {
  const [major, minor] = planFormatVersion.split(".");
  const read = /^(\d+)\.(\d+)$/.exec(formatVersion);
  return read !== null && read[1] === major && Number(read[2]) <= Number(minor);
}

/** Returns why a change is not the saved one; undefined if it is, or if it writes nothing. */
export function movedSince(
  { buckets }: SavedPlan,
  change: Change,
  shard: Shard | undefined,
): string | undefined {
  if (!isWriting(change)) return undefined;
  const saved = buckets.get(change.bucket);
  if (saved?.digests === undefined) return "the saved plan does not write this bucket";
  if (saved.account !== change.account) return `the saved plan is for account ${saved.account}`;
  const { desired, live } = saved.digests;
  if (desired !== change.digests.desired) return "the desired policy changed since the plan was saved";
  if (live !== change.digests.live) return "the live policy changed since the plan was saved";
  // Limits count a change by its action, and a first policy not at all.
  if (saved.action !== change.action)
    return `the saved plan has action \`${saved.action}\` for it, and this run \`${change.action}\``;
  // What the saved plan blocks does not count against its limits, and a shard has no others.
  return shard !== undefined && saved.blocked && !change.blocked
    ? "the saved plan blocks this bucket, so the limits of its account were judged without it"
    : undefined;
}

/** Returns the buckets that the saved plan would write, and that this run does not plan. */
export function goneSince({ buckets }: SavedPlan, changes: readonly Change[]): readonly string[] {
  const planned = new Set(changes.map(({ bucket }) => bucket));
  return [...buckets].flatMap(([bucket, { action }]) =>
    ["create", "update", "delete"].includes(action) && !planned.has(bucket) ? [bucket] : [],
  );
}

/**
 * Returns the plan of a shard under the limits of whole accounts: they are judged by all changes of the saved plan, which
 * bounds what all shards write together. Any other plan is returned as it is.
 */
export function limitShard(plan: Plan, { buckets }: SavedPlan, accepted: readonly string[]): Plan {
  const { shard, ...rest } = plan;
  if (shard?.unmerged === undefined) return plan;
  const { index, count, unmerged } = shard;
  const whole = { ...rest, shard: { index, count } };
  const limited = limitPlan(whole, { ...unmerged.limiting, accepted }, [...buckets.values()]);
  const changes = limited.changes.map((change) => {
    const limit = buckets.get(change.bucket)?.limit;
    if (limit === undefined || !isWriting(change) || change.blocked) return change;
    return { ...change, blocked: true, limit };
  });
  const kept = changes.flatMap((change) =>
    isWriting(change) && change.limit !== undefined
      ? [{ account: change.account, message: change.limit }]
      : [],
  );
  const all = [...(limited.limits ?? []), ...kept];
  const limits = [...new Map(all.map((limit) => [limit.message, limit])).values()];
  return { ...limited, changes, ...(limits.length === 0 ? {} : { limits }) };
}
