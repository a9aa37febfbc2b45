import type { StorageClass } from "./object.ts";

export const redundancies = ["LRS", "ZRS"] as const;
export type Redundancy = (typeof redundancies)[number];

export const bucketAcls = ["private", "public-read", "public-read-write"] as const;

export type BucketAcl = (typeof bucketAcls)[number];

export interface SandboxBucket {
  readonly name: string;
  /** UID of the account that owns it; the first account of the seed by default. */
  readonly owner?: string;
  /** Short form, such as `cn-hangzhou`. */
  readonly region: string;
  /** ISO 8601, in UTC. */
  readonly createdAt: string;
  /** Exact stored text; undefined if there is none. */
  readonly policy?: string | undefined;
  /** `private` by default. */
  readonly acl?: BucketAcl;
  /** Off by default. */
  readonly blockPublicAccess?: boolean;
  /** Class of its objects by default; `Standard` by default. */
  readonly storageClass?: StorageClass;
  /** `LRS` by default. */
  readonly redundancy?: Redundancy;
  /** Tags of the bucket. */
  readonly tags?: Readonly<Record<string, string>>;
}
