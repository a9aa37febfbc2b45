import { stored, type ReceivedBody } from "../state/body.ts";
import { maxBodyBytes } from "../state/bodies.ts";
import type { SandboxBucket } from "../state/world.ts";
import { timeNow } from "../state/time.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { attributesOf } from "./object-attributes.ts";
import { contentMd5, noSuchBucket, uploadHeaders } from "./object-answer.ts";
import { empty, type OperationInput, type OperationResult } from "./operation.ts";

/** Stores an object under the key of the call. */
export async function putObject(bucket: SandboxBucket, input: OperationInput): Promise<OperationResult> {
  const { key } = input.route;
  const attributes = attributesOf(bucket, input);
  if ("refusal" in attributes) return attributes;
  return withBody(bucket, input, (body) => {
    const refused = overwriteRefusal(bucket, key, input);
    if (refused !== undefined) return refused;
    const { md5: etag, crc64 } = body;
    input.world
      .objects(bucket.name)
      .put({ ...attributes, key, type: "Normal", body: stored(body), etag, modifiedAt: timeNow() });
    return empty(200, uploadHeaders(etag, crc64));
  });
}

type BodyInput = Pick<OperationInput, "headers" | "stream" | "world">;

/**
 * Receives the body of a call, checks its length and its MD5, and gives it to `use`, unless the bucket was deleted in the
 * meantime. What no record holds afterwards is deleted, so a refusal leaves nothing.
 */
export async function withBody(
  { name }: SandboxBucket,
  { headers, stream, world }: BodyInput,
  use: (body: ReceivedBody) => OperationResult | Promise<OperationResult>,
): Promise<OperationResult> {
  const length = headers["content-length"];
  if (length === undefined && headers["transfer-encoding"] === undefined)
    return refuse("MissingContentLength");
  if (Number(length ?? 0) > maxBodyBytes) return refuse("EntityTooLarge");
  const body = await world.bodies.receive(stream);
  if (body === "too-large") return refuse("EntityTooLarge");
  try {
    const digest = headers["content-md5"];
    if (digest !== undefined && digest !== contentMd5(body.md5)) return refuse("InvalidDigest");
    return world.bucket(name) === undefined ? noSuchBucket(name) : await use(body);
  } finally {
    world.bodies.drop(body);
  }
}

/** Refuses to replace an object if the call forbids that (OSS docs: x-oss-forbid-overwrite). */
export function overwriteRefusal(
  bucket: SandboxBucket,
  key: string,
  { headers, world }: Pick<OperationInput, "headers" | "world">,
): Refused | undefined {
  const word = headers["x-oss-forbid-overwrite"] || "false";
  if (!/^(true|false)$/i.test(word))
    return refuse("InvalidArgument", {
      ec: "0017-00000279",
      message: "The x-oss-forbid-overwrite header must be true or false.",
    });
  const isForbidden = word.toLowerCase() === "true";
  return isForbidden && world.objects(bucket.name).get(key) !== undefined
    ? refuse("FileAlreadyExists")
    : undefined;
}
