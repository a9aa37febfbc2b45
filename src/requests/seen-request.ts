/** Request that an access log has, as far as the log says. Callers, contexts and actions are shared by requests that have the same. */
export interface SeenRequest {
  /** Time at which OSS received it, which is also its `acs:CurrentTime`. */
  readonly timeMs: number;
  readonly bucket: string;
  /** UID of the account that owns the bucket; empty if the log does not have it. */
  readonly owner: string;
  readonly caller: SeenCaller;
  /** Actions that it needed, such as `oss:GetObject`. */
  readonly actions: readonly string[];
  /** Decoded key; empty for the bucket. It may be a part of a larger text: `ownText` copies it for those who keep it. */
  readonly key: string;
  /** It is on objects whose keys the log does not have, such as those of a delete of many objects; `key` is empty then. */
  readonly isKeyUnknown?: boolean | undefined;
  /**
   * Condition keys whose value the log has, but for `acs:CurrentTime`. Requests that know the same share one map, and the
   * same set of absent keys.
   */
  readonly context: ReadonlyMap<string, string>;
  /**
   * Keys that were certainly not there; any other that `context` lacks is unknown. A name that ends in `/`, such as
   * `oss:RequestObjectTag/`, stands for all of its keys.
   */
  readonly absent: ReadonlySet<string>;
  /**
   * `may follow` for a read that also needs the target of its key, if that is a symlink (OSS docs: PutSymlink); `is one` for
   * a request that shows its key to be a symlink. No log has its target.
   */
  readonly symlink?: "may follow" | "is one" | undefined;
  /** What else it may have needed; absent if nothing. */
  readonly mayNeed?: MayNeed | undefined;
  readonly source: RequestSource;
}

/** Actions that a request may have needed that the log does not say. Requests that may have needed the same share one. */
export interface MayNeed {
  /** On its own object, such as to set its tags. */
  readonly own: readonly string[];
  /** On an object of any bucket, such as to read what it copied. */
  readonly anywhere: readonly string[];
}

/** Caller of a request. `owner` is the account of the bucket itself; a RAM user of it is a `uid`. */
export type SeenCaller =
  | { readonly kind: "anonymous" }
  | { readonly kind: "owner"; readonly uid: string }
  /** UID of an account or a RAM user. Its account is undefined if the log does not have it, as in shipped files. */
  | { readonly kind: "uid"; readonly uid: string; readonly account: string | undefined }
  /** ARN as policies write it, and the UID of the account that owns the role. */
  | { readonly kind: "role session"; readonly arn: string; readonly account: string }
  /** Id of a role. Shipped files have neither its name, nor its account, nor the session. */
  | { readonly kind: "role"; readonly id: string };

/** Kind of the log: a shipped file of OSS, or rows of SLS. */
export type RequestSource = "file" | "sls";

/** Reason why a line of a log is not weighed. */
export const skipReasons = [
  "unmapped operation",
  "lifecycle",
  "service",
  "failed",
  "refused by a policy",
  "broken line",
  "too long",
  "unknown caller",
  "no bucket",
  "other bucket",
  "other account",
  "outside of the window",
  "no request of a batch delete",
  "other topic",
] as const;
export type SkipReason = (typeof skipReasons)[number];

/** Sums of a read log: `read` is `used` and all that was skipped. */
export interface RequestCounts {
  readonly read: number;
  readonly used: number;
  /** Reasons that occurred. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Unmapped operations by the name that the log has, the most frequent first. */
  readonly unmapped: ReadonlyMap<string, number>;
  /** Times of the first and the last used request; undefined without one. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Used requests of each source. */
  readonly sources: { readonly files: number; readonly sls: number };
  /** Reads of what used requests, and those on other buckets, copied: requests beside the lines. */
  readonly copySources: number;
}
