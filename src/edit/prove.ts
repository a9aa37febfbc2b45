import equal from "fast-deep-equal";
import { isOnlyIfCovered } from "../access/account-members.ts";
import { accessDifference, differenceOf, type AccessDifference } from "../access/difference.ts";
import { prove, type Proof } from "../access/query.ts";
import { unsupported, unsupportedText } from "../access/unsupported.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import type { Bucket } from "../policy/bucket.ts";
import { statementKey, type Policy, type Statement } from "../policy/policy.ts";
import { requestsOf, type Intent } from "./intent.ts";

/** Policies of a bucket before and after an edit. */
interface EditedPolicy {
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly bucket: Bucket;
}

/** Proof that an edit changes exactly what was wanted, or what speaks against it. */
export type ExactProof =
  | { readonly kind: "exact" }
  /** Access changes beside the wanted ones. */
  | {
      readonly kind: "more";
      readonly difference: Extract<AccessDifference, { readonly verdict: "different" }>;
    }
  /** A wanted request that is still allowed. */
  | { readonly kind: "still allowed"; readonly proof: Extract<Proof, { readonly kind: "broken" }> }
  | { readonly kind: "undecided"; readonly cause: string };

/** Proves that the policy of a bucket changes exactly as an intent wants. */
export function proofOf(before: DesiredBucket, after: DesiredBucket, intent: Intent): ExactProof {
  const edited = {
    before: desiredPolicy(before),
    after: desiredPolicy(after),
    bucket: bucketOf(before),
  };
  const requests = requestsOf(intent, before);
  return intent.verb === "revoke" ? proveRemoval(edited, requests) : proveAddition(edited, requests);
}

/** Proves that the policy after the edit decides as the one before with a statement added. */
function proveAddition({ before, after, bucket }: EditedPolicy, wanted: Statement): ExactProof {
  return sameAccess([before, after], [policyWith(before, wanted), after], bucket);
}

/**
 * Proves that the requests of a set are no longer allowed, and that every other request is decided as before. The Deny
 * statements must be the same, so that what was denied stays so.
 */
function proveRemoval({ before, after, bucket }: EditedPolicy, requests: Statement): ExactProof {
  if (deniesOf(before) !== deniesOf(after))
    return { kind: "undecided", cause: "a Deny statement would change" };
  const denied = { ...requests, effect: "Deny" };
  const others = sameAccess([before, after], [policyWith(before, denied), policyWith(after, denied)], bucket);
  if (others.kind !== "exact") return others;
  const left = prove(after, bucket, requests, "not allowed");
  // What its account may give it is no grant of its own: the answer lists it as left.
  if (left.kind === "broken" && isOnlyIfCovered(left.dependsOn)) return { kind: "exact" };
  if (left.kind === "broken")
    return {
      kind: "still allowed",
      proof: { ...left, deciding: placesBefore(left.deciding, before, after) },
    };
  return left.kind === "proved" ? { kind: "exact" } : left;
}

/** Returns the places that statements of the edited policy have in the one before, which is what the file shows. */
function placesBefore(
  places: readonly number[],
  before: Policy | "none",
  after: Policy | "none",
): readonly number[] {
  if (before === "none" || after === "none") return [];
  return places.flatMap((place) => {
    const statement = after.statements[place];
    if (statement === undefined) return [];
    const same = before.statements.findIndex((one) => equal(one, statement));
    const at = same >= 0 ? same : before.statements.findIndex((one) => isPartOf(statement, one));
    return at < 0 ? [] : [at];
  });
}

/** Returns true if an edit that takes members out of lists can make a statement of another. */
function isPartOf(statement: Statement, other: Statement): boolean {
  const lists = ["principal", "action", "resource"] as const;
  return (
    statement.effect === other.effect &&
    equal(statement.condition, other.condition) &&
    lists.every(
      (name) => statement[name]?.every((word) => other[name]?.includes(word)) ?? other[name] === null,
    )
  );
}

type PolicyPair = readonly [Policy | "none", Policy | "none"];

/** Compares two policies that are made of the written ones and a request set. */
function sameAccess(written: PolicyPair, [wanted, edited]: PolicyPair, bucket: Bucket): ExactProof {
  const unknown = written.flatMap((policy) => (policy === "none" ? [] : unsupported(policy)));
  if (unknown.length > 0)
    return { kind: "undecided", cause: `no meaning is known for ${unsupportedText(unknown.slice(0, 1))}` };
  const difference = compare(wanted, edited, bucket);
  if (difference.verdict === "different") return { kind: "more", difference };
  return difference.verdict === "equal" ? { kind: "exact" } : { kind: "undecided", cause: difference.cause };
}

/** Compares two policies. A request set of anonymous callers is no policy, which the comparison of policies refuses. */
function compare(wanted: Policy | "none", edited: Policy | "none", bucket: Bucket): AccessDifference {
  const statements = wanted === "none" ? [] : wanted.statements;
  const isQuery = statements.some(({ principal }) => principal?.includes("anonymous") === true);
  return isQuery ? differenceOf(wanted, edited, bucket) : accessDifference(wanted, edited, bucket);
}

function policyWith(policy: Policy | "none", statement: Statement): Policy {
  const base: Policy = policy === "none" ? { version: "1", statements: [], other: [] } : policy;
  return { ...base, statements: [...base.statements, statement] };
}

function deniesOf(policy: Policy | "none"): string {
  const statements = policy === "none" ? [] : policy.statements;
  return statements
    .filter(({ effect }) => effect !== "Allow")
    .map(statementKey)
    .join();
}
