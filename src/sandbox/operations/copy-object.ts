import { maxBodyBytes } from "../state/bodies.ts";
import type { ObjectAttributes, SandboxObject } from "../state/object.ts";
import { timeNow } from "../state/time.ts";
import type { SandboxBucket } from "../state/world.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { copySource, type CopySource } from "./copy-source.ts";
import { attributesOf } from "./object-attributes.ts";
import { quoted } from "./object-answer.ts";
import { xml, type OperationInput, type OperationResult } from "./operation.ts";
import { failedPrecondition } from "./preconditions.ts";
import { overwriteRefusal } from "./put-object.ts";

/** Copies an object. Both share their bytes, and a symlink is copied as it is (OSS docs: CopyObject). */
export function copyObject(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route, headers } = input;
  const attributes = attributesOf(bucket, input);
  if ("refusal" in attributes) return attributes;
  const directives = directivesOf(headers);
  if ("refusal" in directives) return directives;
  const source = copySource(bucket, input, { tags: directives.copiesTags });
  if ("refusal" in source) return source;
  const refused =
    failedPrecondition(source.object, headers, "x-oss-copy-source-") ??
    sizeRefusal(bucket, source) ??
    tagRefusal(bucket, source.object, directives, input) ??
    overwriteRefusal(bucket, route.key, input);
  if (refused !== undefined) return refused;
  const { object } = source;
  const copied = world.objects(bucket.name);
  const isSame = source.bucket.name === bucket.name && object.key === route.key;
  copied.put({
    ...object,
    ...chosenAttributes(object, attributes, directives, isSame),
    key: route.key,
    // What the copy of a multipart object is, is not documented; its ETag is kept.
    type: object.type === "Symlink" ? "Symlink" : "Normal",
    modifiedAt: timeNow(),
  });
  const { etag, modifiedAt, body } = copied.get(route.key) ?? object;
  const answer = xml([
    "CopyObjectResult",
    [
      ["ETag", quoted(etag)],
      ["LastModified", modifiedAt],
    ],
  ]);
  return { ...answer, headers: { ETag: quoted(etag), "x-oss-hash-crc64ecma": body.crc64 } };
}

interface Directives {
  readonly copiesHeaders: boolean;
  readonly copiesTags: boolean;
}

/** Reads what is copied: the metadata and the tags by default (OSS docs: CopyObject). */
function directivesOf(headers: OperationInput["headers"]): Directives | Refused {
  const [metadata, tagging] = ["x-oss-metadata-directive", "x-oss-tagging-directive"].map((name) =>
    (headers[name] || "COPY").toUpperCase(),
  );
  for (const word of [metadata, tagging])
    if (word !== "COPY" && word !== "REPLACE")
      return refuse("InvalidArgument", { message: "A directive must be COPY or REPLACE." });
  return { copiesHeaders: metadata === "COPY", copiesTags: tagging === "COPY" };
}

/** Returns what the copy keeps. A copy onto itself always takes the new metadata (OSS docs: x-oss-metadata-directive). */
function chosenAttributes(
  source: SandboxObject,
  given: ObjectAttributes,
  { copiesHeaders, copiesTags }: Directives,
  isSame: boolean,
): ObjectAttributes {
  return {
    ...given,
    headers: copiesHeaders && !isSame ? source.headers : given.headers,
    tags: copiesTags ? source.tags : given.tags,
  };
}

/** Refuses a copy of more than 5 GB into another bucket (OSS docs: CopyObject). The code is inferred. */
function sizeRefusal(bucket: SandboxBucket, source: CopySource): Refused | undefined {
  const isTooLarge = source.bucket.name !== bucket.name && source.object.body.size > maxBodyBytes;
  return isTooLarge ? refuse("EntityTooLarge") : undefined;
}

/** Returns why the caller may not write the tags that it copies (OSS docs: actions). */
function tagRefusal(
  bucket: SandboxBucket,
  source: SandboxObject,
  { copiesTags }: Directives,
  { decide, route, context }: OperationInput,
): Refused | undefined {
  if (!copiesTags || Object.keys(source.tags).length === 0) return undefined;
  return decide(bucket, { action: "oss:PutObjectTagging", key: route.key, context }).refused;
}
