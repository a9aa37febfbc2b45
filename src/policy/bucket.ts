/** The bucket that a policy is for. */
export interface Bucket {
  readonly name: string;
  /** UID of its owner. */
  readonly owner: string;
}
