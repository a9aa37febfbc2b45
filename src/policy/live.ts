import { createHash } from "node:crypto";
import type { JsonObject } from "./json.ts";
import { canonicalPolicy, policyDigest, type Policy } from "./policy.ts";

/** What a read can say about a bucket's policy, and nothing else. Unreadable is never taken for none. */
export type Live =
  | { readonly state: "policy"; readonly document: JsonObject; readonly body: string }
  /** OSS said NoSuchBucketPolicy: the one answer that means there is none. */
  | { readonly state: "none" }
  /** OSS said NoSuchBucket. */
  | { readonly state: "missing" }
  | {
      readonly state: "unreadable";
      readonly problem: ReadProblem;
      /** The text that stands in OSS, where it came whole and does not parse as a policy. */
      readonly text?: string;
    };

/** Why a call did not do what was asked, in words that can be shown. */
export interface ReadProblem {
  readonly message: string;
  /** What the user can do about it. */
  readonly help?: string;
  /** HTTP status; absent where no answer came. */
  readonly status?: number;
  /** OSS's error code, such as `AccessDenied`. */
  readonly code?: string;
  /** OSS's finer error number, such as `0003-00000101`: what a message says may mislead, this does not. */
  readonly ec?: string;
  /** How long OSS asked to wait before the next try. */
  readonly retryAfterMs?: number;
}

export interface BucketAddress {
  readonly bucket: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
}

/** A read, and where it was answered: the region that OSS named, where the asked one was wrong. */
export interface LiveRead {
  readonly live: Live;
  readonly region: string;
}

/** What beside its policy opens a bucket or keeps it closed. */
export type Exposure =
  | {
      readonly state: "known";
      /** `private`, `public-read` or `public-read-write`. */
      readonly acl: string;
      readonly blockPublicAccess: boolean;
    }
  | { readonly state: "unknown"; readonly problem: ReadProblem };

/** Whether Block Public Access of the whole account is on. */
export type AccountBlock =
  | { readonly state: "known"; readonly isOn: boolean }
  | { readonly state: "unknown"; readonly problem: ReadProblem };

/** A read that found out whether there is a policy, and which. */
export type Comparable = Extract<Live, { readonly state: "policy" | "none" }>;

/** The canonical form of what was read. */
export function canonicalLive(live: Comparable): Policy | "none" {
  return live.state === "none" ? "none" : canonicalPolicy(live.document);
}

/** The digest of a text that does not parse, by its bytes: a text that parses has another one. */
export function textDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** The digest of what was read; undefined where nothing that can be compared was. */
export function liveDigest(live: Live): string | undefined {
  return live.state === "policy" || live.state === "none" ? policyDigest(canonicalLive(live)) : undefined;
}
