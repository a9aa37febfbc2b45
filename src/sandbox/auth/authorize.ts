import type { Refused } from "../wire/wire-error.ts";
import type { BucketAcl } from "../state/world.ts";
import { refuse } from "../wire/wire-error.ts";
import type { Demand } from "./demand.ts";
import type { Identity } from "./identity.ts";
import { decidePolicies, type DecidingStatement, type PolicyAnswer, type NamedPolicy } from "./policies.ts";
import type { Interpretation } from "../../access/request.ts";
import { isPublicText } from "../../policy/public-status.ts";

/** Bucket as far as it decides who may do what. */
export interface GuardedBucket {
  readonly name: string;
  readonly owner: string;
  /** Text of its policy. */
  readonly policy: string | undefined;
  readonly acl: BucketAcl;
  /** Block Public Access of the bucket or of its account is on. */
  readonly isBlocked: boolean;
}

/** Decision on a call, and what decided it. */
export interface Ruling {
  readonly refused: Refused | undefined;
  readonly by: DecidedBy;
}

/** First thing in OSS's order that decided. */
export type DecidedBy =
  | {
      readonly kind: "policy";
      readonly effect: "Allow" | "Deny";
      readonly statements: readonly DecidingStatement[];
    }
  | { readonly kind: "session policy" }
  | { readonly kind: "owner" }
  | { readonly kind: "object ACL" | "bucket ACL"; readonly acl: BucketAcl }
  | { readonly kind: "undocumented"; readonly what: string }
  | { readonly kind: "nothing" };

/**
 * Decides a call as OSS documents (OSS docs: authentication): the policy of a session, then RAM policies and the bucket
 * policy side by side, each Deny before Allow; where neither says anything, the owning account for a call that manages, and
 * the ACL of the object or else of the bucket for one on data. What depends on a point that OSS does not document is not decided,
 * but for the owning account: it could not repair its policy.
 */
export function authorize(
  identity: Identity,
  bucket: GuardedBucket | undefined,
  demand: Demand,
  interpretation: Partial<Interpretation> = {},
): Ruling {
  const ask = { identity, bucket, demand, interpretation };
  const session = sessionAnswer(ask);
  if (session !== undefined) return session;
  const ofRam = ramAnswer(ask);
  const ofBucket = bucket === undefined ? none : bucketAnswer(ask, bucket);
  const denying = [ofRam, ofBucket].filter(({ decision }) => decision === "deny");
  if (denying.length > 0) return denied(denying, ofBucket.decision === "deny");
  for (const { decision } of [ofRam, ofBucket])
    if (typeof decision === "object") return undecided(decision.undocumented);
  const allowing = [ofRam, ofBucket].find(({ decision }) => decision === "allow");
  if (allowing !== undefined)
    return { refused: undefined, by: { kind: "policy", effect: "Allow", statements: allowing.statements } };
  const owner = bucket?.owner ?? accountOf(identity);
  if (identity.kind === "account" && identity.account === owner)
    return { refused: undefined, by: { kind: "owner" } };
  return bucket === undefined ? refusedByNothing(identity) : byAcl(identity, bucket, demand);
}

interface Ask {
  readonly identity: Identity;
  readonly bucket: GuardedBucket | undefined;
  readonly demand: Demand;
  readonly interpretation: Partial<Interpretation>;
}

const none: PolicyAnswer = { decision: "none", statements: [] };

/** Refuses what the policy of a session does not allow; undefined if it allows, or there is none. */
function sessionAnswer({ identity, bucket, demand, interpretation }: Ask): Ruling | undefined {
  if (identity.kind !== "role" || identity.sessionPolicy === undefined) return undefined;
  const policies: readonly NamedPolicy[] = [
    { name: "the policy of the session", policy: identity.sessionPolicy },
  ];
  const { decision } = decidePolicies(
    policies,
    principalFor(identity, ""),
    placeOf(identity, bucket),
    demand,
    interpretation,
  );
  if (typeof decision === "object") return undecided(decision.undocumented);
  if (decision === "allow") return undefined;
  const refused = refuse("AccessDenied", {
    ec: "0003-00000301",
    message: "Access denied by authorizer's policy.",
  });
  return { refused, by: { kind: "session policy" } };
}

/** Returns what the RAM policies say. They count in their own account only, and the account itself has none. */
function ramAnswer({ identity, bucket, demand, interpretation }: Ask): PolicyAnswer {
  if (identity.kind === "account" || identity.kind === "anonymous") return none;
  if (bucket !== undefined && identity.account !== bucket.owner) return none;
  const policies = identity.policies.map((policy, index) => ({
    name: `RAM policy ${index + 1} of the caller`,
    policy,
  }));
  return decidePolicies(
    policies,
    principalFor(identity, ""),
    placeOf(identity, bucket),
    demand,
    interpretation,
  );
}

/** Returns what the bucket policy says. Block Public Access takes the grants of a public one from other accounts. */
function bucketAnswer({ identity, demand, interpretation }: Ask, bucket: GuardedBucket): PolicyAnswer {
  if (bucket.policy === undefined) return none;
  const principal = principalFor(identity, bucket.owner);
  const covering = identity.kind === "user" || identity.kind === "role" ? identity.account : undefined;
  const answer = decidePolicies(
    [{ name: "the bucket policy", policy: bucket.policy, covering }],
    principal,
    bucket,
    demand,
    interpretation,
  );
  const isCut =
    answer.decision === "allow" &&
    bucket.isBlocked &&
    isOutside(identity, bucket) &&
    isPublicText(bucket.policy);
  return isCut ? none : answer;
}

function isOutside(identity: Identity, { owner }: GuardedBucket): boolean {
  return identity.kind === "anonymous" || identity.account !== owner;
}

function placeOf(
  identity: Identity,
  bucket: GuardedBucket | undefined,
): { readonly name: string; readonly owner: string } {
  return bucket ?? { name: "*", owner: accountOf(identity) };
}

function accountOf(identity: Identity): string {
  return identity.kind === "anonymous" ? "" : identity.account;
}

/** Returns the principal of an identity, as a policy of a bucket sees it. */
export function principalFor(identity: Identity, owner: string): string {
  switch (identity.kind) {
    case "anonymous":
      return "anonymous";
    case "user":
      return identity.uid;
    case "role":
      return `arn:sts::${identity.account}:assumed-role/${identity.role}/${identity.session}`;
    case "account":
      return identity.account === owner ? "owner" : identity.account;
  }
}

function denied(denying: readonly PolicyAnswer[], isOfBucket: boolean): Ruling {
  const statements = denying.flatMap((answer) => answer.statements);
  const by = { kind: "policy", effect: "Deny", statements } as const;
  if (denying.length === 2) return { refused: refuse("AccessDenied", { ec: "0003-00000203" }), by };
  const refused = isOfBucket
    ? refuse("AccessDenied", { ec: "0003-00000101", message: "Access denied by bucket policy." })
    : refuse("AccessDenied", { ec: "0003-00000201" });
  return { refused, by };
}

/** Decides by the ACL of the object, or else of the bucket. Block Public Access leaves nothing of a public one. */
function byAcl(
  identity: Identity,
  bucket: GuardedBucket,
  { acl: right, objectAcl = "default" }: Demand,
): Ruling {
  if (right === undefined || bucket.isBlocked) return refusedByNothing(identity);
  const acl = objectAcl === "default" ? bucket.acl : objectAcl;
  const isEnough = acl === "public-read-write" || (acl === "public-read" && right === "read");
  const by = { kind: objectAcl === "default" ? "bucket ACL" : "object ACL", acl } as const;
  return isEnough ? { refused: undefined, by } : { ...refusedByNothing(identity), by };
}

/** Refuses where no policy and no ACL allows. The EC of an anonymous call is not documented. */
function refusedByNothing(identity: Identity): Ruling {
  const refused =
    identity.kind === "anonymous"
      ? refuse("AccessDenied", {
          ec: undefined,
          message: "Anonymous access is forbidden for this operation.",
        })
      : refuse("AccessDenied", { ec: "0003-00000202" });
  return { refused, by: { kind: "nothing" } };
}

function undecided(what: string): Ruling {
  const message = `OSS does not document ${what}, so the sandbox decides nothing.`;
  return { refused: refuse("NotImplemented", { message }), by: { kind: "undocumented", what } };
}
