import type { SandboxObject } from "../state/object.ts";
import type { SandboxBucket } from "../state/world.ts";
import type { OperationInput } from "./operation.ts";

/** Returns the condition keys of a call for the read of another object: its tags, and nothing of what is written. */
export function sourceContext(
  context: OperationInput["context"],
  bucket: SandboxBucket,
  object: SandboxObject | undefined,
): OperationInput["context"] {
  const ofTarget = /^oss:(ExistingObjectTag|RequestObjectTag|BucketTag)\/|^oss:x-oss-object-acl$/;
  return new Map([
    ...[...context].filter(([key]) => !ofTarget.test(key)),
    ...Object.entries(object?.tags ?? {}).map(
      ([tag, value]) => [`oss:ExistingObjectTag/${tag}`, value] as const,
    ),
    ...Object.entries(bucket.tags ?? {}).map(([tag, value]) => [`oss:BucketTag/${tag}`, value] as const),
  ]);
}
