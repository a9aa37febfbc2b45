import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { bucketCall, objectCall, outcomeOf, putObject } from "../support/objects.ts";
import { element, elements, seedOf } from "../support/sandbox.ts";

let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await startSandbox({ seed: seedOf("app") });
  port = sandbox.port;
});
afterAll(() => sandbox.close());

// Terraform's provider reads each of these, and takes any other code for a failure.
test.each<[string, readonly (string | number | undefined)[]]>([
  ["cors", [404, "NoSuchCORSConfiguration"]],
  ["website", [404, "NoSuchWebsiteConfiguration"]],
  ["lifecycle", [404, "NoSuchLifecycle"]],
  ["encryption", [404, "NoSuchServerSideEncryptionRule"]],
  ["transferAcceleration", [404, "NoSuchTransferAccelerationConfiguration"]],
  ["logging", [200, undefined]],
  ["referer", [200, undefined]],
  ["versioning", [200, undefined]],
  ["accessmonitor", [200, undefined]],
  ["resourceGroup", [200, undefined]],
  ["tagging", [200, undefined]],
])("%s answers as if it was never set", async (name, expected) => {
  expect(outcomeOf(await bucketCall(port, [[name, ""]]))).toEqual(expected);
});

test("what is not modelled answers 501, and a read of CORS may be followed by its deletion", async () => {
  expect((await bucketCall(port, [["cors", ""]], { method: "DELETE" })).status).toBe(204);
  for (const name of ["lifecycle", "website", "worm"])
    expect((await bucketCall(port, [[name, ""]], { method: "PUT", body: "<a/>" })).status).toBe(501);
});

test("a bucket keeps its class and its redundancy, and its objects have the class", async () => {
  const body =
    "<CreateBucketConfiguration><StorageClass>IA</StorageClass><DataRedundancyType>ZRS</DataRedundancyType></CreateBucketConfiguration>";
  expect((await bucketCall(port, [], { bucket: "classed", method: "PUT", body })).status).toBe(200);
  const info = await bucketCall(port, [["bucketInfo", ""]], { bucket: "classed" });
  expect(["StorageClass", "DataRedundancyType"].map((name) => element(info, name))).toEqual(["IA", "ZRS"]);
  expect(element(info, "CreationDate")).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  await objectCall(port, "a", { bucket: "classed", method: "PUT", body: "x" });
  const head = await objectCall(port, "a", { bucket: "classed", method: "HEAD" });
  expect(head.headers["x-oss-storage-class"]).toBe("IA");
});

test.each(["<CreateBucketConfiguration", "<Other/>"])(
  "the configuration `%s` makes no bucket",
  async (body) => {
    expect(outcomeOf(await bucketCall(port, [], { bucket: "never", method: "PUT", body }))).toEqual([
      400,
      "MalformedXML",
    ]);
    expect(outcomeOf(await bucketCall(port, [["bucketInfo", ""]], { bucket: "never" }))).toEqual([
      404,
      "NoSuchBucket",
    ]);
  },
);

test("an unknown class or redundancy makes no bucket", async () => {
  for (const node of ["<StorageClass>Cold</StorageClass>", "<DataRedundancyType>RRS</DataRedundancyType>"]) {
    const body = `<CreateBucketConfiguration>${node}</CreateBucketConfiguration>`;
    expect(outcomeOf(await bucketCall(port, [], { bucket: "never", method: "PUT", body }))).toEqual([
      400,
      "InvalidArgument",
    ]);
  }
});

test("tags of a bucket are put, read and deleted", async () => {
  const tagging = (count: number) =>
    `<Tagging><TagSet>${Array.from({ length: count }, (_, index) => `<Tag><Key>k${index}</Key><Value>v</Value></Tag>`).join("")}</TagSet></Tagging>`;
  const put = (count: number) => bucketCall(port, [["tagging", ""]], { method: "PUT", body: tagging(count) });
  const read = async () => elements(await bucketCall(port, [["tagging", ""]]), "Key");
  expect([(await put(20)).status, (await read()).length]).toEqual([200, 20]);
  expect(outcomeOf(await put(21))).toEqual([400, "InvalidTag"]);
  await put(1);
  expect(await read()).toEqual(["k0"]);
  expect((await bucketCall(port, [["tagging", ""]], { method: "DELETE" })).status).toBe(204);
  expect(await read()).toEqual([]);
});

test("the statistics count objects, uploads and parts", async () => {
  await putObject(port, "one", "12345");
  await putObject(port, "two", "123", { "x-oss-storage-class": "IA" });
  const upload = await objectCall(port, "big", { method: "POST", query: [["uploads", ""]] });
  const query = [
    ["partNumber", "1"],
    ["uploadId", element(upload, "UploadId") ?? ""],
  ] as const;
  await objectCall(port, "big", { method: "PUT", query, body: "1234567" });
  const stat = await bucketCall(port, [["stat", ""]]);
  const names = [
    "Storage",
    "ObjectCount",
    "MultipartUploadCount",
    "MultipartPartCount",
    "StandardStorage",
    "InfrequentAccessObjectCount",
  ];
  expect(names.map((name) => element(stat, name))).toEqual(["15", "2", "1", "1", "5", "1"]);
});

test("Block Public Access is switched on in the spelling of Python", async () => {
  const body =
    "<PublicAccessBlockConfiguration><BlockPublicAccess>True</BlockPublicAccess></PublicAccessBlockConfiguration>";
  await bucketCall(port, [["publicAccessBlock", ""]], { method: "PUT", body });
  expect(element(await bucketCall(port, [["publicAccessBlock", ""]]), "BlockPublicAccess")).toBe("true");
});

test("a seed has objects, with their ACL, tags and type", async () => {
  const objects = [
    { key: "a/b.txt", body: "hello", acl: "public-read", tags: { team: "data" }, contentType: "text/plain" },
    { key: "empty" },
  ] as const;
  const seeded = await startSandbox({
    seed: { ...seedOf(), buckets: [{ name: "app", region: "cn-hangzhou", objects }] },
  });
  const get = await objectCall(seeded.port, "a/b.txt");
  expect([get.text, get.headers["content-type"], get.headers["x-oss-tagging-count"]]).toEqual([
    "hello",
    "text/plain",
    "1",
  ]);
  expect(element(await objectCall(seeded.port, "a/b.txt", { query: [["acl", ""]] }), "Grant")).toBe(
    "public-read",
  );
  expect((await objectCall(seeded.port, "empty")).text).toBe("");
  await seeded.close();
});
