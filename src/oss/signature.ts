import { createHash, createHmac } from "node:crypto";
import type { SignedRequest } from "ali-oss";
import { compareText } from "../diagnostic.ts";

const algorithm = "OSS4-HMAC-SHA256";
const scopeEnd = "oss/aliyun_v4_request";

/** Returns the Authorization header of a call of `bucket`, or of the account if there is none, or of an object of it. */
export type Signer = (
  method: string,
  request: SignedRequest,
  bucket: string | undefined,
  key?: string,
) => string;

/**
 * Opens a signer of version 4 (OSS docs: "Include signatures in the Authorization header") for one region. The SDK
 * derives the signing key for every call, with four more HMACs; here it is derived once a day. Equal to the SDK's
 * own signature for every call that this project makes.
 */
export function openSigner(accessKeyId: string, accessKeySecret: string, region: string): Signer {
  let keyOf: { readonly day: string; readonly key: Buffer } | undefined;
  return (method, request, bucket, key = "") => {
    const time = request.headers["x-oss-date"] ?? "";
    const day = time.slice(0, 8);
    if (keyOf?.day !== day) keyOf = { day, key: signingKey(accessKeySecret, day, region) };
    const scope = `${day}/${region}/${scopeEnd}`;
    const digest = createHash("sha256")
      .update(canonicalRequest(method, request, pathOf(bucket, key)))
      .digest("hex");
    const signature = createHmac("sha256", keyOf.key)
      .update(`${algorithm}\n${time}\n${scope}\n${digest}`)
      .digest("hex");
    return `${algorithm} Credential=${accessKeyId}/${scope},Signature=${signature}`;
  };
}

function signingKey(secret: string, day: string, region: string): Buffer {
  const parts = [day, region, ...scopeEnd.split("/")];
  return parts.reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`aliyun_v4${secret}`, "utf8"),
  );
}

function pathOf(bucket = "", key: string): string {
  return bucket === "" ? "/" : `/${encoded(bucket)}/${key.split("/").map(encoded).join("/")}`;
}

function canonicalRequest(method: string, { headers, queries }: SignedRequest, path: string): string {
  const query = Object.entries(queries)
    .map(([name, value]) => [encoded(name), value === null ? "" : `=${encoded(value)}`] as const)
    .sort(byName)
    .map((part) => part.join(""));
  const lines = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), `:${value.trim()}\n`] as const)
    .filter(([name]) => name.startsWith("x-oss-") || name === "content-type" || name === "content-md5")
    .sort(byName)
    .map((part) => part.join(""));
  const payload = headers["x-oss-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  return [method, path, query.join("&"), lines.join(""), "", payload].join("\n");
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return compareText(a, b);
}

/** Encodes as RFC 3986. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
