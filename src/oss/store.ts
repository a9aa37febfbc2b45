import type { AccountBlock, BucketAddress, Exposure, ReadProblem, LiveRead } from "../policy/live.ts";

/**
 * Whether a write took effect. `throttled`: it did not, and may pass when it is sent later. `unknown`: no
 * answer, or a server error, which may come after the effect.
 */
export type WriteAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "throttled"; readonly problem: ReadProblem }
  | { readonly kind: "refused"; readonly problem: ReadProblem }
  | { readonly kind: "unknown"; readonly problem: ReadProblem };

export type BucketListing =
  { readonly buckets: readonly BucketAddress[]; readonly owner: string } | { readonly problem: ReadProblem };

/** The reads alone: what a plan gets, so that it cannot write. */
export interface PolicyReader {
  /** All buckets of the account, in every region, sorted by name. */
  list(): Promise<BucketListing>;
  get(address: BucketAddress): Promise<LiveRead>;
  /** The ACL and Block Public Access of a bucket. */
  exposure(address: BucketAddress): Promise<Exposure>;
  accountBlock(): Promise<AccountBlock>;
}

/** The cloud as this tool needs it. It has no opinion about policies, and none of its calls throws. */
export interface PolicyStore extends PolicyReader {
  /** Replaces the whole policy by these bytes. */
  put(address: BucketAddress, body: string): Promise<WriteAnswer>;
  /** Deleting what is not there is done, as OSS has it. */
  delete(address: BucketAddress): Promise<WriteAnswer>;
  close(): void;
}
