import { createHash } from "node:crypto";
import type { JsonObject } from "./json.ts";
import { canonicalPolicy, policyDigest, type Policy } from "./policy.ts";

/** Live policy of a bucket as one read reports it. "unreadable" is never treated as "none". */
export type Live =
  | { readonly state: "policy"; readonly document: JsonObject; readonly body: string }
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
export type Exposure =
  | {
      readonly state: "known";
      /** `private`, `public-read` or `public-read-write`. */
      readonly acl: string;
      readonly blockPublicAccess: boolean;
    }
  | { readonly state: "unknown"; readonly problem: ReadProblem };

/** State of Block Public Access of the whole account. */
export type AccountBlock =
  | { readonly state: "known"; readonly isOn: boolean }
  | { readonly state: "unknown"; readonly problem: ReadProblem };

/** Read that found a policy, or that there is none. */
export type Comparable = Extract<Live, { readonly state: "policy" | "none" }>;

/** Returns the canonical form of a live policy. Memoized. */
export function canonicalLive(live: Comparable): Policy | "none" {
  if (live.state === "none") return "none";
  const known = canonical.get(live.document) ?? canonicalPolicy(live.document);
  canonical.set(live.document, known);
  return known;
}

const canonical = new WeakMap<JsonObject, Policy>();

/** Tells the canonical form of a live policy whose text is that of a policy with this form. */
export function setCanonical({ document }: Extract<Live, { readonly state: "policy" }>, form: Policy): void {
  canonical.set(document, form);
}

/** Returns the digest of a text that does not parse, by its bytes. A parsed policy never has the same digest. */
export function textDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** Returns the digest of a live policy; undefined if the read found nothing comparable. */
export function liveDigest(live: Live): string | undefined {
  return live.state === "policy" || live.state === "none" ? policyDigest(canonicalLive(live)) : undefined;
}
