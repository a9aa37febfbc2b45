import { isPublicText } from "../../policy/public-status.ts";
import {
  aclFromHeaders,
  publicAclRefusal,
  deleteBucketPublicAccessBlock,
  getBucketAcl,
  getBucketPublicAccessBlock,
  putBucketAcl,
  publicAccessBlock,
  putBucketPublicAccessBlock,
  readPublicAccessBlock,
} from "./bucket-access.ts";
import {
  empty,
  ownerNode,
  xml,
  type BucketOperation,
  type Done,
  type OperationInput,
  type ServiceOperation,
} from "./operation.ts";
import { getBucketStat, unsetSettings } from "./bucket-settings.ts";
import { checkPolicy } from "./policy-check.ts";
import { objectOperations } from "./served-objects.ts";
import { deleteBucketTagging, getBucketTagging, putBucketTagging } from "./tagging.ts";
import type { ServedOperation } from "./table.ts";
import { queryValue } from "../wire/place.ts";
import { refuse, type Refused } from "../wire/wire-error.ts";
import { redundancies } from "../state/bucket.ts";
import { storageClasses } from "../state/object.ts";
import { timeNow } from "../state/time.ts";
import type { SandboxBucket } from "../state/world.ts";
import { childText, parseXml } from "../wire/xml-read.ts";
import type { XmlNode } from "../wire/xml.ts";

/** Operations on the service, without a bucket. */
export const serviceOperations: Partial<Record<ServedOperation, ServiceOperation>> = {
  ListBuckets: listBuckets,
  GetPublicAccessBlock: ({ accountBlock }) => publicAccessBlock(accountBlock),
  PutPublicAccessBlock: putPublicAccessBlock,
  DeletePublicAccessBlock: ({ world, caller }) => {
    world.setAccountBlock(accountOf(caller), false);
    return empty(204);
  },
  PutBucket: putBucket,
};

/** Operations on a bucket that exists, or on an object of it. */
export const bucketOperations: Partial<Record<ServedOperation, BucketOperation>> = {
  ...objectOperations,
  ...unsetSettings,
  DeleteBucket: deleteBucket,
  GetBucketInfo: getBucketInfo,
  GetBucketLocation: getBucketLocation,
  GetBucketStat: getBucketStat,
  PutBucketTagging: putBucketTagging,
  GetBucketTagging: getBucketTagging,
  DeleteBucketTagging: deleteBucketTagging,
  PutBucketPolicy: putBucketPolicy,
  GetBucketPolicy: getBucketPolicy,
  DeleteBucketPolicy: deleteBucketPolicy,
  GetBucketPolicyStatus: getBucketPolicyStatus,
  PutBucketAcl: putBucketAcl,
  GetBucketAcl: getBucketAcl,
  PutBucketPublicAccessBlock: putBucketPublicAccessBlock,
  GetBucketPublicAccessBlock: getBucketPublicAccessBlock,
  DeleteBucketPublicAccessBlock: deleteBucketPublicAccessBlock,
};

/** Switches Block Public Access of the caller's account. What is public stays stored, and counts for nothing meanwhile. */
function putPublicAccessBlock({ world, caller, body }: OperationInput): Done | Refused {
  const isOn = readPublicAccessBlock(body);
  if (isOn === undefined) return refuse("MalformedXML");
  world.setAccountBlock(accountOf(caller), isOn);
  return empty(200);
}

/** Lists the buckets of all regions by page. */
function listBuckets({ world, route, caller, firstAccount }: OperationInput): Done | Refused {
  const account = accountOf(caller);
  const prefix = queryValue(route.query, "prefix") ?? "";
  const marker = queryValue(route.query, "marker") ?? "";
  const most = queryValue(route.query, "max-keys") ?? "100";
  if (!/^\d{1,4}$/.test(most) || Number(most) < 1 || Number(most) > 1000) {
    return refuse("InvalidArgument", { message: "The max-keys must be a number from 1 to 1000." });
  }
  const own = world.buckets().filter(({ owner = firstAccount }) => owner === account);
  const rest = own.filter(({ name }) => name.startsWith(prefix) && name > marker);
  const page = rest.slice(0, Number(most));
  // The last page has none of these nodes, not even IsTruncated (OSS docs: GetService).
  const paging: readonly XmlNode[] =
    page.length === rest.length
      ? []
      : [
          ["Prefix", prefix],
          ["Marker", marker],
          ["MaxKeys", most],
          ["IsTruncated", "true"],
          ["NextMarker", page.at(-1)?.name ?? ""],
        ];
  const buckets: readonly XmlNode[] = page.map((bucket) => ["Bucket", addressNodes(bucket)]);
  return xml(["ListAllMyBucketsResult", [...paging, ownerNode(account), ["Buckets", buckets]]]);
}

/** Creates a bucket, which belongs to the account of the caller. */
export function putBucket(input: OperationInput): Done | Refused {
  const { world, route, caller, headers, firstAccount, body, accountBlock } = input;
  const { bucket: name = "" } = route;
  if (world.bucket(name) !== undefined) {
    return refuse("BucketAlreadyExists", { extras: [["BucketName", name]] });
  }
  const acl = aclFromHeaders(headers);
  if (typeof acl === "object") return acl;
  if (accountBlock && acl !== undefined && acl !== "private") return publicAclRefusal();
  const account = accountOf(caller);
  const owner = account === firstAccount ? {} : { owner: account };
  const region = caller.region ?? route.region ?? defaultRegion;
  const configuration = readConfiguration(body);
  if ("refusal" in configuration) return configuration;
  const bucket = { name, region, createdAt: timeNow(), ...owner, ...configuration };
  world.put(acl === undefined ? bucket : { ...bucket, acl });
  return empty(200);
}

/** Reads CreateBucketConfiguration, of which nothing has to be given (OSS docs: PutBucket). */
function readConfiguration(body: Uint8Array): Pick<SandboxBucket, "storageClass" | "redundancy"> | Refused {
  if (body.byteLength === 0) return {};
  const root = parseXml(body);
  if (root?.name !== "CreateBucketConfiguration") return refuse("MalformedXML");
  const [classWord, redundancyWord] = ["StorageClass", "DataRedundancyType"].map((name) =>
    childText(root, name),
  );
  const storageClass = storageClasses.find((each) => each === classWord);
  const redundancy = redundancies.find((each) => each === redundancyWord);
  if ((classWord && storageClass === undefined) || (redundancyWord && redundancy === undefined))
    return refuse("InvalidArgument", { message: "The storage class or the redundancy is not one of OSS." });
  return {
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(redundancy === undefined ? {} : { redundancy }),
  };
}

/** Region of a bucket that is created by a call that names none, as V1 in path style does. */
const defaultRegion = "cn-hangzhou";

function accountOf({ identity }: OperationInput["caller"]): string {
  return identity.kind === "anonymous" ? "" : identity.account;
}

/** Deletes a bucket, which must have no objects and no parts of uploads (OSS docs: DeleteBucket). */
function deleteBucket(bucket: SandboxBucket, { world }: OperationInput): Done | Refused {
  if (!world.objects(bucket.name).isEmpty())
    return refuse("BucketNotEmpty", { extras: [["BucketName", bucket.name]] });
  world.remove(bucket.name);
  return empty(204);
}

function getBucketInfo(bucket: SandboxBucket, { firstAccount }: OperationInput): Done {
  const fields: readonly XmlNode[] = [
    ...addressNodes(bucket),
    ["AccessControlList", [["Grant", bucket.acl ?? "private"]]],
    ["DataRedundancyType", bucket.redundancy ?? "LRS"],
    ownerNode(bucket.owner ?? firstAccount),
    ["BlockPublicAccess", String(bucket.blockPublicAccess ?? false)],
    // Despite its name, this is about access logs (OSS docs: GetBucketInfo).
    [
      "BucketPolicy",
      [
        ["LogBucket", ""],
        ["LogPrefix", ""],
      ],
    ],
  ];
  return xml(["BucketInfo", [["Bucket", fields]]]);
}

function getBucketLocation(bucket: SandboxBucket): Done {
  return xml(["LocationConstraint", `oss-${bucket.region}`]);
}

function putBucketPolicy(
  bucket: SandboxBucket,
  { world, body, accountBlock }: OperationInput,
): Done | Refused {
  const refused = checkPolicy(body);
  // The code and the status are documented for a body that is not JSON, and inferred for the other refusals.
  if (refused !== undefined) return refuse("InvalidPolicyDocument", refused);
  const policy = new TextDecoder().decode(body);
  // The message is known from reports of users, its EC is not (OSS docs: Block Public Access).
  if ((bucket.blockPublicAccess === true || accountBlock) && isPublicText(policy))
    return refuse("AccessDenied", { message: "Put public bucket policy is not allowed" });
  world.put({ ...bucket, policy });
  return empty(200);
}

/** Returns whether OSS counts the policy as public; a missing policy is not (OSS docs: GetBucketPolicyStatus). */
function getBucketPolicyStatus(bucket: SandboxBucket): Done {
  const status = bucket.policy !== undefined && isPublicText(bucket.policy);
  return xml(["PolicyStatus", [["IsPublic", String(status)]]]);
}

/** Returns the text exactly as it was put. */
function getBucketPolicy(bucket: SandboxBucket): Done | Refused {
  if (bucket.policy === undefined) {
    return refuse("NoSuchBucketPolicy", { extras: [["BucketName", bucket.name]] });
  }
  return { status: 200, body: bucket.policy, contentType: "application/json" };
}

/** Deletes the policy; 204 even if there was none. */
function deleteBucketPolicy(bucket: SandboxBucket, { world }: OperationInput): Done {
  const { policy, ...rest } = bucket;
  if (policy !== undefined) world.put(rest);
  return empty(204);
}

function addressNodes({ name, region, createdAt, storageClass }: SandboxBucket): readonly XmlNode[] {
  return [
    ["CreationDate", createdAt],
    ["ExtranetEndpoint", `oss-${region}.aliyuncs.com`],
    ["IntranetEndpoint", `oss-${region}-internal.aliyuncs.com`],
    ["Location", `oss-${region}`],
    ["Name", name],
    ["Region", region],
    ["StorageClass", storageClass ?? "Standard"],
  ];
}
