import type { AclRight } from "../operations/table.ts";
import type { BucketAcl } from "../state/world.ts";

/** What a call needs: one action on the bucket or on one object. */
export interface Demand {
  /** Such as `oss:PutBucketPolicy`. */
  readonly action: string;
  /** Key of the object; empty for the bucket. */
  readonly key: string;
  /** Right of an ACL that is enough; without one, only the owner is left where no policy decides. */
  readonly acl?: AclRight | undefined;
  /** ACL of the object; `default` if it has none or does not exist. */
  readonly objectAcl?: "default" | BucketAcl;
  readonly context: ReadonlyMap<string, string>;
  /** Name of a bucket that the call makes; a RAM policy may be about it before it exists. */
  readonly newBucket?: string;
}
