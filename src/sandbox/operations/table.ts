/** Right of an ACL that lets a caller do this where no policy says anything. */
export type AclRight = "read" | "write";

/** Request of one operation, and what policies must allow for it. */
export interface OperationRow {
  readonly name: string;
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly on: "service" | "bucket" | "object";
  /** Parameters of the query that name the operation. */
  readonly query?: readonly string[];
  /** Other parameters that it takes. One that no row takes makes a call unsupported: its meaning is not modelled. */
  readonly takes?: readonly string[];
  /** Header that tells it from another operation with the same query. */
  readonly header?: string;
  /** Action that policies must allow, without `oss:`; the name of the operation by default. */
  readonly action?: string;
  /** Right of the ACL of the object or of its bucket that is enough; without one, only the owner is left. */
  readonly acl?: AclRight;
  /** The body is an object, and is not read as a whole. */
  readonly isStreamed?: true;
  /** The call decides on each of its keys, and there is nothing to decide on the call as a whole. */
  readonly isDecidedByKey?: true;
  /** Name in OSS's access log, where it is another one (OSS docs: fields of the log). */
  readonly logName?: string;
}

const listing = ["prefix", "delimiter", "max-keys", "encoding-type"] as const;
const copying = "x-oss-copy-source";

/** Headers of an answer that a signed GET may set. */
const overrides = [
  "response-content-type",
  "response-content-language",
  "response-expires",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
] as const;

/** What the sandbox serves. A call that is none of these answers NotImplemented. */
const rows = [
  {
    name: "ListBuckets",
    method: "GET",
    on: "service",
    takes: ["prefix", "marker", "max-keys"],
    logName: "GetService",
  },
  { name: "GetPublicAccessBlock", method: "GET", on: "service", query: ["publicAccessBlock"] },
  { name: "PutPublicAccessBlock", method: "PUT", on: "service", query: ["publicAccessBlock"] },
  { name: "DeletePublicAccessBlock", method: "DELETE", on: "service", query: ["publicAccessBlock"] },

  { name: "PutBucket", method: "PUT", on: "bucket" },
  { name: "DeleteBucket", method: "DELETE", on: "bucket" },
  { name: "GetBucketInfo", method: "GET", on: "bucket", query: ["bucketInfo"] },
  { name: "GetBucketLocation", method: "GET", on: "bucket", query: ["location"] },
  { name: "GetBucketStat", method: "GET", on: "bucket", query: ["stat"] },
  { name: "PutBucketPolicy", method: "PUT", on: "bucket", query: ["policy"] },
  { name: "GetBucketPolicy", method: "GET", on: "bucket", query: ["policy"] },
  { name: "DeleteBucketPolicy", method: "DELETE", on: "bucket", query: ["policy"] },
  { name: "GetBucketPolicyStatus", method: "GET", on: "bucket", query: ["policyStatus"] },
  { name: "PutBucketAcl", method: "PUT", on: "bucket", query: ["acl"] },
  { name: "GetBucketAcl", method: "GET", on: "bucket", query: ["acl"] },
  { name: "PutBucketPublicAccessBlock", method: "PUT", on: "bucket", query: ["publicAccessBlock"] },
  { name: "GetBucketPublicAccessBlock", method: "GET", on: "bucket", query: ["publicAccessBlock"] },
  { name: "DeleteBucketPublicAccessBlock", method: "DELETE", on: "bucket", query: ["publicAccessBlock"] },
  { name: "PutBucketTagging", method: "PUT", on: "bucket", query: ["tagging"] },
  { name: "GetBucketTagging", method: "GET", on: "bucket", query: ["tagging"] },
  { name: "DeleteBucketTagging", method: "DELETE", on: "bucket", query: ["tagging"] },
  { name: "GetBucketCors", method: "GET", on: "bucket", query: ["cors"] },
  { name: "DeleteBucketCors", method: "DELETE", on: "bucket", query: ["cors"] },
  { name: "GetBucketWebsite", method: "GET", on: "bucket", query: ["website"], logName: "GetBucketWebSite" },
  { name: "GetBucketLogging", method: "GET", on: "bucket", query: ["logging"], logName: "GetBucketLog" },
  { name: "GetBucketReferer", method: "GET", on: "bucket", query: ["referer"] },
  { name: "GetBucketLifecycle", method: "GET", on: "bucket", query: ["lifecycle"] },
  { name: "GetBucketEncryption", method: "GET", on: "bucket", query: ["encryption"] },
  { name: "GetBucketVersioning", method: "GET", on: "bucket", query: ["versioning"] },
  { name: "GetBucketTransferAcceleration", method: "GET", on: "bucket", query: ["transferAcceleration"] },
  { name: "GetBucketAccessMonitor", method: "GET", on: "bucket", query: ["accessmonitor"] },
  { name: "GetBucketResourceGroup", method: "GET", on: "bucket", query: ["resourceGroup"] },

  // A public ACL does not allow listing (OSS docs: ACLs of buckets, for anonymous callers; for others it is inferred).
  { name: "ListObjects", method: "GET", on: "bucket", takes: [...listing, "marker"], logName: "GetBucket" },
  {
    name: "ListObjectsV2",
    method: "GET",
    on: "bucket",
    query: ["list-type"],
    takes: [...listing, "start-after", "continuation-token", "fetch-owner"],
    action: "ListObjects",
    logName: "GetBucket",
  },
  {
    name: "ListObjectVersions",
    method: "GET",
    on: "bucket",
    query: ["versions"],
    takes: [...listing, "key-marker", "version-id-marker"],
  },
  {
    name: "ListMultipartUploads",
    method: "GET",
    on: "bucket",
    query: ["uploads"],
    takes: ["prefix", "delimiter", "max-uploads", "key-marker", "upload-id-marker", "encoding-type"],
    logName: "ListMultiPartUploads",
  },
  {
    name: "DeleteMultipleObjects",
    method: "POST",
    on: "bucket",
    query: ["delete"],
    takes: ["encoding-type"],
    isDecidedByKey: true,
    logName: "DeleteObjects",
  },
  { name: "PostObject", method: "POST", on: "bucket", action: "PutObject", acl: "write", isStreamed: true },

  { name: "PutObject", method: "PUT", on: "object", acl: "write", isStreamed: true },
  { name: "CopyObject", method: "PUT", on: "object", header: copying, action: "PutObject", acl: "write" },
  {
    name: "AppendObject",
    method: "POST",
    on: "object",
    query: ["append", "position"],
    action: "PutObject",
    acl: "write",
    isStreamed: true,
  },
  { name: "GetObject", method: "GET", on: "object", takes: overrides, acl: "read" },
  { name: "HeadObject", method: "HEAD", on: "object", action: "GetObject", acl: "read" },
  {
    name: "GetObjectMeta",
    method: "HEAD",
    on: "object",
    query: ["objectMeta"],
    action: "GetObject",
    acl: "read",
  },
  { name: "DeleteObject", method: "DELETE", on: "object", acl: "write" },
  { name: "PutObjectAcl", method: "PUT", on: "object", query: ["acl"] },
  { name: "GetObjectAcl", method: "GET", on: "object", query: ["acl"] },
  { name: "PutObjectTagging", method: "PUT", on: "object", query: ["tagging"] },
  { name: "GetObjectTagging", method: "GET", on: "object", query: ["tagging"] },
  { name: "DeleteObjectTagging", method: "DELETE", on: "object", query: ["tagging"] },
  {
    name: "PutSymlink",
    method: "PUT",
    on: "object",
    query: ["symlink"],
    action: "PutObject",
    acl: "write",
    logName: "PutObjectSymlink",
  },
  {
    name: "GetSymlink",
    method: "GET",
    on: "object",
    query: ["symlink"],
    action: "GetObject",
    acl: "read",
    logName: "GetObjectSymlink",
  },
  {
    name: "InitiateMultipartUpload",
    method: "POST",
    on: "object",
    query: ["uploads"],
    takes: ["encoding-type"],
    action: "PutObject",
    acl: "write",
  },
  {
    name: "UploadPart",
    method: "PUT",
    on: "object",
    query: ["partNumber", "uploadId"],
    action: "PutObject",
    acl: "write",
    isStreamed: true,
  },
  {
    name: "UploadPartCopy",
    method: "PUT",
    on: "object",
    query: ["partNumber", "uploadId"],
    header: copying,
    action: "PutObject",
    acl: "write",
  },
  {
    name: "CompleteMultipartUpload",
    method: "POST",
    on: "object",
    query: ["uploadId"],
    takes: ["encoding-type"],
    action: "PutObject",
    acl: "write",
    logName: "CompleteUploadPart",
  },
  {
    name: "AbortMultipartUpload",
    method: "DELETE",
    on: "object",
    query: ["uploadId"],
    acl: "write",
    logName: "AbortMultiPartUpload",
  },
  {
    name: "ListParts",
    method: "GET",
    on: "object",
    query: ["uploadId"],
    takes: ["max-parts", "part-number-marker", "encoding-type"],
  },
] as const satisfies readonly OperationRow[];

/** Name of an operation that the sandbox has. */
export type ServedOperation = (typeof rows)[number]["name"];

/** Operation of a request, by OSS's name; every request that the sandbox does not have is `Unsupported`. */
export type Operation = ServedOperation | "Unsupported";

export const operations: readonly Operation[] = [...rows.map(({ name }) => name), "Unsupported"];

const byName: ReadonlyMap<string, OperationRow> = new Map(rows.map((row) => [row.name, row]));

export function operationRow(name: ServedOperation): OperationRow {
  const row = byName.get(name);
  if (row === undefined) throw new Error(`there is no operation ${name}`);
  return row;
}

/**
 * Parameters of a signature, and the limit of the speed, which change nothing else. No other one is passed over: one such as
 * `x-oss-ac-source-ip` limits who may use a URL.
 */
const signing: ReadonlySet<string> = new Set([
  "OSSAccessKeyId",
  "Expires",
  "Signature",
  "security-token",
  ...["signature-version", "date", "expires", "credential", "signature", "security-token"].map(ossName),
  ...["additional-headers", "traffic-limit"].map(ossName),
]);

function ossName(name: string): string {
  return `x-oss-${name}`;
}

/**
 * Returns the operation of a request. Each name of the query counts: `PUT /?cors` must never be taken for PutBucket, and
 * `GET /key?versionId=1` not for a read of the newest version.
 */
export function operationOf(
  method: string,
  on: OperationRow["on"],
  names: readonly string[],
  headers: Readonly<Record<string, string>>,
): Operation {
  const given = names.filter((name) => !signing.has(name));
  const fitting = rows.filter((row: OperationRow) => {
    const { query = [], takes = [], header } = row;
    return (
      row.method === method &&
      row.on === on &&
      query.every((name) => given.includes(name)) &&
      given.every((name) => query.includes(name) || takes.includes(name)) &&
      (header === undefined || header in headers)
    );
  });
  return mostSpecific(fitting)?.name ?? "Unsupported";
}

/** Returns the row that asks for most: a copy is also a put, for one that does not look at the header. */
function mostSpecific<Row extends OperationRow>(fitting: readonly Row[]): Row | undefined {
  const weight = ({ query = [], header }: OperationRow) => query.length + Number(header !== undefined);
  return [...fitting].sort((a, b) => weight(b) - weight(a))[0];
}
