import { ownText } from "./log-row.ts";
import { apiNames, findAction } from "../policy/actions.ts";
import type { SeenRequest } from "./seen-request.ts";
import { defaultAction, defaultActions, subresourceAction, subresourceActions } from "./subresources.ts";

/** Operation of a request, as far as policies see it. */
export interface SeenOperation {
  /** Empty if the operation is unknown, or is a delete of many keys. */
  readonly actions: readonly string[];
  readonly isBatchDelete: boolean;
  /** Parameters of a listing, undefined if they are absent; no entry for a parameter whose value is uncertain. */
  readonly listing: ReadonlyMap<"oss:Prefix" | "oss:Delimiter", string | undefined> | undefined;
  readonly symlink: SeenRequest["symlink"];
}

/** What of a request names its operation. */
export interface NamedRequest {
  readonly method: string;
  /** Without the question mark; empty if there is none. */
  readonly query: string;
  readonly isOnObject: boolean;
  /** Name that the log has; `-` if none. */
  readonly name: string;
}

/** Operations without a query that are kept: there are few, but a log may have any text as a name. */
const maxKnown = 1_000;

/** Function from a request to its operation. It decides by method and query first, and by the name in the log second. */
export function operations(): (input: NamedRequest) => SeenOperation {
  const known = new Map<string, SeenOperation>();
  return (input) => {
    if (input.query !== "") return decide(input, parseQuery(input.query));
    const key = `${input.method} ${input.isOnObject ? "o" : "b"} ${input.name}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= maxKnown) known.clear();
    const operation = decide(input, new Map());
    known.set(ownText(key), operation);
    return operation;
  };
}

/** Values of a query by name; undefined for a value whose bytes are uncertain. */
type Query = ReadonlyMap<string, string | undefined>;

function parseQuery(text: string): Query {
  const query = new Map<string, string | undefined>();
  for (const pair of text.split("&")) {
    const at = pair.indexOf("=");
    const [name, value] = at < 0 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
    // A plus is a blank for some clients, and a plus for others.
    if (!query.has(name)) query.set(name, value.includes("+") ? undefined : decoded(value));
  }
  return query;
}

/** Decodes a part of a URL; undefined if its bytes are no text. */
export function decoded(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const unknown: SeenOperation = { actions: [], isBatchDelete: false, listing: undefined, symlink: undefined };
const batchDelete: SeenOperation = { ...unknown, isBatchDelete: true };

function decide(input: NamedRequest, query: Query): SeenOperation {
  const { method, isOnObject, name } = input;
  if (!isOnObject && (name === "DeleteObjects" || (method === "POST" && query.has("delete"))))
    return batchDelete;
  const level = isOnObject ? "object" : "bucket";
  const bySubresource = subresourceAction(method, level, query);
  const action = bySubresource ?? byName(defaultAction(method, level), name, isOnObject);
  if (action === undefined || action === "unknown") return unknown;
  const versioned = query.has("versionId") ? (versionTwins.get(action) ?? action) : action;
  return {
    actions: actionsOf(versioned),
    isBatchDelete: false,
    listing: listingOf(action, query),
    symlink: symlinkOf(input, action, query),
  };
}

const symlinkNames: readonly string[] = ["GetObjectSymlink", "PutObjectSymlink", "GetSymlink", "PutSymlink"];

/** Returns what a request has to do with symlinks: GetObjectMeta follows none (OSS docs: GetObjectMeta). */
function symlinkOf(
  { isOnObject, name }: NamedRequest,
  action: string,
  query: Query,
): SeenOperation["symlink"] {
  if (!isOnObject) return undefined;
  if (query.has("symlink") || symlinkNames.includes(name)) return "is one";
  return action === "GetObject" && !query.has("objectMeta") ? "may follow" : undefined;
}

/** Returns the action of a request without a known subresource: the name must confirm it, or decides. */
function byName(usual: string | undefined, name: string, isOnObject: boolean): string | undefined {
  if (name === "-" || name === "") return usual;
  const named = logNames.get(name) ?? apiNames.get(name)?.[0]?.slice("oss:".length) ?? name;
  if (named === usual) return usual;
  const level = findAction(`oss:${named}`)?.level;
  return level === (isOnObject ? "object" : "bucket") ? named : undefined;
}

const lists: readonly string[] = ["ListObjects", "ListObjectVersions"];

function listingOf(action: string, query: Query): SeenOperation["listing"] {
  // If a listing of uploads has these condition keys is not documented.
  if (action === "ListMultipartUploads") return new Map();
  if (!lists.includes(action)) return undefined;
  const listing = new Map<"oss:Prefix" | "oss:Delimiter", string | undefined>();
  for (const [name, key] of [
    ["prefix", "oss:Prefix"],
    ["delimiter", "oss:Delimiter"],
  ] as const) {
    const value = query.get(name);
    if (value !== undefined || !query.has(name)) listing.set(key, value);
  }
  return listing;
}

const shared = new Map<string, readonly string[]>();

/** Returns the one list that holds an action: requests share it. */
function actionsOf(action: string): readonly string[] {
  const found = shared.get(action);
  if (found !== undefined) return found;
  const list = [`oss:${action}`];
  shared.set(action, list);
  return list;
}

/** Actions of calls with a `versionId` (OSS docs: policy syntax). */
const versionTwins: ReadonlyMap<string, string> = new Map([
  ["GetObject", "GetObjectVersion"],
  ["DeleteObject", "DeleteObjectVersion"],
  ["PutObjectAcl", "PutObjectVersionAcl"],
  ["GetObjectAcl", "GetObjectVersionAcl"],
  ["RestoreObject", "RestoreObjectVersion"],
  ["CleanRestoredObject", "CleanRestoredObjectVersion"],
  ["PutObjectTagging", "PutObjectVersionTagging"],
  ["GetObjectTagging", "GetObjectVersionTagging"],
  ["DeleteObjectTagging", "DeleteObjectVersionTagging"],
]);

/**
 * Names in logs that are neither an action nor an API (OSS docs: fields of the log, and the API page of each). Those of
 * images and of bucket settings are inferred.
 */
const logNames: ReadonlyMap<string, string> = new Map([
  ["GetObjectSymlink", "GetObject"],
  ["GetObjectInfo", "GetObject"],
  ["get_image_info", "GetObject"],
  ["get_image_exif", "GetObject"],
  ["get_image_infoexif", "GetObject"],
  ["ProcessImage", "GetObject"],
  ["PutObjectSymlink", "PutObject"],
  ["CompleteUploadPart", "PutObject"],
  ["UploadPartCopy", "PutObject"],
  ["CopyObject", "PutObject"],
  ["ListMultiPartUploads", "ListMultipartUploads"],
  ["AbortMultiPartUpload", "AbortMultipartUpload"],
  ["GetBucketLog", "GetBucketLogging"],
  ["PutBucketLog", "PutBucketLogging"],
  ["DeleteBucketLog", "DeleteBucketLogging"],
  ["GetBucketWebSite", "GetBucketWebsite"],
  ["PutBucketWebSite", "PutBucketWebsite"],
  ["DeleteBucketWebSite", "DeleteBucketWebsite"],
  ["GetBucketEventNotification", "GetBucketNotification"],
  ["get_style", "GetStyle"],
  ["list_style", "ListStyle"],
  ["put_style", "PutStyle"],
  ["delete_style", "DeleteStyle"],
]);

/** Actions that requests in logs are understood to need. No log shows the others, such as those without an API. */
export const loggedActions: ReadonlySet<string> = new Set(
  [...subresourceActions, ...defaultActions, ...versionTwins.values(), ...logNames.values()].map(
    (name) => `oss:${name}`,
  ),
);
