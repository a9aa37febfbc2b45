import { isPublicText } from "../../policy/public-status.ts";
import {
  aclFromHeaders,
  deleteBucketPublicAccessBlock,
  getBucketAcl,
  getBucketPublicAccessBlock,
  putBucketAcl,
  publicAccessBlock,
  putBucketPublicAccessBlock,
} from "./bucket-access.ts";
import { ownerNode, xml, type BucketOperation, type Done, type OperationInput } from "./operation.ts";
import { authorize } from "../auth/authorize.ts";
import { checkPolicy } from "./policy-check.ts";
import { isBucketName, queryValue } from "../wire/place.ts";
import type { Operation } from "../wire/route.ts";
import { refuse, refuseElsewhere, type Refused } from "../wire/wire-error.ts";
import type { SandboxBucket, World } from "../state/world.ts";
import type { XmlNode } from "../wire/xml.ts";

/** Performs an authenticated call. */
export function perform(world: World, input: OperationInput): Done | Refused {
  const { operation, bucket: name } = input.route;
  if (operation === "Unsupported") return refuse("NotImplemented");
  const bucket = name === undefined ? undefined : world.bucket(name);
  const refused = refusalOf(operation, bucket, input);
  if (operation === "ListBuckets") return refused ?? listBuckets(world, input);
  if (operation === "GetPublicAccessBlock") return refused ?? publicAccessBlock(input.accountBlock);
  if (name === undefined) return refuse("NotImplemented");
  if (!isBucketName(name)) return refuse("InvalidBucketName", { extras: [["BucketName", name]] });
  if (operation === "PutBucket") return refused ?? putBucket(world, name, input);
  // OSS creates the bucket (OSS docs: PutBucketAcl).
  if (bucket === undefined && operation === "PutBucketAcl") return putBucket(world, name, input);
  if (bucket === undefined) return refuse("NoSuchBucket", { extras: [["BucketName", name]] });
  if (bucket.region !== input.caller.region) return refuseElsewhere(bucket.name, bucket.region);
  if (refused !== undefined) return refused;
  return bucketOperations[operation](world, bucket, input);
}

/** Returns why the caller may not do this. */
function refusalOf(
  operation: Exclude<Operation, "Unsupported">,
  bucket: SandboxBucket | undefined,
  { caller, headers, accountBlock, firstAccount, sourceIp }: OperationInput,
): Refused | undefined {
  const context = new Map([
    ["acs:SourceIp", sourceIp],
    // On the loopback TLS protects nothing, so a policy that asks for it can be tried over plain http.
    ["acs:SecureTransport", "true"],
    ["acs:CurrentTime", new Date().toISOString()],
    ["acs:AccessId", caller.key.id],
    ["acs:UserAgent", headers["user-agent"] ?? ""],
  ]);
  const guarded = bucket && {
    name: bucket.name,
    owner: bucket.owner ?? firstAccount,
    policy: bucket.policy,
    isBlocked: bucket.blockPublicAccess === true || accountBlock,
  };
  return authorize({ identity: caller.key.identity, action: `oss:${operation}`, bucket: guarded, context });
}

const bucketOperations: Readonly<
  Record<
    Exclude<Operation, "ListBuckets" | "PutBucket" | "GetPublicAccessBlock" | "Unsupported">,
    BucketOperation
  >
> = {
  DeleteBucket: deleteBucket,
  GetBucketInfo: getBucketInfo,
  GetBucketLocation: getBucketLocation,
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

/** Lists the buckets of all regions by page. */
function listBuckets(world: World, { route, caller, firstAccount }: OperationInput): Done | Refused {
  const { account } = caller.key.identity;
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

function putBucket(world: World, name: string, input: OperationInput): Done | Refused {
  const { caller, headers, firstAccount } = input;
  if (world.bucket(name) !== undefined) {
    return refuse("BucketAlreadyExists", { extras: [["BucketName", name]] });
  }
  const acl = aclFromHeaders(headers);
  if (typeof acl === "object") return acl;
  const { account } = caller.key.identity;
  const owner = account === firstAccount ? {} : { owner: account };
  const bucket = { name, region: caller.region, createdAt: new Date().toISOString(), ...owner };
  world.put(acl === undefined ? bucket : { ...bucket, acl });
  return { status: 200, body: "" };
}

/** Deletes a bucket. The sandbox has no objects, so a bucket is always empty. */
function deleteBucket(world: World, bucket: SandboxBucket): Done {
  world.remove(bucket.name);
  return { status: 204, body: "" };
}

function getBucketInfo(_world: World, bucket: SandboxBucket, { firstAccount }: OperationInput): Done {
  const fields: readonly XmlNode[] = [
    ...addressNodes(bucket),
    ["AccessControlList", [["Grant", bucket.acl ?? "private"]]],
    ["DataRedundancyType", "LRS"],
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

function getBucketLocation(_world: World, bucket: SandboxBucket): Done {
  return xml(["LocationConstraint", `oss-${bucket.region}`]);
}

function putBucketPolicy(
  world: World,
  bucket: SandboxBucket,
  { body, accountBlock }: OperationInput,
): Done | Refused {
  const refused = checkPolicy(body);
  // The code and the status are documented for a body that is not JSON, and inferred for the other refusals.
  if (refused !== undefined) return refuse("InvalidPolicyDocument", refused);
  const policy = new TextDecoder().decode(body);
  // The message is known from reports of users, its EC is not (OSS docs: Block Public Access).
  if ((bucket.blockPublicAccess === true || accountBlock) && isPublicText(policy))
    return refuse("AccessDenied", { message: "Put public bucket policy is not allowed" });
  world.put({ ...bucket, policy });
  return { status: 200, body: "" };
}

/** Returns whether OSS counts the policy as public; a missing policy is not (OSS docs: GetBucketPolicyStatus). */
function getBucketPolicyStatus(_world: World, bucket: SandboxBucket): Done {
  const status = bucket.policy !== undefined && isPublicText(bucket.policy);
  return xml(["PolicyStatus", [["IsPublic", String(status)]]]);
}

/** Returns the text exactly as it was put. */
function getBucketPolicy(_world: World, bucket: SandboxBucket): Done | Refused {
  if (bucket.policy === undefined) {
    return refuse("NoSuchBucketPolicy", { extras: [["BucketName", bucket.name]] });
  }
  return { status: 200, body: bucket.policy, contentType: "application/json" };
}

/** Deletes the policy; 204 even if there was none. */
function deleteBucketPolicy(world: World, bucket: SandboxBucket): Done {
  const { policy, ...rest } = bucket;
  if (policy !== undefined) world.put(rest);
  return { status: 204, body: "" };
}

function addressNodes({ name, region, createdAt }: SandboxBucket): readonly XmlNode[] {
  return [
    ["CreationDate", createdAt],
    ["ExtranetEndpoint", `oss-${region}.aliyuncs.com`],
    ["IntranetEndpoint", `oss-${region}-internal.aliyuncs.com`],
    ["Location", `oss-${region}`],
    ["Name", name],
    ["Region", region],
    ["StorageClass", "Standard"],
  ];
}
