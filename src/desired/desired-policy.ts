import type { Bucket } from "../policy/bucket.ts";
import type { DesiredBucket, DesiredPolicy } from "./bucket-file.ts";
import type { Span } from "../diagnostic.ts";
import { parseJson, type JsonObject } from "../policy/json.ts";
import type { Live } from "../policy/live.ts";
import type { Policy } from "../policy/policy.ts";

/** Returns the bucket as the analysis takes it. */
export function bucketOf({ bucket, account }: DesiredBucket): Bucket {
  const { uid: owner, observed } = account;
  return { name: bucket, owner, ...(observed === undefined ? {} : { observed }) };
}

/** Returns the desired policy of a bucket in canonical form. */
export function desiredPolicy({ policy }: Pick<DesiredBucket, "policy">): Policy | "none" {
  return policy.kind === "none" ? "none" : policy.canonical;
}

type WrittenPolicy = Extract<DesiredPolicy, { readonly kind: "policy" }>;

/** Returns the document that is sent to OSS. */
export function documentOf({ text }: WrittenPolicy): JsonObject {
  const parsed = parseJson(text);
  if ("problem" in parsed) throw new Error(`a policy that was written as JSON parses: ${parsed.problem}`);
  return parsed.value as JsonObject;
}

/** Returns the spans of the statements of the desired policy with these indices. */
export function spansOf({ policy }: DesiredBucket, indices: readonly number[]): readonly Span[] {
  return policy.kind === "none" ? [] : indices.flatMap((index) => policy.spans[index] ?? []);
}

/** Returns true if OSS has the very text that the file asks for, as it has where this tool wrote it. */
export function isAsWritten(live: Live, policy: DesiredPolicy | undefined): policy is WrittenPolicy {
  return live.state === "policy" && policy?.kind === "policy" && policy.text === live.body;
}
