import type { LoggedHeaders } from "./log-row.ts";
import { decoded } from "./operation.ts";

/** Reads the field `user_defined_log_fields`: base64 of JSON. Undefined if it is cut off, or has another form. */
export function loggedHeaders(field: string): LoggedHeaders | undefined {
  const whole = objectOf(parsed(Buffer.from(field, "base64").toString("utf8")));
  const headers = objectOf(whole?.["headers"]);
  // Which of the values was cut off is not known.
  if (whole === undefined || headers === undefined || !isWhole(whole["truncated"])) return undefined;
  const sent = new Map<string, string | undefined>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    const isKnown = typeof value === "string" && value !== "" && value !== "-" && !sent.has(key);
    sent.set(key, isKnown ? value : undefined);
  }
  return {
    acl: sent.get("x-oss-acl"),
    objectAcl: sent.get("x-oss-object-acl"),
    tagging: sent.get("x-oss-tagging"),
    copySource: sent.get("x-oss-copy-source"),
  };
}

function isWhole(truncated: unknown): boolean {
  return truncated === false || truncated === "false";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** Returns the tags in a header `x-oss-tagging`, `key=value&key2=value2`; undefined if one of them is uncertain. */
export function tagsOf(tagging: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const pair of tagging.split("&")) {
    const at = pair.indexOf("=");
    // A log that encoded the header once more has no mark of equality.
    if (at < 0 && /%3d/i.test(pair)) return undefined;
    const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    const [key, text] = [decoded(name), decoded(value)];
    // A plus is a blank for some clients, and a plus for others. OSS refuses a key that occurs twice.
    if (pair.includes("+") || key === undefined || text === undefined || key === "" || tags.has(key))
      return undefined;
    tags.set(key, text);
  }
  return tags;
}

/** Object that a request copied. */
export interface CopiedObject {
  readonly bucket: string;
  readonly key: string;
  readonly isVersion: boolean;
}

/** Returns the object in a header `x-oss-copy-source`, `/bucket/key?versionId=…`; undefined if it names none. */
export function copiedObject(copySource: string): CopiedObject | undefined {
  const at = copySource.indexOf("?");
  const path = at < 0 ? copySource : copySource.slice(0, at);
  // Version 1 of the Go SDK writes a blank as a plus sign, so OSS reads one as a blank (inferred).
  const name = decoded(path.replaceAll("+", " "));
  const [, bucket = "", key = ""] = /^\/?([^/]+)\/(.+)$/s.exec(name ?? "") ?? [];
  if (bucket === "") return undefined;
  return { bucket, key, isVersion: at >= 0 && /^versionId=./.test(copySource.slice(at + 1)) };
}
