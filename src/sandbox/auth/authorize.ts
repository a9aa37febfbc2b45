import { evaluate } from "../../access/evaluate.ts";
import type { Decision, Request } from "../../access/request.ts";
import { unsupported, unsupportedText } from "../../access/unsupported.ts";
import { memoize } from "../../memoize.ts";
import { isObject, parseJson } from "../../policy/json.ts";
import { canonicalPolicy, type Policy } from "../../policy/policy.ts";
import { isPublicText } from "../../policy/public-status.ts";
import { principalFor, type Identity } from "./identity.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";

/** Bucket as far as it decides who may do what. */
export interface GuardedBucket {
  readonly name: string;
  readonly owner: string;
  /** Text of its policy. */
  readonly policy: string | undefined;
  /** Block Public Access of the bucket or of its account is on. */
  readonly isBlocked: boolean;
}

/** Call that manages a bucket, or the account where `bucket` is undefined. */
export interface ManagementCall {
  readonly identity: Identity;
  /** Such as `oss:PutBucketPolicy`. */
  readonly action: string;
  readonly bucket: GuardedBucket | undefined;
  readonly context: ReadonlyMap<string, string>;
}

/**
 * Decides a management call as OSS documents: RAM policies and the bucket policy side by side, each Deny before Allow;
 * where neither says anything, only the owning account may (OSS docs: authentication). Returns the refusal, if any. What
 * depends on a part without a documented meaning is not decided, but for the owning account: it could not repair its
 * policy.
 */
export function authorize({ identity, action, bucket, context }: ManagementCall): Refused | undefined {
  const owner = bucket?.owner ?? identity.account;
  const place = { name: bucket?.name ?? "*", owner };
  const ask = (policy: Policy, principal: string): Decision | Refused => {
    const open = unsupported(policy);
    const request: Request = { principal, action, resource: "", context };
    const { decision } = evaluate(withoutOpen(policy, open), request, place);
    const isCertain = decision === "deny" || (decision === "allow" && allAllow(policy, open));
    if (open.length === 0 || isCertain || principal === "owner") return decision;
    return notModelled(unsupportedText(open));
  };
  const ofRam = ramDecision(identity, owner, ask);
  const ofBucket = bucket === undefined ? "none" : bucketDecision(identity, bucket, ask);
  if (typeof ofRam === "object") return ofRam;
  if (typeof ofBucket === "object") return ofBucket;
  const isDenied = [ofRam, ofBucket].map((decision) => decision === "deny");
  if (isDenied[0] && isDenied[1]) return refuse("AccessDenied", { ec: "0003-00000203" });
  if (isDenied[1]) return refuse("AccessDenied", { ec: "0003-00000101", message: byBucketPolicy });
  if (isDenied[0]) return refuse("AccessDenied", { ec: "0003-00000201" });
  if (ofRam === "allow" || ofBucket === "allow") return undefined;
  const isOwner = identity.kind === "account" && identity.account === owner;
  return isOwner ? undefined : refuse("AccessDenied", { ec: "0003-00000202" });
}

const byBucketPolicy = "Access denied by bucket policy.";

type Ask = (policy: Policy, principal: string) => Decision | Refused;

/** Returns what the RAM policies say. They count in their own account only, and the account itself has none. */
function ramDecision(identity: Identity, owner: string, ask: Ask): Decision | Refused {
  if (identity.kind === "account" || identity.account !== owner) return "none";
  const decisions = identity.policies.map((policy) => ask(policy, identity.uid));
  const refused = decisions.find((decision) => typeof decision === "object");
  if (refused !== undefined) return refused;
  if (decisions.includes("deny")) return "deny";
  return decisions.includes("allow") ? "allow" : "none";
}

/** Returns what the bucket policy says. Block Public Access takes the grants of a public one from other accounts. */
function bucketDecision(
  identity: Identity,
  { owner, policy: text, isBlocked }: GuardedBucket,
  ask: Ask,
): Decision | Refused {
  if (text === undefined) return "none";
  const policy = policyIn(text);
  if (policy === undefined) return "none";
  const decision = ask(policy, principalFor(identity, owner));
  const isCut = decision === "allow" && isBlocked && identity.account !== owner && isPublicText(text);
  return isCut ? "none" : decision;
}

/** Parses a policy; undefined if the text is none, as a seed may have it. Memoized. */
const policyIn = memoize((text: string): Policy | undefined => {
  const parsed = parseJson(text.replace(/^\uFEFF/, ""));
  return "value" in parsed && isObject(parsed.value) ? canonicalPolicy(parsed.value) : undefined;
});

type OpenParts = ReturnType<typeof unsupported>;

/** Returns true if all parts without a known meaning are statements of Allow, which take nothing from another Allow. */
function allAllow(policy: Policy, open: OpenParts): boolean {
  return open.every(
    ({ statement }) => statement !== undefined && policy.statements[statement]?.effect === "Allow",
  );
}

function withoutOpen(policy: Policy, open: OpenParts): Policy {
  if (open.length === 0) return policy;
  const left = new Set(open.map(({ statement }) => statement));
  return { ...policy, statements: policy.statements.filter((_, index) => !left.has(index)) };
}

function notModelled(what: string): Refused {
  const message = `The sandbox does not know the meaning of ${what}, so it decides nothing.`;
  return refuse("NotImplemented", { status: 501, message });
}
