/**
 * Names of operations and of other clouds' actions that are not actions of OSS, each with the actions that authorize
 * the same here. No RAM policy or bucket policy of OSS can use these names.
 */

type NameRow = readonly [name: string, ...needs: readonly string[]];

/** API operations of OSS (OSS docs: policy syntax, and the API page of each operation; HeadBucket: GetBucketInfo). */
const operations: readonly NameRow[] = [
  ["GetService", "ListBuckets"],
  ["GetBucket", "ListObjects"],
  ["HeadBucket", "GetBucketInfo"],
  ["ListObjectsV2", "ListObjects"],
  ["GetBucketVersions", "ListObjectVersions"],
  ["HeadObject", "GetObject"],
  ["GetObjectMeta", "GetObject"],
  ["SelectObject", "GetObject"],
  ["GetSymlink", "GetObject"],
  ["PostObject", "PutObject"],
  ["AppendObject", "PutObject"],
  ["PutSymlink", "PutObject"],
  ["InitiateMultipartUpload", "PutObject"],
  ["UploadPart", "PutObject"],
  ["CompleteMultipartUpload", "PutObject"],
  ["CopyObject", "GetObject", "PutObject"],
  ["UploadPartCopy", "GetObject", "PutObject"],
  ["DeleteMultipleObjects", "DeleteObject"],
  ["PutBucketTags", "PutBucketTagging"],
  ["GetBucketTags", "GetBucketTagging"],
  ["DeleteBucketTags", "DeleteBucketTagging"],
  ["ListBucketInventory", "GetBucketInventory"],
  ["ListBucketRequesterQoSInfos", "ListBucketRequesterQoSInfo"],
  ["GetLiveChannelInfo", "GetLiveChannel"],
];

/**
 * Actions and operations of other clouds, and everyday words (AWS: Service Authorization Reference, Amazon S3;
 * Tencent Cloud: COS API authorization policy; Huawei Cloud: OBS permissions and supported actions).
 */
const foreign: readonly NameRow[] = [
  ["ListBucket", "ListObjects"],
  ["ListAllMyBuckets", "ListBuckets"],
  ["CreateBucket", "PutBucket"],
  ["ListBucketVersions", "ListObjectVersions"],
  ["GetBucketObjectVersions", "ListObjectVersions"],
  ["ListBucketMultipartUploads", "ListMultipartUploads"],
  ["ListMultipartUploadParts", "ListParts"],
  ["CreateMultipartUpload", "PutObject"],
  ["CopyPart", "GetObject", "PutObject"],
  ["PutPart", "PutObject"],
  ["DeleteObjects", "DeleteObject"],
  ["GetObjects", "GetObject"],
  ["PutObjects", "PutObject"],
  ["ReadObject", "GetObject"],
  ["DownloadObject", "GetObject"],
  ["WriteObject", "PutObject"],
  ["UploadObject", "PutObject"],
  ["RemoveObject", "DeleteObject"],
  ["GetObjectAttributes", "GetObject"],
  ["PostObjectRestore", "RestoreObject"],
  ["GetLifecycleConfiguration", "GetBucketLifecycle"],
  ["PutLifecycleConfiguration", "PutBucketLifecycle"],
  ["GetEncryptionConfiguration", "GetBucketEncryption"],
  ["PutEncryptionConfiguration", "PutBucketEncryption"],
  ["GetReplicationConfiguration", "GetBucketReplication"],
  ["PutReplicationConfiguration", "PutBucketReplication"],
  ["GetInventoryConfiguration", "GetBucketInventory"],
  ["PutInventoryConfiguration", "PutBucketInventory"],
  ["GetAccelerateConfiguration", "GetBucketTransferAcceleration"],
  ["PutAccelerateConfiguration", "PutBucketTransferAcceleration"],
  ["GetBucketStorage", "GetBucketStat"],
];

export const apiNames: ReadonlyMap<string, readonly string[]> = tableOf(operations);
export const foreignNames: ReadonlyMap<string, readonly string[]> = tableOf(foreign);

function tableOf(rows: readonly NameRow[]): ReadonlyMap<string, readonly string[]> {
  return new Map(rows.map(([name, ...needs]) => [name, needs.map((need) => `oss:${need}`)]));
}
