import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** What V4 signs of a request (OSS docs: signature version 4). */
export interface SignedRequest {
  readonly method: string;
  /** Decoded and always with the bucket: `/`, `/bucket/` or `/bucket/key`, also for virtual-hosted requests. */
  readonly resource: string;
  /** Decoded names and values. */
  readonly query: readonly QueryPair[];
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The names in the Authorization header's AdditionalHeaders; empty where it has none. */
  readonly additionalHeaders: readonly string[];
}

export type QueryPair = readonly [name: string, value: string];

/** The scope of a signature: `date` is YYYYMMDD, `region` the short form, `product` is `oss`. */
export interface CredentialScope {
  readonly date: string;
  readonly region: string;
  readonly product: string;
}

/** The string to sign of a request sent at `dateTime` (YYYYMMDDTHHMMSSZ). */
export function stringToSign(request: SignedRequest, dateTime: string, scope: CredentialScope): string {
  const hash = createHash("sha256").update(canonicalRequest(request)).digest("hex");
  return ["OSS4-HMAC-SHA256", dateTime, scopeText(scope), hash].join("\n");
}

export function sign(text: string, secret: string, scope: CredentialScope): string {
  return hmac(signingKey(secret, scope), text).toString("hex");
}

/** Takes the same time wherever the two differ, so that a signature cannot be guessed byte by byte. */
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

/** Names that are signed by default, and names that the request does not carry, do not count. */
function signedAdditional({ additionalHeaders, headers }: SignedRequest): readonly string[] {
  const names = additionalHeaders.map((name) => name.toLowerCase());
  return [...new Set(names)].filter((name) => name in headers && !alwaysSigned(name)).sort();
}

function alwaysSigned(name: string): boolean {
  return name === "content-type" || name === "content-md5" || name.startsWith("x-oss-");
}

/** An empty value leaves the bare name, so `?policy` and `?policy=` sign alike. */
function canonicalQuery(query: readonly QueryPair[]): string {
  return query
    .filter(([name]) => name !== "x-oss-signature")
    .map(([name, value]): QueryPair => [percentEncode(name), percentEncode(value)])
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`))
    .join("&");
}

/** Leaves only `A-Z a-z 0-9 - . _ ~`; the text is ASCII after it, so that its order is byte order. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
