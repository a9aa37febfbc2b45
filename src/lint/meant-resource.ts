import type { DesiredBucket } from "../desired/bucket-file.ts";
import { decodedKey } from "../policy/key-form.ts";
import { bucketResource, objectsResource } from "../policy/resource.ts";
import type { Finding, Word } from "./rule.ts";
import { replacing } from "./texts.ts";

/**
 * Returns the help and, if it is certain, the edit for a resource whose text names the bucket in a wrong form. It keeps
 * the written key, so that it never matches more. Undefined if the text does not name the bucket.
 */
export function correctedResource(
  word: Word,
  text: string,
  { bucket, account }: DesiredBucket,
): Pick<Finding, "help" | "fix"> | undefined {
  const name = meantName(text, bucket);
  if (name === undefined) return undefined;
  const meant = bucketResource(account.uid, name);
  // A slash and no key after it: the bucket or its objects, and only the author knows which.
  if (name === bucket && text.includes("/")) {
    const objects = objectsResource(account.uid, bucket);
    return { help: `write \`${meant}\` for the bucket itself, or \`${objects}\` for all objects in it` };
  }
  return { help: `write \`${meant}\``, ...replacing(word, meant) };
}

/** Returns the name that is meant, as `bucket` or `bucket/key`. */
function meantName(text: string, bucket: string): string | undefined {
  const bare = text.trim().replace(/^\[(.*)\]$/s, "$1");
  const url = nameInUrl(bare, bucket);
  if (url !== undefined) return url;
  const rest = bare
    .replace(/^(?:oss|s3|cos|obs):\/\//i, "")
    .replace(/^(?:acs|arn)[:.][a-z0-9_-]*(?=[:.])/i, "")
    .replace(/^oss:(?=[^/])/i, "")
    .replace(/^projects\/[^/]*\/buckets\/([^/]+)\/objects(?=\/)/, "$1");
  const found = new RegExp(`(?:^|[:/])${bucket}(?:$|[/:](.*)$)`, "s").exec(rest);
  // The text before the bucket is a region, an owner or a host, not part of a key.
  if (found === null) return undefined;
  const before = rest.slice(0, found.index);
  const wildcard = before.search(/[*?]/);
  if (wildcard >= 0 && before.includes("/", wildcard)) return undefined;
  // A name alone before a slash is another bucket, and this one's name is a folder in it.
  const isKey = found[0].startsWith("/") && /^[a-z0-9][a-z0-9-]*$/.test(before.split(":").at(-1) ?? "");
  return isKey ? undefined : nameOf(bucket, found[1]);
}

/**
 * Parses `https://BUCKET.oss-cn-hangzhou.aliyuncs.com/KEY`, also without its scheme, and URLs with the bucket as the
 * first part of the path.
 */
function nameInUrl(text: string, bucket: string): string | undefined {
  const [, scheme = "", host = "", path = ""] = /^(https?:\/\/)?([^/?#]+)(?:\/([^?#]*))?/i.exec(text) ?? [];
  if (host === "" || (scheme === "" && !/\.aliyuncs\.com$/i.test(host))) return undefined;
  const decoded = decodedKey(path) ?? path;
  if (host.startsWith(`${bucket}.`)) return nameOf(bucket, decoded);
  const [first, ...rest] = decoded.split("/");
  return first === bucket ? nameOf(bucket, rest.join("/")) : undefined;
}

function nameOf(bucket: string, key = ""): string {
  const written = key.replace(/^\/+/, "");
  return written === "" ? bucket : `${bucket}/${written}`;
}
