import type { SandboxObject } from "../state/object.ts";
import type { KeyPage } from "../state/key-page.ts";
import type { SandboxBucket } from "../state/world.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { XmlNode } from "../wire/xml.ts";
import { commonPrefixNodes, listQuery, type ListQuery } from "./list-query.ts";
import { quoted } from "./object-answer.ts";
import { ownerNode, xml, type OperationInput, type OperationResult } from "./operation.ts";

/** Keys of a page without `max-keys` (OSS docs: ListObjects). */
const standardKeys = 100;

/** Lists objects by marker (OSS docs: ListObjects). */
export function listObjects(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const query = listQuery(input.route, "max-keys", standardKeys);
  if ("refusal" in query) return query;
  const { encode } = query.encoding;
  const marker = queryValue(input.route.query, "marker") ?? "";
  const page = input.world.objects(bucket.name).page({ ...query, after: marker });
  const next: readonly XmlNode[] = page.next === undefined ? [] : [["NextMarker", encode(page.next.key)]];
  return xml([
    "ListBucketResult",
    [
      ...headNodes(bucket, query),
      ["Marker", encode(marker)],
      ...pageNodes(query, page),
      ...next,
      ...page.items.map((object) => contentsNode(object, query, ownerOf(bucket, input))),
      ...commonPrefixNodes(page.commonPrefixes, query.encoding),
    ],
  ]);
}

/** Lists objects by continuation token; without one, from after `start-after` (OSS docs: ListObjectsV2). */
export function listObjectsV2(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { route, world } = input;
  const value = (name: string): string => queryValue(route.query, name) ?? "";
  if (value("list-type") !== "2") return refuse("InvalidArgument", { message: "The list-type must be 2." });
  const query = listQuery(route, "max-keys", standardKeys);
  if ("refusal" in query) return query;
  const token = value("continuation-token");
  const after = token === "" ? value("start-after") : keyOfToken(token);
  if (typeof after === "object") return after;
  const page = world.objects(bucket.name).page({ ...query, after });
  const owner = value("fetch-owner").toLowerCase() === "true" ? ownerOf(bucket, input) : undefined;
  const { encode } = query.encoding;
  return xml([
    "ListBucketResult",
    [
      ...headNodes(bucket, query),
      ...given("StartAfter", encode(value("start-after"))),
      ...given("ContinuationToken", token),
      ...pageNodes(query, page),
      ["KeyCount", String(page.items.length + page.commonPrefixes.length)],
      ...given("NextContinuationToken", page.next === undefined ? "" : tokenOf(page.next.key)),
      ...page.items.map((object) => contentsNode(object, query, owner)),
      ...commonPrefixNodes(page.commonPrefixes, query.encoding),
    ],
  ]);
}

/** Lists versions as of a bucket that never had versioning: each object is one, `null` (OSS docs: ListObjectVersions). */
export function listObjectVersions(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { route, world } = input;
  const query = listQuery(route, "max-keys", standardKeys);
  if ("refusal" in query) return query;
  const { encode } = query.encoding;
  const [keyMarker = "", versionMarker = ""] = ["key-marker", "version-id-marker"].map((name) =>
    queryValue(route.query, name),
  );
  const page = world.objects(bucket.name).page({ ...query, after: keyMarker });
  const next: readonly XmlNode[] =
    page.next === undefined
      ? []
      : [
          ["NextKeyMarker", encode(page.next.key)],
          ["NextVersionIdMarker", page.next.item === undefined ? "" : "null"],
        ];
  const owner = ownerOf(bucket, input);
  return xml([
    "ListVersionsResult",
    [
      ...headNodes(bucket, query),
      ["KeyMarker", encode(keyMarker)],
      ["VersionIdMarker", versionMarker],
      ...pageNodes(query, page),
      ...next,
      ...page.items.map((object) => versionNode(object, query, owner)),
      ...commonPrefixNodes(page.commonPrefixes, query.encoding),
    ],
  ]);
}

function headNodes({ name }: SandboxBucket, { prefix, encoding }: ListQuery): readonly XmlNode[] {
  return [...encoding.nodes, ["Name", name], ["Prefix", encoding.encode(prefix)]];
}

function pageNodes(
  { maxKeys, delimiter, encoding }: ListQuery,
  { next }: KeyPage<SandboxObject>,
): readonly XmlNode[] {
  return [
    ["MaxKeys", String(maxKeys)],
    ["Delimiter", encoding.encode(delimiter)],
    ["IsTruncated", String(next !== undefined)],
  ];
}

function contentsNode(object: SandboxObject, query: ListQuery, owner: XmlNode | undefined): XmlNode {
  return ["Contents", objectNodes(object, query, owner)];
}

function versionNode(object: SandboxObject, query: ListQuery, owner: XmlNode): XmlNode {
  const [key, ...others] = objectNodes(object, query, owner);
  return [
    "Version",
    [...(key === undefined ? [] : [key]), ["VersionId", "null"], ["IsLatest", "true"], ...others],
  ];
}

function objectNodes(
  { key, modifiedAt, etag, type, body, storageClass }: SandboxObject,
  { encoding }: ListQuery,
  owner: XmlNode | undefined,
): readonly XmlNode[] {
  return [
    ["Key", encoding.encode(key)],
    ["LastModified", modifiedAt],
    ["ETag", quoted(etag)],
    ["Type", type],
    ["Size", String(body.size)],
    ["StorageClass", storageClass],
    ...(owner === undefined ? [] : [owner]),
  ];
}

function ownerOf({ owner }: SandboxBucket, { firstAccount }: OperationInput): XmlNode {
  return ownerNode(owner ?? firstAccount);
}

function given(name: string, text: string): readonly XmlNode[] {
  return text === "" ? [] : [[name, text]];
}

/** Makes a token of characters that no encoding changes; OSS says only that it is opaque. */
function tokenOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function keyOfToken(token: string): string | Refused {
  const key = Buffer.from(token, "base64url").toString();
  return tokenOf(key) === token
    ? key
    : refuse("InvalidArgument", { message: "The continuation token is not one of this sandbox." });
}
