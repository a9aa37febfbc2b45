import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Parts of a request that V4 signs (OSS docs: signature version 4). */
export interface SignedRequest {
  readonly method: string;
  /** Decoded path with the bucket, even for virtual-hosted requests: `/`, `/bucket/` or `/bucket/key`. */
  readonly resource: string;
  /** Decoded names and values. */
  readonly query: readonly QueryPair[];
  /** Headers by name in lower case; each character of a value is a byte. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names in AdditionalHeaders of the Authorization header; empty without it. */
  readonly additionalHeaders: readonly string[];
}

export type QueryPair = readonly [name: string, value: string];

/** Scope of a signature: `date` is YYYYMMDD, `region` the short form, `product` is `oss`. */
export interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly product: string;
}

/** Returns the string to sign of a request sent at `dateTime` (YYYYMMDDTHHMMSSZ). */
export function stringToSign(request: SignedRequest, dateTime: string, scope: CredentialScope): string {
  const hash = createHash("sha256").update(canonicalRequest(request), "latin1").digest("hex");
  return ["OSS4-HMAC-SHA256", dateTime, scopeText(scope), hash].join("\n");
}

export function sign(text: string, secret: string, scope: CredentialScope): string {
  return hmac(signingKey(secret, scope), text).toString("hex");
}

/** Compares in constant time, so that a signature cannot be guessed byte by byte. */
export function sameSignature(expected: string, provided: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(provided)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function canonicalRequest(request: SignedRequest): string {
  const { method, resource, query, headers } = request;
  const additional = signedAdditional(request);
  const names = Object.keys(headers).filter((name) => alwaysSigned(name) || additional.includes(name));
  return [
    method,
    percentEncode(resource).replaceAll("%2F", "/"),
    canonicalQuery(query),
    names
      .sort()
      .map((name) => `${name}:${(headers[name] ?? "").trim()}\n`)
      .join(""),
    additional.join(";"),
    "UNSIGNED-PAYLOAD",
  ].join("\n");
}

export function signingKey(secret: string, { date, region, product }: CredentialScope): Buffer {
  const parts = [date, region, product, "aliyun_v4_request"];
  return parts.reduce<Buffer>(hmac, Buffer.from(`aliyun_v4${secret}`));
}

function scopeText({ date, region, product }: CredentialScope): string {
  return `${date}/${region}/${product}/aliyun_v4_request`;
}

/** Returns the additional names that are in the request and not signed by default. */
function signedAdditional({ additionalHeaders, headers }: SignedRequest): readonly string[] {
  const names = additionalHeaders.map((name) => name.toLowerCase());
  return [...new Set(names)].filter((name) => Object.hasOwn(headers, name) && !alwaysSigned(name)).sort();
}

function alwaysSigned(name: string): boolean {
  return name === "content-type" || name === "content-md5" || name.startsWith("x-oss-");
}

/** Returns the canonical query. An empty value becomes a bare name, so `?policy` and `?policy=` sign alike. */
function canonicalQuery(query: readonly QueryPair[]): string {
  return query
    .filter(([name]) => name !== "x-oss-signature")
    .map(([name, value]): QueryPair => [percentEncode(name), percentEncode(value)])
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
}

/** Encodes all but `A-Z a-z 0-9 - . _ ~`. The result is ASCII, so its order is byte order. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
