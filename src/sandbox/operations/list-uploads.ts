import type { UploadedPart } from "../state/object.ts";
import type { SandboxBucket } from "../state/world.ts";
import { queryValue } from "../wire/place.ts";
import { refuse } from "../wire/wire-error.ts";
import type { XmlNode } from "../wire/xml.ts";
import { encodingOf } from "./encoding-type.ts";
import { commonPrefixNodes, listQuery, pageSize } from "./list-query.ts";
import { uploadOf } from "./multipart.ts";
import { quoted } from "./object-answer.ts";
import { xml, type OperationInput, type OperationResult } from "./operation.ts";

/** Entries of a page without `max-uploads` or `max-parts` (OSS docs: ListMultipartUploads, ListParts). */
const standardEntries = 1000;

/** Lists the uploads that are neither complete nor aborted. */
export function listMultipartUploads(
  bucket: SandboxBucket,
  { world, route }: OperationInput,
): OperationResult {
  const query = listQuery(route, "max-uploads", standardEntries);
  if ("refusal" in query) return query;
  const { encode } = query.encoding;
  const keyMarker = queryValue(route.query, "key-marker") ?? "";
  // Without a key, the ID says nothing (OSS docs: upload-id-marker).
  const idMarker = (keyMarker === "" ? undefined : queryValue(route.query, "upload-id-marker")) || undefined;
  const page = world.objects(bucket.name).uploadPage({ ...query, after: keyMarker }, idMarker);
  // The last page has them too, empty: oss2 reads no answer without them.
  const next: readonly XmlNode[] = [
    ["NextKeyMarker", encode(page.next?.key ?? "")],
    ["NextUploadIdMarker", page.next?.item?.id ?? ""],
  ];
  const uploads: readonly XmlNode[] = page.items.map(({ key, id, storageClass, startedAt }) => [
    "Upload",
    [
      ["Key", encode(key)],
      ["UploadId", id],
      ["StorageClass", storageClass],
      ["Initiated", startedAt],
    ],
  ]);
  return xml([
    "ListMultipartUploadsResult",
    [
      ...query.encoding.nodes,
      ["Bucket", bucket.name],
      ["KeyMarker", encode(keyMarker)],
      ["UploadIdMarker", idMarker ?? ""],
      ...next,
      ["Delimiter", encode(query.delimiter)],
      ["Prefix", encode(query.prefix)],
      ["MaxUploads", String(query.maxKeys)],
      ["IsTruncated", String(page.next !== undefined)],
      ...uploads,
      ...commonPrefixNodes(page.commonPrefixes, query.encoding),
    ],
  ]);
}

/** Lists the parts of an upload by number. */
export function listParts(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route } = input;
  const encoding = encodingOf(route.query);
  if ("refusal" in encoding) return encoding;
  const upload = uploadOf(bucket, input);
  if ("refusal" in upload) return upload;
  const maxParts = pageSize(queryValue(route.query, "max-parts"), "max-parts", standardEntries);
  if (typeof maxParts === "object") return maxParts;
  const marker = queryValue(route.query, "part-number-marker") || "0";
  if (!/^\d{1,5}$/.test(marker))
    return refuse("InvalidArgument", { message: "The part-number-marker must be a number." });
  const rest = world
    .objects(bucket.name)
    .parts(upload.id)
    .filter(({ number }) => number > Number(marker));
  const page = rest.slice(0, maxParts);
  return xml([
    "ListPartsResult",
    [
      ...encoding.nodes,
      ["Bucket", bucket.name],
      ["Key", encoding.encode(upload.key)],
      ["UploadId", upload.id],
      ["StorageClass", upload.storageClass],
      ["PartNumberMarker", marker],
      ["NextPartNumberMarker", String(page.at(-1)?.number ?? 0)],
      ["MaxParts", String(maxParts)],
      ["IsTruncated", String(page.length < rest.length)],
      ...page.map(partNode),
    ],
  ]);
}

function partNode({ number, modifiedAt, etag, body }: UploadedPart): XmlNode {
  return [
    "Part",
    [
      ["PartNumber", String(number)],
      ["LastModified", modifiedAt],
      ["ETag", quoted(etag)],
      ["HashCrc64ecma", body.crc64],
      ["Size", String(body.size)],
    ],
  ];
}
