/**
 * Returns the name that a resource in a wrong form most likely means, as `bucket` or `bucket/key`. It keeps the
 * written key, so that it never matches more. Undefined if the text does not name the bucket.
 */
export function meantName(text: string, bucket: string): string | undefined {
  const bare = text.trim();
  const url = nameInUrl(bare, bucket);
  if (url !== undefined) return url;
  const rest = bare
    .replace(/^(?:oss|s3|cos|obs):\/\//i, "")
    .replace(/^(?:acs|arn)[:.][a-z0-9_-]*(?=[:.])/i, "")
    .replace(/^oss:(?=[^/])/i, "");
  const found = new RegExp(`(?:^|[:/])${bucket}(?:$|[/:](.*)$)`, "s").exec(rest);
  // The text before the bucket is a region, an owner or a host, not part of a key.
  if (found === null) return undefined;
  const before = rest.slice(0, found.index);
  const wildcard = before.search(/[*?]/);
  if (wildcard >= 0 && before.includes("/", wildcard)) return undefined;
  return nameOf(bucket, found[1]);
}

/** Parses `https://BUCKET.oss-cn-hangzhou.aliyuncs.com/KEY`, and URLs with the bucket as the first part of the path. */
function nameInUrl(text: string, bucket: string): string | undefined {
  const [, host = "", path = ""] = /^https?:\/\/([^/?#]+)(?:\/([^?#]*))?/i.exec(text) ?? [];
  if (host === "") return undefined;
  if (host.startsWith(`${bucket}.`)) return nameOf(bucket, path);
  const [first, ...rest] = path.split("/");
  return first === bucket ? nameOf(bucket, rest.join("/")) : undefined;
}

function nameOf(bucket: string, key = ""): string {
  const written = key.replace(/^\/+/, "");
  return written === "" ? bucket : `${bucket}/${written}`;
}
