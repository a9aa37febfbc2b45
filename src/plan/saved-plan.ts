import { createHash } from "node:crypto";
import { isObject, jsonText, parseJson, type JsonObject } from "../policy/json.ts";
import { planSchema } from "./plan-schema.ts";
import { isWriting, type Change, type Digests } from "./plan.ts";

/** Writes that a saved plan permits: the planned changes, each to the planned live policy only. */
export interface SavedPlan {
  /** Base commit of the plan. A run without it would leave out the guards of the base. */
  readonly base: string | undefined;
  readonly buckets: ReadonlyMap<string, SavedChange>;
}

export interface SavedChange {
  readonly account: string;
  readonly action: string;
  /** Undefined if the bucket could not be read. */
  readonly digests: Digests | undefined;
}

/** Minor versions add, major versions break. */
export const planFormatVersion = "2.0";

/** Adds a digest over the whole document, so that apply detects a file that was changed by hand. */
export function sealed(document: JsonObject): JsonObject {
  return { ...document, digest: digestOf(document) };
}

function digestOf(document: JsonObject): string {
  return `sha256:${createHash("sha256").update(jsonText(document)).digest("hex")}`;
}

/**
 * Parses the output of `plan --json`. Refuses an incomplete file and an unknown format: an addition of a
 * newer format may be a reason not to write.
 */
export function parseSavedPlan(text: string, toolVersion: string): SavedPlan | { readonly problem: string } {
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
  const plan = planSchema.safeParse(JSON.parse(text)).data;
  if (plan === undefined) return { problem: "it is not a plan of oss-policy" };
  if (plan.errored) return { problem: "the plan stopped at an error, so it plans nothing" };
  return {
    base: plan.base ?? undefined,
    buckets: new Map(
      plan.changes.map(({ account, bucket, action, digests }) => [bucket, { account, action, digests }]),
    ),
  };
}

function isKnown(formatVersion: string): boolean {
  const [major, minor] = planFormatVersion.split(".");
  const read = /^(\d+)\.(\d+)$/.exec(formatVersion);
  return read !== null && read[1] === major && Number(read[2]) <= Number(minor);
}

/** Returns why a change is not the saved one; undefined if it is, or if it writes nothing. */
export function movedSince({ buckets }: SavedPlan, change: Change): string | undefined {
  if (!isWriting(change)) return undefined;
  const saved = buckets.get(change.bucket);
  if (saved?.digests === undefined) return "the saved plan does not write this bucket";
  if (saved.account !== change.account) return `the saved plan is for account ${saved.account}`;
  const { desired, live } = saved.digests;
  if (desired !== change.digests.desired) return "the desired policy changed since the plan was saved";
  return live === change.digests.live ? undefined : "the live policy changed since the plan was saved";
}

/** Returns the buckets that the saved plan would write and that this run does not plan. */
export function goneSince({ buckets }: SavedPlan, changes: readonly Change[]): readonly string[] {
  const planned = new Set(changes.map(({ bucket }) => bucket));
  return [...buckets].flatMap(([bucket, { action }]) =>
    ["create", "update", "delete"].includes(action) && !planned.has(bucket) ? [bucket] : [],
  );
}
