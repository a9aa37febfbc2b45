import { ownerNode, xml, type Done, type OperationInput } from "./operation.ts";
import { refuse, type Refused } from "./wire-error.ts";
import { bucketAcls, type SandboxBucket, type BucketAcl, type World } from "./world.ts";

/** Without the header the ACL stays (OSS docs: PutBucketAcl). */
export function putBucketAcl(
  world: World,
  bucket: SandboxBucket,
  { headers, accountBlock }: OperationInput,
): Done | Refused {
  const asked = askedAcl(headers);
  if (asked === undefined) return { status: 200, body: "" };
  if (typeof asked === "object") return asked;
  // The message is known from reports of users, its EC is not (OSS docs: Block Public Access).
  if ((bucket.blockPublicAccess === true || accountBlock) && asked !== "private")
    return refuse("AccessDenied", { message: "Put public bucket acl is not allowed" });
  world.put({ ...bucket, acl: asked });
  return { status: 200, body: "" };
}

/** Undefined where the request has no x-oss-acl; a word that is no ACL is refused (OSS docs: PutBucketAcl). */
export function askedAcl(headers: OperationInput["headers"]): BucketAcl | undefined | Refused {
  const word = headers["x-oss-acl"];
  if (word === undefined) return undefined;
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

export function getBucketAcl(_world: World, bucket: SandboxBucket, { account }: OperationInput): Done {
  const grant = bucket.acl ?? "private";
  return xml(["AccessControlPolicy", [ownerNode(account), ["AccessControlList", [["Grant", grant]]]]]);
}

/** The policy and the ACL that stand there stay: what is public in them is ignored from now on. */
export function putBucketPublicAccessBlock(
  world: World,
  bucket: SandboxBucket,
  { body }: OperationInput,
): Done | Refused {
  const blockPublicAccess = readPublicAccessBlock(new TextDecoder().decode(body));
  if (blockPublicAccess === undefined) return refuse("MalformedXML");
  world.put({ ...bucket, blockPublicAccess });
  return { status: 200, body: "" };
}

/** Never a 404: what was not put, or was deleted, is off. */
export function getBucketPublicAccessBlock(_world: World, bucket: SandboxBucket): Done {
  return publicAccessBlock(bucket.blockPublicAccess ?? false);
}

/** The answer for a bucket, and for the account. */
export function publicAccessBlock(isOn: boolean): Done {
  return xml(["PublicAccessBlockConfiguration", [["BlockPublicAccess", String(isOn)]]]);
}

export function deleteBucketPublicAccessBlock(world: World, bucket: SandboxBucket): Done {
  world.put({ ...bucket, blockPublicAccess: false });
  return { status: 204, body: "" };
}

/** Off where the element is left out (OSS docs: PutBucketPublicAccessBlock); undefined for any other document. */
function readPublicAccessBlock(text: string): boolean | undefined {
  const inner = configurationForm.exec(text);
  if (inner === null) return undefined;
  return inner[1] === "true";
}

/** The whole document: there is one element in it, so that it needs no parser. */
const configurationForm =
  /^\ufeff?\s*(?:<\?xml[^<>]*\?>)?\s*<PublicAccessBlockConfiguration(?:\s[^<>]*)?(?:\/>|>\s*(?:<BlockPublicAccess>\s*(true|false)\s*<\/BlockPublicAccess>|<BlockPublicAccess\s*\/>)?\s*<\/PublicAccessBlockConfiguration\s*>)\s*$/;
