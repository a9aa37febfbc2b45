import type { SandboxBucket } from "../state/world.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { childText, childrenOf, parseXml } from "../wire/xml-read.ts";
import type { XmlNode } from "../wire/xml.ts";
import { encodingOf } from "./encoding-type.ts";
import { empty, xml, type OperationInput, type OperationResult } from "./operation.ts";
import { sourceContext } from "./source-context.ts";

/** Limit of the keys of one call (OSS docs: DeleteMultipleObjects). */
const maxKeys = 1000;

/** Deletes an object; 204 even if there was none. */
export function deleteObject(bucket: SandboxBucket, { world, route }: OperationInput): OperationResult {
  world.objects(bucket.name).remove([route.key]);
  return empty(204);
}

/** Deletes the objects that the body names. If the caller may not delete one of them, none is deleted, which is inferred. */
export function deleteMultipleObjects(bucket: SandboxBucket, input: OperationInput): OperationResult {
  const { world, route, headers, body } = input;
  const encoding = encodingOf(route.query);
  if ("refusal" in encoding) return encoding;
  // The header is required (OSS docs: DeleteMultipleObjects); the code without it is inferred.
  if (headers["content-md5"] === undefined)
    return refuse("MissingArgument", { message: "The request needs a Content-MD5." });
  const wanted = parseDelete(body);
  if ("refusal" in wanted) return wanted;
  const refused = wanted.keys
    .map((key) => deleteRefusal(bucket, key, input))
    .find((refusal) => refusal !== undefined);
  if (refused !== undefined) return refused;
  world.objects(bucket.name).remove(wanted.keys);
  if (wanted.isQuiet) return empty(200);
  const deleted = wanted.keys.map((key): XmlNode => ["Deleted", [["Key", encoding.encode(key)]]]);
  return xml(["DeleteResult", [...encoding.nodes, ...deleted]]);
}

interface WantedDelete {
  readonly isQuiet: boolean;
  readonly keys: readonly string[];
}

function parseDelete(body: Uint8Array): WantedDelete | Refused {
  const root = parseXml(body);
  if (root?.name !== "Delete") return refuse("MalformedXML");
  const objects = childrenOf(root, "Object");
  if (objects.some((object) => childText(object, "VersionId") !== undefined))
    return refuse("NotImplemented", { message: "The sandbox has no versions of objects." });
  // A key may begin or end with a blank.
  const keys = objects.map((object) => childrenOf(object, "Key")[0]?.text ?? "");
  if (keys.length === 0 || keys.length > maxKeys || keys.includes("")) return refuse("MalformedXML");
  return { isQuiet: childText(root, "Quiet")?.toLowerCase() === "true", keys };
}

/** Returns why the caller may not delete a key. A Deny has a number of its own for calls of many keys (OSS docs: EC). */
function deleteRefusal(
  bucket: SandboxBucket,
  key: string,
  { world, decide, context }: OperationInput,
): Refused | undefined {
  const object = world.objects(bucket.name).get(key);
  const { refused, by } = decide(bucket, {
    action: "oss:DeleteObject",
    key,
    acl: "write",
    objectAcl: object?.acl ?? "default",
    context: sourceContext(context, bucket, object),
  });
  const isDenied = refused !== undefined && by.kind === "policy" && by.effect === "Deny";
  return isDenied ? { refusal: { ...refused.refusal, ec: "0003-00000204" } } : refused;
}
