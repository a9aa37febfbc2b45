// Calls every operation that the sandbox is asked about with ali-oss, and prints a line for each.
//
// Argument: JSON with endpoint, region, id, secret, token, version (`v1` or `v4`) and bucket.

import assert from "node:assert/strict";
import OSS from "ali-oss";

const given = JSON.parse(process.argv[2]);
const { endpoint, region, id, secret, token, version, bucket } = given;
const client = new OSS({
  accessKeyId: id,
  accessKeySecret: secret,
  region: `oss-${region}`,
  endpoint,
  // The bucket is in the path.
  sldEnable: true,
  authorizationV4: version === "v4",
  ...(token ? { stsToken: token, refreshSTSToken: () => Promise.reject(new Error("not needed")) } : {}),
});
const key = "dir/中 +&=.txt";
const body = Buffer.from("0123456789");
const policy = { Version: "1", Statement: [] };

async function step(operation, act) {
  try {
    await act();
    process.stdout.write(`ok ${operation}\n`);
  } catch (error) {
    // Each step stands for itself.
    process.exitCode = 1;
    process.stdout.write(`FAILED ${operation} ${String(error).slice(0, 500).replaceAll("\n", " ")}\n`);
  }
}

const read = async (of, options) => (await client.get(of, options)).content.toString();
const keysOf = ({ objects }) => (objects ?? []).map(({ name }) => name);

await step("PutBucket", () => client.putBucket(bucket, { storageClass: "IA" }));
client.useBucket(bucket);
await step("GetBucketInfo", async () => {
  const { bucket: info } = await client.getBucketInfo(bucket);
  assert.deepEqual([info.Name, info.StorageClass], [bucket, "IA"]);
});
await step("GetBucketLocation", async () => {
  assert.equal((await client.getBucketLocation(bucket)).location, `oss-${region}`);
});
await step("GetBucketStat", async () => {
  assert.equal((await client.getBucketStat(bucket)).stat.ObjectCount, "0");
});
await step("ListBuckets", async () => {
  const { buckets } = await client.listBuckets({ prefix: bucket });
  assert.deepEqual(
    buckets.map(({ name }) => name),
    [bucket],
  );
});
await step("BucketAcl", async () => {
  await client.putBucketACL(bucket, "private");
  assert.equal((await client.getBucketACL(bucket)).acl, "private");
});
await step("BucketPolicy", async () => {
  await client.putBucketPolicy(bucket, policy);
  assert.deepEqual((await client.getBucketPolicy(bucket)).policy, policy);
  await client.deleteBucketPolicy(bucket);
  assert.equal((await client.getBucketPolicy(bucket)).status, 404);
});
await step("PutObject", async () => {
  const { res } = await client.put(key, body, { mime: "text/plain", meta: { a: "b" } });
  assert.equal(res.status, 200);
});
await step("GetObject", async () => {
  const { content, res } = await client.get(key);
  assert.deepEqual([content, res.headers["x-oss-meta-a"]], [body, "b"]);
});
await step("ranges", async () => {
  assert.equal(await read(key, { headers: { Range: "bytes=2-4" } }), "234");
  assert.equal(await read(key, { headers: { Range: "bytes=-3" } }), "789");
});
await step("HeadObject", async () => {
  const { res, meta } = await client.head(key);
  assert.deepEqual([res.headers["content-length"], meta.a], ["10", "b"]);
  assert.equal((await client.getObjectMeta(key)).res.headers["content-length"], "10");
  await assert.rejects(client.head("none"), { code: "NoSuchKey" });
});
await step("CopyObject", async () => {
  await client.copy("copy", key);
  assert.equal(await read("copy"), body.toString());
});
await step("AppendObject", async () => {
  const { nextAppendPosition } = await client.append("log", Buffer.from("abc"));
  await client.append("log", Buffer.from("def"), { position: nextAppendPosition });
  assert.equal(await read("log"), "abcdef");
});
await step("multipart", async () => {
  const large = Buffer.alloc(102_400, "a");
  const { uploadId } = await client.initMultipartUpload("parts");
  const one = await client.uploadPart("parts", uploadId, 1, large, 0, large.length);
  const source = { sourceKey: key, sourceBucketName: bucket };
  const two = await client.uploadPartCopy("parts", uploadId, 2, "0-4", source);
  const { parts } = await client.listParts("parts", uploadId, { "max-parts": 10 });
  assert.deepEqual(
    parts.map(({ PartNumber }) => PartNumber),
    ["1", "2"],
  );
  const { uploads } = await client.listUploads({ "max-uploads": 10 });
  assert.deepEqual(
    uploads.map(({ name }) => name),
    ["parts"],
  );
  const done = [one, two].map(({ etag }, index) => ({ number: index + 1, etag }));
  await client.completeMultipartUpload("parts", uploadId, done);
  assert.equal(await read("parts"), `${large.toString()}01234`);
  const other = await client.initMultipartUpload("aborted");
  await client.abortMultipartUpload("aborted", other.uploadId);
});
await step("ListObjects", async () => {
  const first = await client.list({ "max-keys": 2 });
  assert.deepEqual([keysOf(first), first.isTruncated], [["copy", key], true]);
  assert.deepEqual(keysOf(await client.list({ marker: first.nextMarker })), ["log", "parts"]);
  assert.deepEqual((await client.list({ delimiter: "/" })).prefixes, ["dir/"]);
});
await step("ListObjectsV2", async () => {
  const first = await client.listV2({ "max-keys": 2 });
  assert.deepEqual(keysOf(first), ["copy", key]);
  const rest = await client.listV2({ "continuation-token": first.nextContinuationToken });
  assert.deepEqual(keysOf(rest), ["log", "parts"]);
});
await step("ObjectTagging", async () => {
  await client.putObjectTagging(key, { team: "a+b" });
  assert.deepEqual((await client.getObjectTagging(key)).tag, { team: "a+b" });
  await client.deleteObjectTagging(key);
});
await step("ObjectAcl", async () => {
  await client.putACL(key, "private");
  assert.equal((await client.getACL(key)).acl, "private");
});
await step("Symlink", async () => {
  await client.putSymlink("link", key);
  assert.equal((await client.getSymlink("link")).targetName, key);
  assert.equal(await read("link"), body.toString());
});
await step("signed URLs", async () => {
  const sign = (method, queries = {}) =>
    version === "v4"
      ? client.signatureUrlV4(method, 60, { queries }, "signed")
      : client.signatureUrl("signed", { method, expires: 60, response: contentTypeIn(queries) });
  const put = await fetch(await sign("PUT"), { method: "PUT", body: Buffer.from("by url") });
  assert.equal(put.status, 200);
  const answer = await fetch(await sign("GET", { "response-content-type": "a/b" }));
  assert.deepEqual([await answer.text(), answer.headers.get("content-type")], ["by url", "a/b"]);
});
await step("DeleteObjects", async () => {
  await client.delete("signed");
  const names = ["copy", "log", "parts", "link", key];
  const { deleted } = await client.deleteMulti(names);
  assert.deepEqual(deleted.map(({ Key }) => Key).sort(), [...names].sort());
  await assert.rejects(client.get(key), { code: "NoSuchKey" });
});
await step("DeleteBucket", () => client.deleteBucket(bucket));

/** Returns the names that V1 has for the headers of an answer. */
function contentTypeIn(queries) {
  const type = queries["response-content-type"];
  return type === undefined ? undefined : { "content-type": type };
}
