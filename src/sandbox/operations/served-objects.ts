import { appendObject } from "./append-object.ts";
import { completeMultipartUpload } from "./complete-multipart.ts";
import { copyObject } from "./copy-object.ts";
import { deleteMultipleObjects, deleteObject } from "./delete-objects.ts";
import { getObject, getObjectMeta, headObject } from "./get-object.ts";
import { listObjects, listObjectsV2, listObjectVersions } from "./list-objects.ts";
import { listMultipartUploads, listParts } from "./list-uploads.ts";
import { abortMultipartUpload, initiateMultipartUpload, uploadPart, uploadPartCopy } from "./multipart.ts";
import {
  deleteObjectTagging,
  getObjectAcl,
  getObjectTagging,
  getSymlink,
  putObjectAcl,
  putObjectTagging,
  putSymlink,
} from "./object-settings.ts";
import type { BucketOperation } from "./operation.ts";
import { putObject } from "./put-object.ts";
import type { ServedOperation } from "./table.ts";

/** Operations on the objects of a bucket. */
export const objectOperations: Partial<Record<ServedOperation, BucketOperation>> = {
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  GetObjectMeta: getObjectMeta,
  DeleteObject: deleteObject,
  DeleteMultipleObjects: deleteMultipleObjects,
  CopyObject: copyObject,
  AppendObject: appendObject,
  InitiateMultipartUpload: initiateMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  PutObjectAcl: putObjectAcl,
  GetObjectAcl: getObjectAcl,
  PutObjectTagging: putObjectTagging,
  GetObjectTagging: getObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  PutSymlink: putSymlink,
  GetSymlink: getSymlink,
};
