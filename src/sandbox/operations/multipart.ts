import { randomBytes } from "node:crypto";
import { stored, type ReceivedBody } from "../state/body.ts";
import type { SandboxUpload, UploadedPart } from "../state/object.ts";
import { timeNow } from "../state/time.ts";
import type { SandboxBucket } from "../state/world.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { rangeOf } from "./byte-range.ts";
import { copySource } from "./copy-source.ts";
import { encodingOf } from "./encoding-type.ts";
import { attributesOf } from "./object-attributes.ts";
import { quoted, uploadHeaders } from "./object-answer.ts";
import { empty, xml, type OperationInput, type OperationResult } from "./operation.ts";
import { failedPrecondition } from "./preconditions.ts";
import { overwriteRefusal, withBody } from "./put-object.ts";

const maxPartNumber = 10_000;

/** Starts a multipart upload. */
export function initiateMultipartUpload(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route } = input;
  const encoding = encodingOf(route.query);
  if ("refusal" in encoding) return encoding;
  const attributes = attributesOf(bucket, input);
  if ("refusal" in attributes) return attributes;
  const refused = overwriteRefusal(bucket, route.key, input);
  if (refused !== undefined) return refused;
  const id = randomBytes(16).toString("hex").toUpperCase();
  world.objects(bucket.name).startUpload({ ...attributes, id, key: route.key, startedAt: timeNow() });
  return xml([
    "InitiateMultipartUploadResult",
    [...encoding.nodes, ["Bucket", bucket.name], ["Key", encoding.encode(route.key)], ["UploadId", id]],
  ]);
}

/** Stores a part in place of an earlier one with its number. */
export async function uploadPart(bucket: SandboxBucket, input: OperationInput): Promise<OperationResult> {
  const refused = partRefusal(bucket, input);
  if (refused !== undefined) return refused;
  return withBody(bucket, input, (body) => {
    const part = putPart(bucket, input, body);
    return "refusal" in part ? part : empty(200, uploadHeaders(body.md5, body.crc64));
  });
}

/** Stores an object, or a range of it, as a part. */
export async function uploadPartCopy(bucket: SandboxBucket, input: OperationInput): Promise<OperationResult> {
  const { world, headers } = input;
  const refused = partRefusal(bucket, input);
  if (refused !== undefined) return refused;
  const source = copySource(bucket, input, { tags: false });
  if ("refusal" in source) return source;
  const { body: whole } = source.object;
  const failed = failedPrecondition(source.object, headers, "x-oss-copy-source-");
  if (failed !== undefined) return failed;
  // A range that is not within the object copies all of it (OSS docs: UploadPartCopy).
  const range = rangeOf(headers["x-oss-copy-source-range"], whole.size, false);
  const stream = world.bodies.stream(whole, typeof range === "string" ? undefined : range);
  return withBody(bucket, { world, headers: { "transfer-encoding": "chunked" }, stream }, (body) => {
    const part = putPart(bucket, input, body);
    if ("refusal" in part) return part;
    const { modifiedAt, etag } = part;
    const answer = xml([
      "CopyPartResult",
      [
        ["LastModified", modifiedAt],
        ["ETag", quoted(etag)],
      ],
    ]);
    return { ...answer, headers: uploadHeaders(body.md5, body.crc64) };
  });
}

/** Forgets an upload and its parts. */
export function abortMultipartUpload(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const upload = uploadOf(bucket, input);
  if ("refusal" in upload) return upload;
  input.world.objects(bucket.name).abortUpload(upload.id);
  return empty(204);
}

/** Returns the upload that a call names. The ID of another key's upload is unknown. */
export function uploadOf(
  { name }: SandboxBucket,
  { world, route }: Pick<OperationInput, "world" | "route">,
): SandboxUpload | Refused {
  const id = queryValue(route.query, "uploadId") ?? "";
  const upload = world.objects(name).upload(id);
  return upload?.key === route.key ? upload : refuse("NoSuchUpload", { extras: [["UploadId", id]] });
}

function partRefusal(bucket: SandboxBucket, input: OperationInput): Refused | undefined {
  const text = queryValue(input.route.query, "partNumber") ?? "";
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > maxPartNumber)
    return refuse("InvalidArgument", {
      message: "Part number must be an integer between 1 and 10000, inclusive.",
      extras: [
        ["ArgumentName", "partNumber"],
        ["ArgumentValue", text],
      ],
    });
  const upload = uploadOf(bucket, input);
  return "refusal" in upload ? upload : undefined;
}

/** Stores a part, unless the upload ended while its body arrived. */
function putPart(
  bucket: SandboxBucket,
  { world, route }: OperationInput,
  body: ReceivedBody,
): UploadedPart | Refused {
  const upload = uploadOf(bucket, { world, route });
  if ("refusal" in upload) return upload;
  const number = Number(queryValue(route.query, "partNumber"));
  const part = { number, etag: body.md5, modifiedAt: timeNow(), body: stored(body) };
  world.objects(bucket.name).putPart(upload.id, part);
  return part;
}
