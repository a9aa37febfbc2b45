import type { SandboxBucket } from "../state/world.ts";
import {
  objectAcls,
  storageClasses,
  type ObjectAcl,
  type ObjectAttributes,
  type StorageClass,
} from "../state/object.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import type { OperationInput } from "./operation.ts";
import { parseTags } from "./tags.ts";

/** Headers of an upload that its answers repeat (OSS docs: PutObject). */
const contentHeaders = [
  "content-type",
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];

/** Headers whose features the sandbox does not have: to ignore them would look like success. */
const notModelled = ["x-oss-server-side-encryption", "x-oss-server-side-data-encryption", "x-oss-callback"];

/** Limit of all user metadata of an object (OSS docs: PutObject). The code of the refusal is inferred. */
const maxMetaBytes = 8 * 1024;

type UploadInput = Pick<OperationInput, "headers" | "accountBlock">;

/** Reads what the headers of an upload say about its object. */
export function attributesOf(bucket: SandboxBucket, input: UploadInput): ObjectAttributes | Refused {
  const { headers } = input;
  const unknown = notModelled.find((name) => name in headers);
  if (unknown !== undefined)
    return refuse("NotImplemented", { message: `The sandbox does not have the feature of ${unknown}.` });
  const acl = objectAclOf(bucket, input);
  if (typeof acl === "object") return acl;
  const storageClass = storageClassOf(bucket, headers);
  if (typeof storageClass === "object") return storageClass;
  const tags = parseTags(headers["x-oss-tagging"] ?? "");
  if ("refusal" in tags) return tags;
  const kept = keptHeaders(headers);
  return "refusal" in kept ? kept : { acl, storageClass, headers: kept.headers, tags: tags.tags };
}

/**
 * Returns the ACL in x-oss-object-acl; `default` without one. Block Public Access refuses a public one, with a message
 * that is known from reports of users (OSS docs: Block Public Access).
 */
export function objectAclOf(
  bucket: SandboxBucket,
  { headers, accountBlock }: UploadInput,
): ObjectAcl | Refused {
  const word = headers["x-oss-object-acl"] || "default";
  const acl = objectAcls.find((each) => each === word);
  if (acl === undefined)
    return refuse("InvalidArgument", {
      message: "no such object access control exists",
      extras: [
        ["ArgumentName", "x-oss-object-acl"],
        ["ArgumentValue", word],
      ],
    });
  const isPublic = acl === "public-read" || acl === "public-read-write";
  if (isPublic && (bucket.blockPublicAccess === true || accountBlock))
    return refuse("AccessDenied", { message: "Put public object acl is not allowed" });
  return acl;
}

/** Returns the storage class of an upload; that of its bucket by default (OSS docs: PutObject). */
function storageClassOf(bucket: SandboxBucket, headers: UploadInput["headers"]): StorageClass | Refused {
  const word = headers["x-oss-storage-class"] || (bucket.storageClass ?? "Standard");
  return (
    storageClasses.find((each) => each === word) ??
    refuse("InvalidArgument", {
      message: "The storage class is not one of OSS.",
      extras: [
        ["ArgumentName", "x-oss-storage-class"],
        ["ArgumentValue", word],
      ],
    })
  );
}

/** Returns the headers that the object keeps. Their bytes above 127 are kept as they are. */
function keptHeaders(
  headers: UploadInput["headers"],
): { readonly headers: Record<string, string> } | Refused {
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== "" && (contentHeaders.includes(name) || isMeta(name)),
  );
  const metaBytes = kept
    .filter(([name]) => isMeta(name))
    .reduce((sum, [name, value]) => sum + name.length - metaPrefix.length + value.length, 0);
  if (metaBytes > maxMetaBytes)
    return refuse("InvalidArgument", { message: "The user metadata has more than 8 KB." });
  // A field of a form has any name, and the answer to a read could not have this header.
  if (kept.some(([name]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name)))
    return refuse("InvalidArgument", { message: "The name of a metadata header is not valid." });
  return { headers: Object.fromEntries(kept) };
}

const metaPrefix = "x-oss-meta-";

function isMeta(name: string): boolean {
  return name.startsWith(metaPrefix) && name !== metaPrefix;
}
