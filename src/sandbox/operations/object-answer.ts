import type { SandboxObject } from "../state/object.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";

type AnswerHeaders = Readonly<Record<string, string>>;

export function quoted(etag: string): string {
  return `"${etag}"`;
}

export function noSuchBucket(name: string): Refused {
  return refuse("NoSuchBucket", { extras: [["BucketName", name]] });
}

export function noSuchKey(key: string): Refused {
  return refuse("NoSuchKey", { extras: [["Key", key]] });
}

/** Returns the headers of an answer to a read (OSS docs: GetObject, HeadObject). */
export function objectHeaders(object: SandboxObject): AnswerHeaders {
  const { headers, body, type, etag, modifiedAt, storageClass, tags } = object;
  const tagCount = Object.keys(tags).length;
  return {
    "Content-Type": "application/octet-stream",
    ...named(headers),
    "Accept-Ranges": "bytes",
    ETag: quoted(etag),
    "Last-Modified": httpDate(modifiedAt),
    "x-oss-object-type": type,
    "x-oss-storage-class": storageClass,
    "x-oss-hash-crc64ecma": body.crc64,
    ...(isMd5(object) ? { "Content-MD5": contentMd5(etag) } : {}),
    ...(type === "Appendable" ? { "x-oss-next-append-position": String(body.size) } : {}),
    ...(tagCount > 0 ? { "x-oss-tagging-count": String(tagCount) } : {}),
  };
}

/** Returns the headers of an answer to an upload of these bytes. */
export function uploadHeaders(etag: string, crc64: string): AnswerHeaders {
  return { ETag: quoted(etag), "Content-MD5": contentMd5(etag), "x-oss-hash-crc64ecma": crc64 };
}

/** Returns an MD5 in base64 from one in hex. */
export function contentMd5(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

export function httpDate(time: string): string {
  return new Date(time).toUTCString();
}

/** The ETag is the MD5 of the content for what PutObject made only (OSS docs: ETag). */
function isMd5({ type, etag }: SandboxObject): boolean {
  return type === "Normal" && /^[0-9A-F]{32}$/.test(etag);
}

/** Names headers as OSS writes them: `Content-Type`, and `x-oss-` in lower case. */
function named(headers: AnswerHeaders): AnswerHeaders {
  const upper = (name: string): string => name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.startsWith("x-oss-") ? name : upper(name), value]),
  );
}
