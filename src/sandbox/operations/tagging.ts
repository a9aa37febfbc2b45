import type { SandboxBucket } from "../state/world.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { childText, childrenOf, parseXml } from "../wire/xml-read.ts";
import type { XmlNode } from "../wire/xml.ts";
import { empty, xml, type Done, type OperationInput, type OperationResult } from "./operation.ts";
import { checkTags, maxBucketTags, type TagRecord } from "./tags.ts";

/** Reads `<Tagging><TagSet><Tag><Key/><Value/></Tag></TagSet></Tagging>`; `most` is the limit of the tags. */
export function readTagging(body: Uint8Array, most?: number): { readonly tags: TagRecord } | Refused {
  const root = parseXml(body);
  const set = root?.name === "Tagging" ? childrenOf(root, "TagSet")[0] : undefined;
  if (set === undefined) return refuse("MalformedXML");
  const pairs = childrenOf(set, "Tag").map(
    (tag) => [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""] as const,
  );
  return checkTags(pairs, most);
}

/** Returns the answer that lists tags; an empty set if there are none. */
export function taggingXml(tags: TagRecord): Done {
  const nodes = Object.entries(tags).map(([key, value]): XmlNode => [
    "Tag",
    [
      ["Key", key],
      ["Value", value],
    ],
  ]);
  return xml(["Tagging", [["TagSet", nodes]]]);
}

/** Replaces the tags of a bucket. */
export function putBucketTagging(bucket: SandboxBucket, { world, body }: OperationInput): OperationResult {
  const read = readTagging(body, maxBucketTags);
  if ("refusal" in read) return read;
  world.put({ ...bucket, tags: read.tags });
  return empty(200);
}

export function getBucketTagging({ tags }: SandboxBucket): Done {
  return taggingXml(tags ?? {});
}

export function deleteBucketTagging(bucket: SandboxBucket, { world }: OperationInput): Done {
  world.put({ ...bucket, tags: {} });
  return empty(204);
}
