import { createHash } from "node:crypto";
import { maxBodyBytes, type Bodies } from "../state/bodies.ts";
import { followedBy, stored, type Body, type ReceivedBody } from "../state/body.ts";
import type { SandboxObject } from "../state/object.ts";
import { timeNow } from "../state/time.ts";
import type { SandboxBucket } from "../state/world.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { attributesOf } from "./object-attributes.ts";
import { noSuchBucket, quoted } from "./object-answer.ts";
import { empty, type OperationInput, type OperationResult } from "./operation.ts";
import { withBody } from "./put-object.ts";

/** Adds bytes to the end of an object, or makes one that can be appended to (OSS docs: AppendObject). */
export async function appendObject(bucket: SandboxBucket, input: OperationInput): Promise<OperationResult> {
  const { world, route } = input;
  const attributes = attributesOf(bucket, input);
  if ("refusal" in attributes) return attributes;
  const position = queryValue(route.query, "position") ?? "";
  if (!/^\d{1,15}$/.test(position))
    return refuse("InvalidArgument", { message: "The position must be a number." });
  return withBody(bucket, input, async (received) => {
    const before = world.objects(bucket.name).get(route.key);
    const refused = appendRefusal(before, Number(position), received.size);
    if (refused !== undefined) return refused;
    const body = await joined(world.bodies, before?.body, received);
    try {
      // Another call may have come first while the bytes were joined.
      if (world.bucket(bucket.name) === undefined) return noSuchBucket(bucket.name);
      const objects = world.objects(bucket.name);
      const now = objects.get(route.key);
      if (now !== before) return refusePosition(now);
      const etag = appendedEtag(before?.etag, received.md5);
      // What an object is given when it is made stays.
      const made = { ...(before ?? attributes), key: route.key, type: "Appendable" } as const;
      objects.put({ ...made, body, etag, modifiedAt: timeNow() });
      const headers = { ETag: quoted(etag), "x-oss-hash-crc64ecma": body.crc64 };
      return empty(200, { ...headers, ...nextPosition(body.size) });
    } finally {
      world.bodies.drop(body);
    }
  });
}

function appendRefusal(
  before: SandboxObject | undefined,
  position: number,
  added: number,
): Refused | undefined {
  if (before !== undefined && before.type !== "Appendable") return refuse("ObjectNotAppendable");
  const size = before?.body.size ?? 0;
  if (position !== size) return refusePosition(before);
  return size + added > maxBodyBytes ? refuse("EntityTooLarge") : undefined;
}

/** The refusal says what the position must be (OSS docs: AppendObject). */
function refusePosition(before: SandboxObject | undefined): Refused {
  return refuse("PositionNotEqualToLength", { headers: nextPosition(before?.body.size ?? 0) });
}

function nextPosition(size: number): Readonly<Record<string, string>> {
  return { "x-oss-next-append-position": String(size) };
}

/** Limit of the segments of a body; more are copied into one, so that an object of many small appends stays cheap. */
const maxSegments = 64;

/** Returns a body with the bytes of both, which the caller holds. */
async function joined(bodies: Bodies, before: Body | undefined, received: ReceivedBody): Promise<Body> {
  const added = stored(received);
  const whole = before === undefined ? added : followedBy(before, added);
  if (whole.segments.length <= maxSegments) {
    bodies.hold(whole);
    return whole;
  }
  const copied = await bodies.receive(bodies.stream(whole));
  if (copied === "too-large") throw new Error("an object that was checked is too large");
  return stored(copied);
}

/** The rule of this ETag is not documented; those in the documentation end with eight zeros (OSS docs: EC 0026-00000017). */
function appendedEtag(before: string | undefined, md5: string): string {
  const hash = createHash("md5")
    .update(`${before ?? ""}${md5}`)
    .digest("hex")
    .toUpperCase();
  return `${hash.slice(0, 24)}00000000`;
}
