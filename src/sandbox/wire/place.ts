import type { QueryPair } from "../auth/signature.ts";
import { refuse, type Refused } from "./wire-error.ts";

/** Bucket and object that a request addresses, from the request line and the Host header. */
export interface RequestTarget {
  /** Undefined for the service itself. */
  readonly bucket: string | undefined;
  /** Decoded; empty for the bucket or the service. */
  readonly key: string;
  /** Region in the host name; undefined in path style and below `localhost`, where the signature's scope names it. */
  readonly region: string | undefined;
  /** Signed path, decoded: `/`, `/bucket/` or `/bucket/key`. */
  readonly resource: string;
  /** Decoded names and values, those of a query signature included. */
  readonly query: readonly QueryPair[];
}

/**
 * Parses the target. Virtual-host style is recognized by the host name, whatever the address: ali-oss sends
 * OSS's own host names to an endpoint given as an IP address. Any other host is path style. A key is decoded once, so
 * `%2F` is a slash and `%252F` is a key with a percent sign. The object naming rules forbid neither `..` nor a zero byte,
 * and nothing is done about them: a key is a text and never a path of files.
 */
export function placeOf(host: string, url: string): RequestTarget | Refused {
  const [path = "/", queryText = ""] = splitOnce(url, "?");
  const decodedPath = decodePercent(path);
  const query = parseQuery(queryText);
  if (decodedPath === undefined || query === undefined) {
    return refuse("InvalidArgument", {
      message: "The address contains a percent sign or a byte that does not encode UTF-8.",
    });
  }
  const found = hostPlace(host);
  if (found !== undefined && found.bucket === undefined && decodedPath !== "/")
    return refuse("SecondLevelDomainForbidden");
  const { bucket, key } = found === undefined ? pathPlace(decodedPath) : hostedPlace(found, decodedPath);
  const resource = bucket === undefined ? "/" : `/${bucket}/${key}`;
  return keyRefusal(key) ?? { bucket, key, region: found?.region, resource, query };
}

/**
 * Returns the host and the target of a request line. A client that uses the sandbox as its proxy sends
 * `GET http://HOST/PATH`, where the host of the URL counts (RFC 9112: absolute-form).
 */
export function targetOf(hostHeader: string, url: string): { readonly host: string; readonly url: string } {
  const absolute = /^https?:\/\/([^/?]*)(.*)/is.exec(url);
  if (absolute === null) return { host: hostHeader, url };
  const [, host = "", rest = ""] = absolute;
  return { host, url: rest.startsWith("/") ? rest : `/${rest}` };
}

/** Returns true for host names that leave the path to keys: OSS's own, and a bucket below `localhost`. */
export function isOssHost(host: string): boolean {
  return hostPlace(host) !== undefined;
}

/** Returns the first value of a name, decoded; empty for a bare name. */
export function queryValue(query: readonly QueryPair[], name: string): string | undefined {
  return query.find(([each]) => each === name)?.[1];
}

/** Returns true for 3 to 63 lower-case letters, digits and inner hyphens (OSS docs: bucket naming). */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

/** Returns true for a key that OSS can store. */
export function isObjectKey(key: string): boolean {
  return key !== "" && keyRefusal(key) === undefined;
}

interface HostPlace {
  readonly bucket: string | undefined;
  readonly region: string | undefined;
}

type PathPlace = Pick<RequestTarget, "bucket" | "key">;

/**
 * Parses `[bucket.]oss-REGION[-internal].aliyuncs.com`, of which ali-oss keeps the leading dot without a bucket, and
 * `bucket.localhost`, a name that resolves to the loopback (RFC 6761).
 */
function hostPlace(host: string): HostPlace | undefined {
  const name = host.toLowerCase().replace(/:\d*$/, "");
  const local = /^(.+)\.localhost$/.exec(name);
  if (local !== null) return { bucket: local[1], region: undefined };
  const match = /^(?:(.*)\.)?oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(name);
  const region = match?.[2];
  return region === undefined ? undefined : { bucket: match?.[1] || undefined, region };
}

function hostedPlace({ bucket }: HostPlace, path: string): PathPlace {
  return { bucket, key: path.replace(/^\//, "") };
}

/** Parses `/bucket/key`. Only `/` is the service: `//key` has a bucket with an empty name, which no bucket has. */
function pathPlace(path: string): PathPlace {
  const rest = path.replace(/^\//, "");
  const [bucket = "", key = ""] = splitOnce(rest, "/");
  return { bucket: rest === "" ? undefined : bucket, key };
}

const maxKeyBytes = 1023;

/** Checks a key: at most 1,023 bytes of UTF-8, and no slash or backslash at its start (OSS docs: object naming). */
export function keyRefusal(key: string): Refused | undefined {
  if (Buffer.byteLength(key) > maxKeyBytes)
    return refuse("InvalidObjectName", { message: "The object name has more than 1,023 bytes." });
  if (!/^[/\\]/.test(key)) return undefined;
  return refuse("InvalidObjectName", { message: "The object name begins with a slash or a backslash." });
}

/**
 * Parses a query. A plus sign is a blank, which oss2 writes so and signs as `%20`; OSS lists a plus sign that is not encoded
 * among the causes of a wrong signature (OSS docs: EC 0002-00000040).
 */
function parseQuery(text: string): readonly QueryPair[] | undefined {
  const pairs: QueryPair[] = [];
  for (const part of text.split("&").filter((each) => each !== "")) {
    const texts = splitOnce(part.replaceAll("+", " "), "=").map(decodePercent);
    const [name, value = ""] = texts;
    if (name === undefined || texts.includes(undefined)) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

/** Decodes a part of a request line, whose bytes above 127 arrive as Latin-1; undefined if it is not UTF-8. */
function decodePercent(text: string): string | undefined {
  try {
    const raw = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      Buffer.from(text, "latin1"),
    );
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
