import type { AccountBlock, BucketAddress, Exposure, ReadProblem, LiveRead } from "../policy/live.ts";

/**
 * Result of a write. `throttled`: it had no effect and may succeed later. `unknown`: no answer, or a server
 * error, which may come after the effect.
 */
export type WriteAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "throttled"; readonly problem: ReadProblem }
  | { readonly kind: "refused"; readonly problem: ReadProblem }
  | { readonly kind: "unknown"; readonly problem: ReadProblem };

export type BucketListing =
  { readonly buckets: readonly BucketAddress[]; readonly owner: string } | { readonly problem: ReadProblem };

/** Read-only part of the store, so that a plan cannot write. */
export interface PolicyReader {
  /** Returns all buckets of the account, in every region, sorted by name. */
  list(): Promise<BucketListing>;
  get(address: BucketAddress): Promise<LiveRead>;
  /** Returns the ACL and Block Public Access of a bucket. */
  exposure(address: BucketAddress): Promise<Exposure>;
  accountBlock(): Promise<AccountBlock>;
}

/** Interface to OSS. It does not interpret policies, and none of its calls throws. */
export interface PolicyStore extends PolicyReader {
  /** Replaces the whole policy by this text. */
  put(address: BucketAddress, body: string): Promise<WriteAnswer>;
  /** Deletes the policy; succeeds if there is none, as OSS does. */
  delete(address: BucketAddress): Promise<WriteAnswer>;
  close(): void;
}
