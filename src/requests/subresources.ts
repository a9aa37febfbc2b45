/** Method, with the action of that method without `oss:`. */
type ByMethod = Readonly<Record<string, string>>;

/** Parameter of the query that names an operation, and what it means. `comp` tells some of one name apart. */
interface Subresource {
  readonly name: string;
  readonly actions: ByMethod;
  readonly comp?: string;
  /** Parameter that must be there, too. */
  readonly beside?: string;
}

type RequestLevel = "bucket" | "object";

/** Returns a setting that is read, written and deleted by actions of one name. */
function setting(name: string, noun: string, methods: readonly ("GET" | "PUT" | "DELETE")[]): Subresource {
  const verbs = { GET: "Get", PUT: "Put", DELETE: "Delete" };
  return { name, actions: Object.fromEntries(methods.map((method) => [method, `${verbs[method]}${noun}`])) };
}

const [read, set, all] = [["GET"], ["GET", "PUT"], ["GET", "PUT", "DELETE"]] as const;

/** In the order in which they count (OSS docs: the API page of each operation, and policy syntax for its action). */
const table: Readonly<Record<RequestLevel, readonly Subresource[]>> = {
  bucket: [
    { name: "policy", comp: "callback", actions: { GET: "GetBucketCallbackPolicy" } },
    setting("policy", "BucketPolicy", all),
    setting("policyStatus", "BucketPolicyStatus", read),
    setting("publicAccessBlock", "BucketPublicAccessBlock", all),
    setting("acl", "BucketAcl", set),
    setting("bucketInfo", "BucketInfo", read),
    setting("location", "BucketLocation", read),
    setting("stat", "BucketStat", read),
    setting("tagging", "BucketTagging", all),
    setting("cors", "BucketCors", all),
    setting("website", "BucketWebsite", all),
    setting("logging", "BucketLogging", all),
    setting("referer", "BucketReferer", set),
    setting("lifecycle", "BucketLifecycle", all),
    setting("encryption", "BucketEncryption", all),
    setting("versioning", "BucketVersioning", set),
    setting("transferAcceleration", "BucketTransferAcceleration", set),
    setting("accessmonitor", "BucketAccessMonitor", set),
    setting("resourceGroup", "BucketResourceGroup", set),
    setting("requestPayment", "BucketRequestPayment", set),
    setting("inventory", "BucketInventory", all),
    setting("httpsConfig", "BucketHttpsConfig", set),
    setting("bucketArchiveDirectRead", "BucketArchiveDirectRead", set),
    setting("overwriteConfig", "BucketOverwriteConfig", all),
    setting("qosInfo", "BucketQoSInfo", all),
    setting("userDefinedLogFieldsConfig", "UserDefinedLogFieldsConfig", all),
    setting("accessPointPolicy", "AccessPointPolicy", all),
    { name: "replication", comp: "add", actions: { POST: "PutBucketReplication" } },
    { name: "replication", comp: "delete", actions: { POST: "DeleteBucketReplication" } },
    setting("replication", "BucketReplication", read),
    setting("replicationLocation", "BucketReplicationLocation", read),
    setting("replicationProgress", "BucketReplicationProgress", read),
    { name: "rtc", actions: { PUT: "PutBucketRTC" } },
    {
      name: "worm",
      actions: { POST: "InitiateBucketWorm", DELETE: "AbortBucketWorm", GET: "GetBucketWorm" },
    },
    { name: "wormExtend", actions: { POST: "ExtendBucketWorm" } },
    { name: "wormId", actions: { POST: "CompleteBucketWorm" } },
    { name: "metaQuery", comp: "add", actions: { POST: "OpenMetaQuery" } },
    { name: "metaQuery", comp: "query", actions: { POST: "DoMetaQuery" } },
    { name: "metaQuery", comp: "delete", actions: { POST: "CloseMetaQuery" } },
    { name: "metaQuery", actions: { GET: "GetMetaQueryStatus" } },
    { name: "style", beside: "styleName", actions: { GET: "GetStyle" } },
    { name: "style", actions: { GET: "ListStyle", PUT: "PutStyle", DELETE: "DeleteStyle" } },
    { name: "cname", comp: "add", actions: { POST: "PutCname" } },
    { name: "cname", comp: "delete", actions: { POST: "DeleteCname" } },
    { name: "cname", comp: "token", actions: { POST: "CreateCnameToken", GET: "GetCnameToken" } },
    { name: "cname", actions: { GET: "ListCname" } },
    { name: "uploads", actions: { GET: "ListMultipartUploads" } },
    { name: "versions", actions: { GET: "ListObjectVersions" } },
    { name: "list-type", actions: { GET: "ListObjects" } },
    { name: "live", actions: { GET: "ListLiveChannel" } },
  ],
  object: [
    setting("acl", "ObjectAcl", set),
    setting("tagging", "ObjectTagging", all),
    setting("retention", "ObjectRetention", set),
    setting("legalHold", "ObjectLegalHold", set),
    { name: "symlink", actions: { GET: "GetObject", PUT: "PutObject" } },
    { name: "objectMeta", actions: { HEAD: "GetObject", GET: "GetObject" } },
    { name: "append", actions: { POST: "PutObject" } },
    { name: "uploads", actions: { POST: "PutObject" } },
    {
      name: "uploadId",
      actions: { PUT: "PutObject", POST: "PutObject", DELETE: "AbortMultipartUpload", GET: "ListParts" },
    },
    { name: "restore", actions: { POST: "RestoreObject" } },
    { name: "cleanRestoredObject", actions: { POST: "CleanRestoredObject" } },
    { name: "seal", actions: { POST: "SealAppendObject" } },
    { name: "live", comp: "stat", actions: { GET: "GetLiveChannelStat" } },
    { name: "live", comp: "history", actions: { GET: "GetLiveChannelHistory" } },
    { name: "live", beside: "status", actions: { PUT: "PutLiveChannelStatus" } },
    {
      name: "live",
      actions: { GET: "GetLiveChannel", PUT: "PutLiveChannel", DELETE: "DeleteLiveChannel" },
    },
    { name: "vod", actions: { GET: "GetVodPlaylist", POST: "PostVodPlaylist" } },
  ],
};

/** Actions of all rows. */
export const subresourceActions: readonly string[] = [...table.bucket, ...table.object].flatMap(
  ({ actions }) => Object.values(actions),
);

/**
 * Returns the action of a request whose query names an operation, without `oss:`; undefined if its query names none, and
 * `unknown` if it names one that is not in the table.
 */
export function subresourceAction(
  method: string,
  level: RequestLevel,
  query: ReadonlyMap<string, string | undefined>,
): string | undefined {
  const named = table[level].find(({ name }) => query.has(name));
  if (named === undefined) return method === "POST" ? processAction(query) : undefined;
  // A `comp` that no row of the name has makes another operation of it.
  const row = table[level].find(
    ({ name, comp, beside, actions }) =>
      name === named.name &&
      actions[method] !== undefined &&
      comp === query.get("comp") &&
      (beside === undefined || query.has(beside)),
  );
  return row?.actions[method] ?? "unknown";
}

/** Returns the action of a call that processes an object. A select reads; others save what they made under another key. */
function processAction(query: ReadonlyMap<string, string | undefined>): string | undefined {
  if (query.has("x-oss-async-process")) return "unknown";
  if (!query.has("x-oss-process")) return undefined;
  return /^(csv|json)\/select/.test(query.get("x-oss-process") ?? "") ? "GetObject" : "unknown";
}

const defaults: Readonly<Record<RequestLevel, ByMethod>> = {
  bucket: { GET: "ListObjects", HEAD: "GetBucketInfo", PUT: "PutBucket", DELETE: "DeleteBucket" },
  object: {
    GET: "GetObject",
    HEAD: "GetObject",
    PUT: "PutObject",
    POST: "PutObject",
    DELETE: "DeleteObject",
  },
};

/** Returns the action of a request that names nothing but a bucket or a key. */
export function defaultAction(method: string, level: RequestLevel): string | undefined {
  return defaults[level][method];
}

/** Actions of requests that name nothing but a bucket or a key. */
export const defaultActions: readonly string[] = Object.values(defaults).flatMap((actions) =>
  Object.values(actions),
);
