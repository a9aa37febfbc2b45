import type { Account } from "./account-file.ts";
import type { DesiredBucket } from "./bucket-file.ts";

/** What is known of a bucket before its file is parsed. */
export type NamedBucket = Pick<DesiredBucket, "bucket" | "region" | "account">;

const name = String.raw`[ \t]*:[ \t]*["']?([a-z\d][a-z\d-]*[a-z\d])["']?(?:[ \t]*,)?[ \t]*(?:#.*)?\r?$`;
/** Top-level key: at the start of a line, or in JSON behind the first brace or two blanks. */
const bucketLine = new RegExp(String.raw`^(?:[ \t]*\{[ \t]*"bucket"|  "bucket"|bucket)${name}`, "m");
const regionLine = new RegExp(String.raw`^(?:[ \t]*\{[ \t]*"region"|  "region"|region)${name}`, "m");

/**
 * Returns the bucket that a file is probably about. It is a guess, good enough to ask OSS early and for nothing else: only
 * the parser knows. Undefined where the lines of its name and region are not written in the plainest way.
 */
export function likelyBucket(text: string, account: Account): NamedBucket | undefined {
  const bucket = bucketLine.exec(text)?.[1];
  const region = /\bregion\b/.test(text) ? regionLine.exec(text)?.[1] : account.region;
  return bucket === undefined || region === undefined ? undefined : { bucket, region, account };
}
