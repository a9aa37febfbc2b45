import { empty, ownerNode, xml, type Done, type OperationInput } from "./operation.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { childText, parseXml } from "../wire/xml-read.ts";
import { bucketAcls, type SandboxBucket, type BucketAcl } from "../state/world.ts";

/** Sets the ACL. Without the header the ACL stays (OSS docs: PutBucketAcl). */
export function putBucketAcl(
  bucket: SandboxBucket,
  { world, headers, accountBlock }: OperationInput,
): Done | Refused {
  const acl = aclFromHeaders(headers);
  if (acl === undefined) return empty(200);
  if (typeof acl === "object") return acl;
  if ((bucket.blockPublicAccess === true || accountBlock) && acl !== "private") return publicAclRefusal();
  world.put({ ...bucket, acl });
  return empty(200);
}

/**
 * Returns the refusal of a public ACL under Block Public Access (OSS docs). Its message is known from reports of users, its
 * EC is not.
 */
export function publicAclRefusal(): Refused {
  return refuse("AccessDenied", { message: "Put public bucket acl is not allowed" });
}

/** Returns the ACL in x-oss-acl; undefined without the header, refused if invalid (OSS docs: PutBucketAcl). */
export function aclFromHeaders(headers: OperationInput["headers"]): BucketAcl | undefined | Refused {
  const word = headers["x-oss-acl"];
  // Terraform's provider sends an empty one.
  if (word === undefined || word === "") return undefined;
  return (
    bucketAcls.find((acl) => acl === word) ??
    refuse("InvalidArgument", {
      message: "no such bucket access control exists",
      extras: [
        ["ArgumentName", "x-oss-acl"],
        ["ArgumentValue", word],
      ],
    })
  );
}

export function getBucketAcl(bucket: SandboxBucket, { firstAccount }: OperationInput): Done {
  const grant = bucket.acl ?? "private";
  return xml([
    "AccessControlPolicy",
    [ownerNode(bucket.owner ?? firstAccount), ["AccessControlList", [["Grant", grant]]]],
  ]);
}

/** Switches Block Public Access. The stored policy and ACL stay, but their public grants are ignored from now on. */
export function putBucketPublicAccessBlock(
  bucket: SandboxBucket,
  { world, body }: OperationInput,
): Done | Refused {
  const blockPublicAccess = readPublicAccessBlock(body);
  if (blockPublicAccess === undefined) return refuse("MalformedXML");
  world.put({ ...bucket, blockPublicAccess });
  return empty(200);
}

/** Returns the state of Block Public Access, never a 404: it is off if it was not put, or was deleted. */
export function getBucketPublicAccessBlock(bucket: SandboxBucket): Done {
  return publicAccessBlock(bucket.blockPublicAccess ?? false);
}

/** Returns the answer for a bucket or for the account. */
export function publicAccessBlock(isOn: boolean): Done {
  return xml(["PublicAccessBlockConfiguration", [["BlockPublicAccess", String(isOn)]]]);
}

export function deleteBucketPublicAccessBlock(bucket: SandboxBucket, { world }: OperationInput): Done {
  world.put({ ...bucket, blockPublicAccess: false });
  return empty(204);
}

/**
 * Parses the body. A missing element means off (OSS docs: PutBucketPublicAccessBlock); undefined if invalid. The SDKs for
 * Python write `True`.
 */
export function readPublicAccessBlock(body: Uint8Array): boolean | undefined {
  const root = parseXml(body);
  const isKnown = root?.name === "PublicAccessBlockConfiguration" && root.children.length <= 1;
  if (!isKnown || root.children.some(({ name }) => name !== "BlockPublicAccess")) return undefined;
  const word = childText(root, "BlockPublicAccess")?.toLowerCase() ?? "";
  return ["true", "false", ""].includes(word) ? word === "true" : undefined;
}
