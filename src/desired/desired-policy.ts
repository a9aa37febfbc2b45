import type { Bucket } from "../policy/bucket.ts";
import { statementPlaces, type DesiredBucket } from "./bucket-file.ts";
import type { Span } from "../diagnostic.ts";
import { canonicalPolicy, statementKey, type Policy } from "../policy/policy.ts";

/** Returns the bucket's name and owner, on which the meaning of a policy depends. */
export function bucketOf({ bucket, account }: DesiredBucket): Bucket {
  return { name: bucket, owner: account.uid };
}

/** Returns the desired policy in canonical form; memoized. */
export function desiredPolicy({ policy }: DesiredBucket): Policy | "none" {
  if (policy.kind === "none") return "none";
  const known = canonical.get(policy) ?? canonicalPolicy(policy.document);
  canonical.set(policy, known);
  return known;
}

const canonical = new WeakMap<object, Policy>();

/** Returns the starts of the statements with these indices. */
export function spansOf(
  bucket: DesiredBucket,
  policy: Policy | "none",
  indices: readonly number[],
): readonly Span[] {
  if (policy === "none" || bucket.policy.kind === "none") return [];
  const places = statementPlaces(bucket.policy.node);
  return indices.flatMap((index) => {
    const statement = policy.statements[index];
    return statement === undefined ? [] : (places.get(statementKey(statement)) ?? []);
  });
}
