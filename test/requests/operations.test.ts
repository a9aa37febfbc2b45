import { describe, expect, test } from "vitest";
import { actions } from "../../src/policy/actions.ts";
import { subresourceActions } from "../../src/requests/subresources.ts";
import { logLine, readLines } from "../support/log-lines.ts";

function actionsOf(call: string, operation = "-", object = "-") {
  const [method = "", target = ""] = call.split(" ");
  const { requests, counts } = readLines(logLine({ method, target, operation, object }));
  return requests[0]?.actions[0]?.slice("oss:".length) ?? counts.skipped;
}

const unmapped = { "unmapped operation": 1 };

test.each([
  ["GET /?acl", "whatever", "GetBucketAcl"],
  ["GET /", "GetBucket", "ListObjects"],
  ["GET /?list-type=2", "GetBucket", "ListObjects"],
  ["GET /?versions", "-", "ListObjectVersions"],
  ["HEAD /", "HeadBucket", "GetBucketInfo"],
  ["GET /?uploads", "ListMultiPartUploads", "ListMultipartUploads"],
  ["PUT /?policy", "-", "PutBucketPolicy"],
  ["GET /?policy&comp=callback", "-", "GetBucketCallbackPolicy"],
  ["PUT /?policy&comp=callback", "-", unmapped],
  ["PUT /?logging", "PutBucketLog", "PutBucketLogging"],
  ["POST /?wormId=1&wormExtend", "-", "ExtendBucketWorm"],
  ["GET /?style&styleName=s", "get_style", "GetStyle"],
  ["GET /?style", "list_style", "ListStyle"],
  ["GET /?live", "-", "ListLiveChannel"],
  // A name that agrees with nothing decides by itself, if it is an action.
  ["PUT /?newThing", "PutBucketQoSInfo", "PutBucketQoSInfo"],
  ["PUT /?newThing", "PutBucketNewThing", unmapped],
  ["OPTIONS /", "OptionObject", unmapped],
])("%s named %s", (call, name, wanted) => {
  expect(actionsOf(call, name)).toEqual(wanted);
});

test.each([
  ["GET /k", "GetObject", "GetObject"],
  ["GET /k", "-", "GetObject"],
  ["GET /k?versionId=1", "GetObject", "GetObjectVersion"],
  ["GET /k?x-oss-process=image/info", "get_image_info", "GetObject"],
  ["GET /k?from=mail", "GetObject", "GetObject"],
  ["GET /k", "GetPartData", unmapped],
  ["GET /k?acl&versionId=1", "GetObjectAcl", "GetObjectVersionAcl"],
  ["HEAD /k", "GetObjectMeta", "GetObject"],
  ["GET /k?symlink", "GetObjectSymlink", "GetObject"],
  ["PUT /k", "CopyObject", "PutObject"],
  ["PUT /k?partNumber=1&uploadId=u", "UploadPartCopy", "PutObject"],
  ["POST /k?uploadId=u", "CompleteUploadPart", "PutObject"],
  ["DELETE /k?uploadId=u", "AbortMultiPartUpload", "AbortMultipartUpload"],
  ["DELETE /k?uploadId=u", "AbortMultipartUpload", "AbortMultipartUpload"],
  ["GET /k?uploadId=u", "ListParts", "ListParts"],
  ["DELETE /k", "DeleteObject", "DeleteObject"],
  ["DELETE /k?versionId=1", "DeleteObject", "DeleteObjectVersion"],
  ["POST /k?append&position=0", "AppendObject", "PutObject"],
  ["PUT /k?tagging", "-", "PutObjectTagging"],
  ["POST /k?restore", "RestoreObject", "RestoreObject"],
  ["POST /k?x-oss-process=csv/select", "SelectObject", "GetObject"],
  // It also writes another key, which the log does not have.
  ["POST /k?x-oss-process=image/resize", "PostProcessTask", unmapped],
  ["PUT /k?live&status=idle", "PutLiveChannelStatus", "PutLiveChannelStatus"],
])("%s of an object, named %s", (call, name, wanted) => {
  expect(actionsOf(call, name, "k")).toEqual(wanted);
});

describe("the table", () => {
  test("has only actions that exist", () => {
    const names = actions.map(({ name }) => name);
    expect(subresourceActions.filter((action) => !names.includes(`oss:${action}`))).toEqual([]);
  });

  test("unmapped operations are counted by name", () => {
    const lines = ["A", "B", "A", "-"].map((operation) => logLine({ method: "PATCH", operation }));
    const { counts } = readLines(lines.join("\n"));
    expect(counts.skipped).toEqual({ "unmapped operation": 4 });
    expect([...counts.unmapped]).toEqual([
      ["A", 2],
      ["B", 1],
      ["PATCH without a name", 1],
    ]);
  });
});

test("a tag that an upload may carry is not guessed", () => {
  expect(readLines(logLine({ method: "PUT", operation: "PutObject" })).requests[0]?.actions).toEqual([
    "oss:PutObject",
  ]);
});
