import { createHash } from "node:crypto";
import { parseJson, type JsonObject } from "./json.ts";
import { canonicalPolicy, policyDigest, type Policy } from "./policy.ts";

/** Live policy of a bucket as one read reports it. "unreadable" is never treated as "none". */
export type Live =
  | LivePolicy
  /** OSS answered NoSuchBucketPolicy: the only answer that means that there is none. */
  | { readonly state: "none" }
  /** OSS answered NoSuchBucket. */
  | { readonly state: "missing" }
  | {
      readonly state: "unreadable";
      readonly problem: ReadProblem;
      /** Text in OSS, if it arrived complete but does not parse as a policy. */
      readonly text?: string;
    };

/** Policy that a read found. */
export interface LivePolicy {
  readonly state: "policy";
  /** Text that OSS sent: a JSON object that has a Statement, perhaps after a byte order mark. */
  readonly body: string;
}

/** Reason why a call failed, in words that can be shown. */
export interface ReadProblem {
  readonly message: string;
  /** Action that the user can take. */
  readonly help?: string;
  /** HTTP status; absent if no answer came. */
  readonly status?: number;
  /** OSS's error code, such as `AccessDenied`. */
  readonly code?: string;
  /** OSS's finer error number, such as `0003-00000101`. It is reliable, unlike the message. */
  readonly ec?: string;
  /** Wait that OSS requested before the next try. */
  readonly retryAfterMs?: number;
}

export interface BucketAddress {
  readonly bucket: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
}

/** Result of a read. `region` is the region that answered: the one that OSS named if the requested one was wrong. */
export interface LiveRead {
  readonly live: Live;
  readonly region: string;
}

/** Settings besides the policy that open or close a bucket. */
export type Exposure = (
  | {
      readonly state: "known";
      /** `private`, `public-read` or `public-read-write`. */
      readonly acl: string;
      readonly blockPublicAccess: boolean;
    }
  | { readonly state: "unknown"; readonly problem: ReadProblem }
) & {
  /** UID of the account that the bucket belongs to; absent if OSS did not report it. */
  readonly owner?: string;
};

/** State of Block Public Access of the whole account. */
export type AccountBlock =
  | { readonly state: "known"; readonly isOn: boolean }
  | { readonly state: "unknown"; readonly problem: ReadProblem };

/** Read that found a policy, or that there is none. */
export type Comparable = Extract<Live, { readonly state: "policy" | "none" }>;

/** Parses the document of a live policy, which was parsed before, when it was read. */
export function liveDocument({ body }: LivePolicy): JsonObject {
  const parsed = parseJson(body.replace(/^\uFEFF/, ""));
  if ("problem" in parsed) throw new Error(`a policy that was read parses: ${parsed.problem}`);
  return parsed.value as JsonObject;
}

/** Returns the canonical form of a live policy. Memoized. */
export function canonicalLive(live: Comparable): Policy | "none" {
  if (live.state === "none") return "none";
  const known = canonical.get(live) ?? canonicalPolicy(liveDocument(live));
  canonical.set(live, known);
  return known;
}

const canonical = new WeakMap<LivePolicy, Policy>();

/** Returns a live policy whose text is that of a policy with this canonical form. */
export function livePolicyAs(body: string, form: Policy): LivePolicy {
  const live: LivePolicy = { state: "policy", body };
  canonical.set(live, form);
  return live;
}

/** Returns the digest of a text that does not parse, by its bytes. A parsed policy never has the same digest. */
export function textDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Returns the digest of a live policy; undefined if the read found nothing comparable. */
export function liveDigest(live: Live): string | undefined {
  return live.state === "policy" || live.state === "none" ? policyDigest(canonicalLive(live)) : undefined;
}
