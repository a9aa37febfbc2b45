import { Readable } from "node:stream";
import { bytesInMemory, type Bodies } from "../state/bodies.ts";
import type { ByteRange } from "../state/body.ts";
import type { SandboxObject } from "../state/object.ts";
import type { SandboxBucket } from "../state/world.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { rangeOf } from "./byte-range.ts";
import { httpDate, noSuchKey, objectHeaders, quoted } from "./object-answer.ts";
import { empty, type Content, type Done, type OperationInput, type OperationResult } from "./operation.ts";
import { failedPrecondition } from "./preconditions.ts";
import { sourceContext } from "./source-context.ts";

/** Returns the bytes of an object, or a range of them. A symlink is followed. */
export function getObject(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const overrides = overridesOf(input);
  if ("refusal" in overrides) return overrides;
  const object = readableObject(bucket, input);
  if ("refusal" in object) return object;
  if (isFrozen(object)) return refuse("InvalidObjectState");
  const refused = failedPrecondition(object, input.headers);
  if (refused !== undefined) return refused;
  const { body } = object;
  const isStandard = input.headers["x-oss-range-behavior"] === "standard";
  const range = rangeOf(input.headers["range"], body.size, isStandard);
  if (range === "unsatisfiable") return refuse("InvalidRange");
  const headers = { ...objectHeaders(object), ...overrides.headers };
  const { bodies } = input.world;
  if (range === "none") return { status: 200, body: contentOf(bodies, object), headers };
  const contentRange = `bytes ${range.first}-${range.last}/${body.size}`;
  return {
    status: 206,
    body: contentOf(bodies, object, range),
    headers: { ...headers, "Content-Range": contentRange },
  };
}

/** Returns the headers of GetObject without the bytes. */
export function headObject(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const object = readableObject(bucket, input);
  if ("refusal" in object) return object;
  const refused = failedPrecondition(object, input.headers);
  return refused ?? head(object, objectHeaders(object));
}

/** Returns the size, the ETag and the time of an object, and not its other headers. A symlink is not followed. */
export function getObjectMeta(bucket: SandboxBucket, { world, route }: OperationInput): OperationResult {
  const object = world.objects(bucket.name).get(route.key);
  if (object === undefined) return noSuchKey(route.key);
  return head(object, {
    ETag: quoted(object.etag),
    "Last-Modified": httpDate(object.modifiedAt),
    "x-oss-hash-crc64ecma": object.body.crc64,
  });
}

/** The answer to a HEAD has the length of the body, and no body. */
function head({ body }: SandboxObject, headers: Done["headers"]): Done {
  return {
    ...empty(200, headers),
    body: { length: body.size, open: () => Readable.from([]), discard: () => undefined },
  };
}

/** Returns the bytes of an object, which stay those of now while they are sent. */
function contentOf(bodies: Bodies, { body }: SandboxObject, range?: ByteRange): Buffer | Content {
  const bytes = bytesInMemory(body);
  if (bytes !== undefined) return range === undefined ? bytes : bytes.subarray(range.first, range.last + 1);
  const stream = bodies.stream(body, range);
  const length = range === undefined ? body.size : range.last - range.first + 1;
  return { length, open: () => stream, discard: () => stream.destroy() };
}

/** Archived objects cannot be read before they are restored, which the sandbox does not do (OSS docs: GetObject). */
export function isFrozen({ storageClass }: SandboxObject): boolean {
  return ["Archive", "ColdArchive", "DeepColdArchive"].includes(storageClass);
}

/**
 * Returns the object of a call; for a symlink the bytes of its target, with the newer time of both (OSS docs: HeadObject).
 * The caller must be allowed to read the target as well (OSS docs: PutSymlink).
 */
function readableObject(bucket: SandboxBucket, input: OperationInput): SandboxObject | Refused {
  const { world, route, context } = input;
  const objects = world.objects(bucket.name);
  const object = objects.get(route.key);
  if (object === undefined) return noSuchKey(route.key);
  if (object.target === undefined) return object;
  const target = objects.get(object.target);
  if (target === undefined) return refuse("SymlinkTargetNotExist");
  if (target.type === "Symlink") return refuse("InvalidTargetType");
  const demand = {
    action: "oss:GetObject",
    key: target.key,
    acl: "read",
    objectAcl: target.acl,
    // The tags of the link, which whoever makes it chooses, say nothing about its target.
    context: sourceContext(context, bucket, target),
  } as const;
  const { refused } = input.decide(bucket, demand);
  if (refused !== undefined) return refused;
  const modifiedAt = target.modifiedAt > object.modifiedAt ? target.modifiedAt : object.modifiedAt;
  return { ...object, body: target.body, etag: target.etag, modifiedAt };
}

/**
 * Returns the headers that a signed call sets by `response-...` parameters. That an anonymous one may not is documented, the
 * code is inferred (OSS docs: GetObject).
 */
function overridesOf({
  route,
  caller,
}: OperationInput): { readonly headers: Record<string, string> } | Refused {
  const given = overridable.flatMap((name) => {
    const value = queryValue(route.query, `response-${name.toLowerCase()}`);
    return value === undefined ? [] : [[name, Buffer.from(value).toString("latin1")] as const];
  });
  if (given.length > 0 && caller.identity.kind === "anonymous")
    return refuse("InvalidRequest", { message: "An anonymous call cannot set headers of the answer." });
  // A control character could end the header.
  const wrong = given.find(([, value]) => /[\u0000-\u001f\u007f]/.test(value));
  if (wrong !== undefined)
    return refuse("InvalidArgument", {
      message: `The value of response-${wrong[0].toLowerCase()} is not valid.`,
    });
  return { headers: Object.fromEntries(given) };
}

const overridable = [
  "Content-Type",
  "Content-Language",
  "Expires",
  "Cache-Control",
  "Content-Disposition",
  "Content-Encoding",
];
