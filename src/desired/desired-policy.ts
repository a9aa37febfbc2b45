import type { Bucket } from "../policy/bucket.ts";
import { statementPlaces, type DesiredBucket } from "./bucket-file.ts";
import type { Span } from "../diagnostic.ts";
import { canonicalPolicy, statementKey, type Policy } from "../policy/policy.ts";

/** The bucket as a policy's meaning needs it. */
export function bucketOf({ bucket, account }: DesiredBucket): Bucket {
  return { name: bucket, owner: account.uid };
}

/** The policy that a bucket shall have, in canonical form; each is asked for often. */
export function desiredPolicy({ policy }: DesiredBucket): Policy | "none" {
  if (policy.kind === "none") return "none";
  const known = canonical.get(policy) ?? canonicalPolicy(policy.document);
  canonical.set(policy, known);
  return known;
}

const canonical = new WeakMap<object, Policy>();

/** Where the statements of these indices begin; where the policy stands if there are none. */
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
