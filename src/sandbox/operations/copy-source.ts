import type { SandboxObject } from "../state/object.ts";
import type { SandboxBucket } from "../state/world.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { isFrozen } from "./get-object.ts";
import { noSuchBucket, noSuchKey } from "./object-answer.ts";
import type { OperationInput } from "./operation.ts";
import { sourceContext } from "./source-context.ts";

/** Object that a call copies. */
export interface CopySource {
  readonly bucket: SandboxBucket;
  readonly object: SandboxObject;
}

/**
 * Finds the object in x-oss-copy-source, which the caller must be allowed to read (OSS docs: CopyObject). With `tags`, the
 * caller must be allowed to read those as well, if there are any.
 */
export function copySource(
  target: SandboxBucket,
  input: OperationInput,
  { tags }: { readonly tags: boolean },
): CopySource | Refused {
  const place = parseCopySource(input.headers["x-oss-copy-source"] ?? "");
  if ("refusal" in place) return place;
  const bucket = input.world.bucket(place.bucket);
  if (bucket === undefined) return noSuchBucket(place.bucket);
  // The message is known from reports of users.
  if (bucket.region !== target.region)
    return refuse("AccessDenied", {
      message: "Target object does not reside in the same data center as source object.",
    });
  const object = input.world.objects(bucket.name).get(place.key);
  const refused = readRefusal(bucket, place.key, object, input, tags);
  if (refused !== undefined) return refused;
  if (object === undefined) return noSuchKey(place.key);
  if (isFrozen(object)) return refuse("InvalidObjectState");
  // That it is refused is documented, the code is inferred (OSS docs: CopyObject).
  return object.type === "Appendable" ? refuse("OperationNotSupported") : { bucket, object };
}

function readRefusal(
  bucket: SandboxBucket,
  key: string,
  object: SandboxObject | undefined,
  input: OperationInput,
  withTags: boolean,
): Refused | undefined {
  const context = sourceContext(input.context, bucket, object);
  const demand = { key, objectAcl: object?.acl ?? "default", context } as const;
  const { refused } = input.decide(bucket, { ...demand, action: "oss:GetObject", acl: "read" });
  if (refused !== undefined || !withTags || Object.keys(object?.tags ?? {}).length === 0) return refused;
  return input.decide(bucket, { ...demand, action: "oss:GetObjectTagging" }).refused;
}

/** Parses `/bucket/key`, percent-encoded. A plus sign is a blank: version 1 of the Go SDK writes it so. */
function parseCopySource(text: string): { readonly bucket: string; readonly key: string } | Refused {
  const [path = "", query = ""] = text.split("?");
  if (query !== "") return refuse("NotImplemented", { message: "The sandbox has no versions of objects." });
  const decoded = decode(path.replaceAll("+", " "));
  const match = /^\/?([^/]+)\/(.+)$/s.exec(decoded ?? "");
  if (match === null)
    return refuse("InvalidArgument", {
      message: "Copy Source must mention the source bucket and key: /sourcebucket/sourcekey",
      extras: [
        ["ArgumentName", "x-oss-copy-source"],
        ["ArgumentValue", text],
      ],
    });
  const [, bucket = "", key = ""] = match;
  return { bucket, key };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
