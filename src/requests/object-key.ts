import { decoded } from "./operation.ts";
import { isNone, type LogRow } from "./log-row.ts";

/**
 * Returns the key of a request; empty for the bucket. If logs encode keys is documented for SLS alone, so the path of the
 * request, which is as it was sent, says which of both it is.
 */
export function objectKey({ target, object, host, bucket }: LogRow): string {
  const end = target.indexOf("?");
  const path = end < 0 ? target : target.slice(0, end);
  if (isNone(object)) return keyOfPath(path, host, bucket);
  // As sent: in the path of a virtual host, or behind the bucket.
  const isAsSent = path.endsWith(object) && path.charCodeAt(path.length - object.length - 1) === 0x2f;
  if (!object.includes("%")) return utf8(object);
  if (!isAsSent && decoded(path)?.endsWith(`/${utf8(object)}`) === true) return utf8(object);
  return decoded(object) ?? utf8(object);
}

/** Returns the key that a path names: whatever follows the bucket, if the host is not the bucket's. */
function keyOfPath(path: string, host: string, bucket: string): string {
  const isInPath =
    !host.startsWith(`${bucket}.`) && (path === `/${bucket}` || path.startsWith(`/${bucket}/`));
  const encoded = path.slice(isInPath ? bucket.length + 2 : 1);
  return decoded(encoded) ?? utf8(encoded);
}

/** Decodes a text that was read byte by byte. Bytes that are no UTF-8 stay as they are. */
export function utf8(text: string): string {
  if (!/[\x80-\xff]/.test(text)) return text;
  const bytes = Buffer.from(text, "latin1");
  const read = bytes.toString("utf8");
  return read.includes("\ufffd") ? text : read;
}
