import { createHash } from "node:crypto";
import { isObject, jsonText, parseJson, type JsonObject } from "../policy/json.ts";
import { planSchema } from "./plan-schema.ts";
import { isWriting, type Change, type Digests } from "./plan.ts";

/** What a saved plan lets apply write: nothing but what was planned, from where it was planned. */
export interface SavedPlan {
  /** The commit that it was compared with: without it, guards that held then would be left out. */
  readonly base: string | undefined;
  readonly buckets: ReadonlyMap<string, SavedChange>;
}

export interface SavedChange {
  readonly account: string;
  readonly action: string;
  /** Undefined where the bucket could not be read. */
  readonly digests: Digests | undefined;
}

/** Minor versions add, major versions break. */
export const planFormatVersion = "2.0";

/** The document with a digest over all of it, by which a file that was changed by hand is known. */
export function sealed(document: JsonObject): JsonObject {
  return { ...document, digest: digestOf(document) };
}

function digestOf(document: JsonObject): string {
  return `sha256:${createHash("sha256").update(jsonText(document)).digest("hex")}`;
}

/**
 * A saved plan from the text of `plan --json`. What is not whole, or not known, is refused: what a newer
 * format adds may be a reason not to write.
 */
export function parseSavedPlan(text: string, toolVersion: string): SavedPlan | { readonly problem: string } {
  const parsed = parseJson(text);
  if ("problem" in parsed) return { problem: `it is not a whole JSON document: ${parsed.problem}` };
  if (!isObject(parsed.value)) return { problem: "it is no plan of oss-policy" };
  const { digest, ...document } = parsed.value;
  const { formatVersion, tool } = document;
  if (!isObject(tool) || tool["name"] !== "oss-policy" || typeof formatVersion !== "string")
    return { problem: "it is no plan of oss-policy" };
  if (!isKnown(formatVersion))
    return { problem: `its format ${formatVersion} is not that of this version, ${planFormatVersion}` };
  const version = tool["version"];
  if (typeof version !== "string" || version.split(".")[0] !== toolVersion.split(".")[0])
    return { problem: `oss-policy ${String(version)} made it, and this is ${toolVersion}` };
  if (digest !== digestOf(document)) return { problem: "it was changed after it was written, or cut off" };
  const plan = planSchema.safeParse(JSON.parse(text)).data;
  if (plan === undefined) return { problem: "it is no plan of oss-policy" };
  if (plan.errored) return { problem: "the plan stopped at an error, so that it plans nothing" };
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

/** Why a change is not the one that was saved; undefined where it is, or where nothing is to be written. */
export function movedSince({ buckets }: SavedPlan, change: Change): string | undefined {
  if (!isWriting(change)) return undefined;
  const saved = buckets.get(change.bucket);
  if (saved?.digests === undefined) return "the saved plan does not write this bucket";
  if (saved.account !== change.account) return `the saved plan is of account ${saved.account}`;
  const { desired, live } = saved.digests;
  if (desired !== change.digests.desired)
    return "the file asks for something else than when the plan was saved";
  return live === change.digests.live ? undefined : "the live policy changed since the plan was saved";
}

/** Buckets that the saved plan would write and that nobody asks for any more. */
export function goneSince({ buckets }: SavedPlan, changes: readonly Change[]): readonly string[] {
  const asked = new Set(changes.map(({ bucket }) => bucket));
  return [...buckets].flatMap(([bucket, { action }]) =>
    ["create", "update", "delete"].includes(action) && !asked.has(bucket) ? [bucket] : [],
  );
}
