import { createHmac } from "node:crypto";
import type { SignedCall } from "./signed-call.ts";

/**
 * Query names that V1 signs, beside all that begin with `x-oss-` (OSS docs: signature in the header, and the lists of the
 * official SDKs, of which each has only some).
 */
const subResources: ReadonlySet<string> = new Set(
  [
    "acl append asyncFetch bucketInfo callback callback-var cloudboxes cname comp continuation-token cors delete",
    "encryption endTime group img inventory inventoryId lifecycle link live location logging metaQuery objectInfo",
    "objectMeta partNumber policy policyStatus position processConfiguration publicAccessBlock qos qosInfo referer",
    "regionList replication replicationLocation replicationProgress requestPayment resourceGroup restore sequential",
    "startTime stat status style styleName symlink tagging transferAcceleration udf udfApplication udfApplicationLog",
    "udfImage udfImageDesc udfName uploadId uploads versionId versioning versions vip vod vpcip website worm wormExtend",
    "wormId security-token",
    "response-cache-control response-content-disposition response-content-encoding response-content-language",
    "response-content-type response-expires",
  ]
    .join(" ")
    .split(" "),
);

/**
 * Returns the string to sign of V1; `date` is the text of the date header, or Expires of a signed URL. Each character of
 * the result is a byte, as in `headers`.
 */
export function stringToSignV1({ method, route, headers }: SignedCall, date: string): string {
  const ossHeaders = Object.keys(headers)
    .filter((name) => name.startsWith("x-oss-"))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? "").trim()}\n`);
  const first = [method, headers["content-md5"] ?? "", headers["content-type"] ?? "", date];
  return `${first.join("\n")}\n${ossHeaders.join("")}${bytesOf(canonicalResource(route))}`;
}

/** Returns the signature in base64. */
export function signV1(text: string, secret: string): string {
  return createHmac("sha1", secret).update(text, "latin1").digest("base64");
}

/** Returns the decoded path with the signed part of the query. A name that occurs again counts once, as its first value. */
function canonicalResource({ resource, query }: SignedCall["route"]): string {
  const signed = new Map<string, string>();
  for (const [name, value] of query) {
    const isSigned = subResources.has(name) || name.startsWith("x-oss-");
    if (isSigned && !signed.has(name)) signed.set(name, value);
  }
  if (signed.size === 0) return resource;
  const pairs = [...signed].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${resource}?${pairs.map(([name, value]) => (value === "" ? name : `${name}=${value}`)).join("&")}`;
}

/** Returns the text with a character for each byte of its UTF-8. */
function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}
