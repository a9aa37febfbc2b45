import { createHash } from "node:crypto";
import { followedBy, emptyBody } from "../state/body.ts";
import type { UploadedPart } from "../state/object.ts";
import { timeNow } from "../state/time.ts";
import type { SandboxBucket } from "../state/world.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { childText, childrenOf, parseXml, type RequestElement } from "../wire/xml-read.ts";
import { encodingOf } from "./encoding-type.ts";
import { uploadOf } from "./multipart.ts";
import { objectAclOf } from "./object-attributes.ts";
import { quoted } from "./object-answer.ts";
import { xml, type OperationInput, type OperationResult } from "./operation.ts";
import { overwriteRefusal } from "./put-object.ts";

/** Size that each part but the last has at least (OSS docs: CompleteMultipartUpload). */
const minPartBytes = 100 * 1024;

/** Makes the object of the parts that the call names, or of all of them with x-oss-complete-all. */
export function completeMultipartUpload(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route } = input;
  const objects = world.objects(bucket.name);
  const encoding = encodingOf(route.query);
  if ("refusal" in encoding) return encoding;
  const upload = uploadOf(bucket, input);
  if ("refusal" in upload) return upload;
  const parts = chosenParts(objects.parts(upload.id), input);
  if ("refusal" in parts) return parts;
  const acl = input.headers["x-oss-object-acl"] ? objectAclOf(bucket, input) : upload.acl;
  if (typeof acl === "object") return acl;
  const refused = overwriteRefusal(bucket, route.key, input);
  if (refused !== undefined) return { refusal: { ...refused.refusal, ec: "0042-00000214" } };

  const { key, storageClass, headers, tags } = upload;
  const body = parts.map((part) => part.body).reduce(followedBy, emptyBody);
  const etag = multipartEtag(parts);
  const attributes = { acl, storageClass, headers, tags };
  objects.put({ ...attributes, key, type: "Multipart", body, etag, modifiedAt: timeNow() }, upload.id);
  const answer = xml([
    "CompleteMultipartUploadResult",
    [
      ...encoding.nodes,
      ["Location", `http://${input.headers["host"] ?? bucket.name}/${encodeURIComponent(key)}`],
      ["Bucket", bucket.name],
      ["Key", encoding.encode(key)],
      ["ETag", quoted(etag)],
    ],
  ]);
  return { ...answer, headers: { ETag: quoted(etag), "x-oss-hash-crc64ecma": body.crc64 } };
}

/** Returns the parts of the object in their order, or why there is none. */
function chosenParts(
  uploaded: readonly UploadedPart[],
  { headers, body }: OperationInput,
): readonly UploadedPart[] | Refused {
  const isAll = headers["x-oss-complete-all"]?.toLowerCase() === "yes";
  if (isAll && body.byteLength > 0)
    return refuse("InvalidArgument", { message: "A call with x-oss-complete-all has no body." });
  const parts = isAll ? uploaded : namedParts(uploaded, body);
  if ("refusal" in parts) return parts;
  if (parts.length === 0) return refuse("MalformedXML");
  const isTooSmall = parts.slice(0, -1).some((part) => part.body.size < minPartBytes);
  return isTooSmall ? refuse("EntityTooSmall") : parts;
}

function namedParts(uploaded: readonly UploadedPart[], body: Uint8Array): readonly UploadedPart[] | Refused {
  const root = parseXml(body);
  if (root?.name !== "CompleteMultipartUpload") return refuse("MalformedXML");
  const named = childrenOf(root, "Part").map(readPart);
  const numbers = named.map(({ number }) => number);
  if (numbers.some(Number.isNaN)) return refuse("MalformedXML");
  if (numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) return refuse("InvalidPartOrder");
  const byNumber = new Map(uploaded.map((part) => [part.number, part]));
  const parts = named.flatMap(({ number, etag }) => {
    const part = byNumber.get(number);
    return part?.etag === etag ? [part] : [];
  });
  return parts.length === named.length ? parts : refuse("InvalidPart");
}

/** Reads a part, whose ETag may lack its quotes. */
function readPart(part: RequestElement): { readonly number: number; readonly etag: string } {
  const number = childText(part, "PartNumber") ?? "";
  const etag = (childText(part, "ETag") ?? "").replace(/^"(.*)"$/, "$1").toUpperCase();
  return { number: /^\d{1,5}$/.test(number) ? Number(number) : NaN, etag };
}

/** The rule of this ETag is not documented; that in the documentation ends with the number of parts. */
function multipartEtag(parts: readonly UploadedPart[]): string {
  const hash = createHash("md5");
  for (const { etag } of parts) hash.update(Buffer.from(etag, "hex"));
  return `${hash.digest("hex").toUpperCase()}-${parts.length}`;
}
