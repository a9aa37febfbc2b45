import { prove, sceneOf, type Answer } from "../access/query.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Operator } from "../desired/questions.ts";
import type { Policy } from "../policy/policy.ts";
import { addressOf } from "./places.ts";

/** Somebody who must be able to mend the policy, and whom a policy denies that. */
export interface Lockout {
  readonly operator: string;
  readonly answer: Extract<Answer, { readonly kind: "broken" }>;
}

const mending = ["oss:GetBucketPolicy", "oss:PutBucketPolicy", "oss:DeleteBucketPolicy"];

/**
 * The operators of the account, and the owner, whom a policy denies a call that mends it: over TLS, as
 * their `with` says, for some value of the other keys.
 */
export function lockoutsOf(policy: Policy | "none", bucket: DesiredBucket): readonly Lockout[] {
  const { operators } = bucket.account;
  const hasOwner = operators.some(({ principal }) => principal === "owner");
  const all: readonly Operator[] = hasOwner
    ? operators
    : [...operators, { principal: "owner", context: new Map() }];
  return all.flatMap(({ principal, context }) => {
    const given = new Map([["acs:SecureTransport", "true"], ...context]);
    const scene = sceneOf([principal], mending, [`acs:oss:*:*:${bucket.bucket}`], given);
    const answer = prove(policy, addressOf(bucket), scene, "not denied");
    return answer.kind === "broken" ? [{ operator: principal, answer }] : [];
  });
}
