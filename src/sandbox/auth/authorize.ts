import type { Refused } from "../wire/wire-error.ts";
import type { BucketAcl } from "../state/world.ts";
import { refuse } from "../wire/wire-error.ts";
import type { Demand } from "./demand.ts";
import type { Identity } from "./identity.ts";
import {
  answerOf,
  bucketPolicyIn,
  namedPolicy,
  type DecidingStatement,
  type NamedPolicy,
  type PolicyAnswer,
  type PolicyCaller,
  type Reading,
} from "./policies.ts";
import { openIn, openText } from "./readings.ts";
import { limits } from "../../access/budget.ts";
import type { Interpretation } from "../../access/request.ts";
import type { Bucket } from "../../policy/bucket.ts";
import { duplicateNames } from "../../policy/duplicate-names.ts";
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
 * policy side by side, each Deny before Allow; where neither says anything, the owning account for a call that manages,
 * and the ACL of the object or else of the bucket for one on data. Where the documentation leaves something open, each way
 * to read it is tried, and a call that these decide differently is not decided.
 */
export function authorize(
  identity: Identity,
  bucket: GuardedBucket | undefined,
  demand: Demand,
  given: Partial<Interpretation> = {},
): Ruling {
  const place = bucket ?? { name: demand.newBucket ?? "*", owner: accountOf(identity) };
  const policies = policiesOf(identity, bucket);
  const unread = policies.ofBucket.length > 0 ? undefined : unreadText(identity, bucket?.policy, place.owner);
  if (unread !== undefined) return undecided(unread);
  const open = openIn(identity, Object.values(policies).flat(), place, given);
  if (open.readings.length > limits.interpretations)
    return undecided(`${open.questions.length} points that the policies depend on, too many to combine`);
  const rulings = open.readings.map((reading) =>
    rule({ identity, bucket, place, demand, policies, reading }),
  );
  const [first] = rulings;
  if (first === undefined) throw new Error("a call under no reading of the documentation");
  const isSame = rulings.every(({ refused }) => (refused === undefined) === (first.refused === undefined));
  return isSame ? first : undecided(openText(open, rulings));
}

/**
 * Returns what keeps the text of a bucket policy from having a meaning, as a continuation of "OSS does not document";
 * undefined if there is no text. The owner can repair it.
 */
function unreadText(identity: Identity, policy: string | undefined, owner: string): string | undefined {
  const isOwner = identity.kind === "account" && identity.account === owner;
  if (policy === undefined || isOwner) return undefined;
  return duplicateNames(policy).length > 0
    ? "which of two members of one name counts"
    : "the meaning of a policy that is no JSON object";
}

/** Policies that take part, by their place in the order. */
interface Policies {
  readonly ofSession: readonly NamedPolicy[];
  readonly ofRam: readonly NamedPolicy[];
  readonly ofBucket: readonly NamedPolicy[];
}

/** Returns the policies about a caller. RAM policies count in their own account only, and the account itself has none. */
function policiesOf(identity: Identity, bucket: GuardedBucket | undefined): Policies {
  const isMember = identity.kind === "user" || identity.kind === "role";
  const isAtHome = isMember && (bucket === undefined || identity.account === bucket.owner);
  const own = bucket?.policy === undefined ? undefined : bucketPolicyIn(bucket.policy);
  return {
    ofSession:
      identity.kind === "role" && identity.sessionPolicy !== undefined
        ? [namedPolicy("the policy of the session", identity.sessionPolicy)]
        : [],
    ofRam: isAtHome
      ? identity.policies.map((policy, index) => namedPolicy(`RAM policy ${index + 1} of the caller`, policy))
      : [],
    ofBucket: own === undefined ? [] : [own],
  };
}

interface Case {
  readonly identity: Identity;
  readonly bucket: GuardedBucket | undefined;
  readonly place: Bucket;
  readonly demand: Demand;
  readonly policies: Policies;
  readonly reading: Reading;
}

/** Decides a call under one reading of the documentation. */
function rule({ identity, bucket, place, demand, policies, reading }: Case): Ruling {
  const { ofSession, ofRam, ofBucket } = policies;
  const ask = (some: readonly NamedPolicy[], owner: string): PolicyAnswer =>
    answerOf(some, callerOf(identity, owner), place, demand, reading);
  if (ofSession.length > 0 && ask(ofSession, "").decision !== "allow")
    return {
      refused: refuse("AccessDenied", { ec: "0003-00000301", message: bySession }),
      by: { kind: "session policy" },
    };
  const fromRam = ask(ofRam, "");
  const fromBucket = withoutPublic(ask(ofBucket, place.owner), identity, bucket);
  const denying = [fromRam, fromBucket].filter(({ decision }) => decision === "deny");
  if (denying.length > 0) return denied(denying, fromBucket.decision === "deny");
  const allowing = [fromRam, fromBucket].find(({ decision }) => decision === "allow");
  if (allowing !== undefined)
    return { refused: undefined, by: { kind: "policy", effect: "Allow", statements: allowing.statements } };
  if (identity.kind === "account" && identity.account === place.owner)
    return { refused: undefined, by: { kind: "owner" } };
  return bucket === undefined ? refusedByNothing(identity) : byAcl(identity, bucket, demand);
}

const bySession = "Access denied by authorizer's policy.";

/** Takes the grants of a public bucket policy from other accounts where Block Public Access is on. */
function withoutPublic(
  answer: PolicyAnswer,
  identity: Identity,
  bucket: GuardedBucket | undefined,
): PolicyAnswer {
  if (answer.decision !== "allow" || bucket?.policy === undefined || !bucket.isBlocked) return answer;
  const isOutside = identity.kind === "anonymous" || identity.account !== bucket.owner;
  return isOutside && isPublicText(bucket.policy) ? { decision: "none", statements: [] } : answer;
}

function accountOf(identity: Identity): string {
  return identity.kind === "anonymous" ? "" : identity.account;
}

/** Returns the caller as a policy of a bucket of this owner sees it. */
function callerOf(identity: Identity, owner: string): PolicyCaller {
  const memberOf = identity.kind === "user" ? identity.account : undefined;
  return { principal: principalFor(identity, owner), memberOf };
}

/** Returns the principal of an identity, as a policy of a bucket sees it. */
function principalFor(identity: Identity, owner: string): string {
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
