import { refuse, type Refused } from "../wire/wire-error.ts";

export type TagRecord = Readonly<Record<string, string>>;

/** Limit of the tags of an object (OSS docs: PutObjectTagging). */
const maxObjectTags = 10;

/** Limit of the tags of a bucket (OSS docs: PutBucketTags). */
export const maxBucketTags = 20;

/** Characters of a tag (OSS docs: object tagging). Letters are those of any script, which is inferred. */
const tagForm = /^[\p{L}\p{M}\p{N} +\-=._:/]*$/u;

/** Parses x-oss-tagging: `team=data&year=2026`, form-encoded. */
export function parseTags(text: string): { readonly tags: TagRecord } | Refused {
  return checkTags([...new URLSearchParams(text)], maxObjectTags);
}

/** Checks tags: their number, length, characters, and that no key occurs twice. */
export function checkTags(
  pairs: readonly (readonly [key: string, value: string])[],
  most = maxObjectTags,
): { readonly tags: TagRecord } | Refused {
  const tags = Object.fromEntries(pairs);
  const wrong = pairs.find(([key, value]) => !isTag(key, value));
  if (wrong !== undefined)
    return refuse("InvalidTag", { message: `The tag ${wrong[0].slice(0, 128)} is not valid.` });
  if (pairs.length > most) return refuse("InvalidTag", { message: `There are more than ${most} tags.` });
  if (Object.keys(tags).length < pairs.length)
    return refuse("InvalidTag", { message: "A key of the tags occurs twice." });
  return { tags };
}

/** Limits in characters (OSS docs: object tagging). */
function isTag(key: string, value: string): boolean {
  const isShort = key.length >= 1 && key.length <= 128 && value.length <= 256;
  return isShort && tagForm.test(key) && tagForm.test(value);
}
