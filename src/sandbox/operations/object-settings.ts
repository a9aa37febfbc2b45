import type { SandboxObject } from "../state/object.ts";
import type { SandboxBucket } from "../state/world.ts";
import { timeNow } from "../state/time.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { attributesOf, objectAclOf } from "./object-attributes.ts";
import { httpDate, noSuchKey, quoted } from "./object-answer.ts";
import { empty, ownerNode, xml, type OperationInput, type OperationResult } from "./operation.ts";
import { overwriteRefusal } from "./put-object.ts";
import { readTagging, taggingXml } from "./tagging.ts";
import { createHash } from "node:crypto";
import { emptyBody } from "../state/body.ts";

/** Sets the ACL of an object. What OSS answers without the header is not documented; it is refused. */
export function putObjectAcl(bucket: SandboxBucket, input: OperationInput): OperationResult {
  if (!input.headers["x-oss-object-acl"])
    return refuse("MissingArgument", { message: "The request needs x-oss-object-acl." });
  const acl = objectAclOf(bucket, input);
  if (typeof acl === "object") return acl;
  return change(bucket, input, (object) => ({ ...object, acl })) ?? empty(200);
}

export function getObjectAcl(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const object = objectOf(bucket, input);
  if ("refusal" in object) return object;
  const owner = ownerNode(bucket.owner ?? input.firstAccount);
  return xml(["AccessControlPolicy", [owner, ["AccessControlList", [["Grant", object.acl]]]]]);
}

/** Replaces the tags of an object. */
export function putObjectTagging(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const read = readTagging(input.body);
  if ("refusal" in read) return read;
  return change(bucket, input, (object) => ({ ...object, tags: read.tags })) ?? empty(200);
}

/** Returns the tags of an object; an empty set if it has none. */
export function getObjectTagging(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const object = objectOf(bucket, input);
  return "refusal" in object ? object : taggingXml(object.tags);
}

export function deleteObjectTagging(bucket: SandboxBucket, input: OperationInput): OperationResult {
  return change(bucket, input, (object) => ({ ...object, tags: {} })) ?? empty(204);
}

/** Makes a symlink to another key of the bucket, which need not exist (OSS docs: PutSymlink). */
export function putSymlink(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route, headers } = input;
  const attributes = attributesOf(bucket, input);
  if ("refusal" in attributes) return attributes;
  // Version 1 of the Go SDK writes a blank as a plus sign, as in the source of a copy.
  const target = decode((headers["x-oss-symlink-target"] ?? "").replaceAll("+", " "));
  if (target === undefined || target === "")
    return refuse("InvalidArgument", {
      ec: target === "" ? "0043-00000001" : undefined,
      message: "The x-oss-symlink-target must be a key, percent-encoded.",
    });
  const refused = overwriteRefusal(bucket, route.key, input);
  if (refused !== undefined) return refused;
  // The rule of this ETag is not documented.
  const etag = createHash("md5").update(target).digest("hex").toUpperCase();
  const object = { ...attributes, key: route.key, type: "Symlink", body: emptyBody, etag, target } as const;
  world.objects(bucket.name).put({ ...object, modifiedAt: timeNow() });
  return empty(200, { ETag: quoted(etag) });
}

/** Returns the key that a symlink points to. */
export function getSymlink(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const object = objectOf(bucket, input);
  if ("refusal" in object) return object;
  if (object.target === undefined) return refuse("NotSymlink");
  return empty(200, {
    "x-oss-symlink-target": encodeURIComponent(object.target),
    ETag: quoted(object.etag),
    "Last-Modified": httpDate(object.modifiedAt),
  });
}

function objectOf({ name }: SandboxBucket, { world, route }: OperationInput): SandboxObject | Refused {
  return world.objects(name).get(route.key) ?? noSuchKey(route.key);
}

/** Stores a changed object, whose time stays: its content is the same. Returns why there is none. */
function change(
  bucket: SandboxBucket,
  input: OperationInput,
  changed: (object: SandboxObject) => SandboxObject,
): Refused | undefined {
  const object = objectOf(bucket, input);
  if ("refusal" in object) return object;
  input.world.objects(bucket.name).put(changed(object));
  return undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
