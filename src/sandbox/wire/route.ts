import { operationOf, type Operation } from "../operations/table.ts";
import type { QueryPair } from "../auth/signature.ts";
import { refuse, type Refused } from "./wire-error.ts";

/** Target of a request, from the request line and the Host header. */
export interface Route {
  readonly operation: Operation;
  /** Undefined for the service itself. */
  readonly bucket: string | undefined;
  /** Key of the object; empty for the bucket or the service. */
  readonly key: string;
  /** Region in the host name; undefined in path style, where the signature's scope names it. */
  readonly region: string | undefined;
  /** Signed path, decoded: `/`, `/bucket/` or `/bucket/key`. */
  readonly resource: string;
  readonly query: readonly QueryPair[];
}

/**
 * Parses the target. Virtual-host style is recognized by the Host header, whatever the address: ali-oss sends
 * OSS's own host names to an endpoint given as an IP address. Any other host is path style.
 */
export function routeOf(
  method: string,
  host: string,
  url: string,
  headers: Readonly<Record<string, string>>,
): Route | Refused {
  const [path = "/", queryText = ""] = splitOnce(url, "?");
  const decodedPath = decodePercent(path);
  const query = parseQuery(queryText);
  if (decodedPath === undefined || query === undefined) {
    return refuse("InvalidArgument", {
      message: "The address contains a percent sign that does not encode UTF-8.",
    });
  }
  const place = hostPlace(host);
  if (place !== undefined && place.bucket === undefined && decodedPath !== "/") {
    return refuse("SecondLevelDomainForbidden");
  }
  const { bucket, key } =
    place?.bucket === undefined ? pathPlace(decodedPath) : placeInHost(place.bucket, decodedPath);
  const on = bucket === undefined ? "service" : key === "" ? "bucket" : "object";
  const names = query.map(([name]) => name);
  return {
    operation: operationOf(method, on, names, headers),
    bucket,
    key,
    region: place?.region,
    resource: bucket === undefined ? "/" : `/${bucket}/${key}`,
    query,
  };
}

/** Returns true for OSS's own host names, where the bucket is in the host name or absent. */
export function isOssHost(host: string): boolean {
  return hostPlace(host) !== undefined;
}

export function queryValue(query: readonly QueryPair[], name: string): string | undefined {
  return query.find(([each]) => each === name)?.[1];
}

/** Returns true for 3 to 63 lower-case letters, digits and inner hyphens (OSS docs: bucket naming). */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name);
}

interface HostPlace {
  readonly bucket: string | undefined;
  readonly region: string;
}

interface PathPlace {
  readonly bucket: string | undefined;
  readonly key: string;
}

/** Parses `[bucket.]oss-REGION[-internal].aliyuncs.com`; ali-oss keeps the leading dot without a bucket. */
function hostPlace(host: string): HostPlace | undefined {
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const match = /^(?:(.*)\.)?oss-([a-z0-9-]+?)(?:-internal)?\.aliyuncs\.com$/.exec(name);
  const region = match?.[2];
  return region === undefined ? undefined : { bucket: match?.[1] || undefined, region };
}

function placeInHost(bucket: string, path: string): PathPlace {
  return { bucket, key: path.replace(/^\//, "") };
}

function pathPlace(path: string): PathPlace {
  const [bucket = "", key = ""] = splitOnce(path.replace(/^\//, ""), "/");
  return { bucket: bucket === "" ? undefined : bucket, key };
}

/** Parses a query. A plus sign is literal: the signed form of a space is `%20`. */
function parseQuery(text: string): readonly QueryPair[] | undefined {
  const pairs: QueryPair[] = [];
  for (const part of text.split("&").filter((each) => each !== "")) {
    const [name = "", value = ""] = splitOnce(part, "=").map(decodePercent);
    if (splitOnce(part, "=").some((each) => decodePercent(each) === undefined)) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
