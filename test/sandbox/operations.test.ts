import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import {
  element,
  elements,
  seedOf,
  signedCall,
  type RawAnswer,
  type SignedCall,
} from "../support/sandbox.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "app-logs", "web") });
});
afterEach(() => sandbox.close());

const call = (change: SignedCall): Promise<RawAnswer> => signedCall(sandbox.port, change);
const policy: SignedCall = { bucket: "app", query: [["policy", ""]] };
const failure = (answer: RawAnswer): unknown[] => [
  answer.status,
  element(answer, "Code"),
  element(answer, "EC"),
];

describe("policy", () => {
  // Spaces, key order, a long number, other scripts and line ends: a server that parses and prints would change them.
  const text = '{ "Statement" : [ ],\r\n\t"x": 1746495857600001746, "名": "é", "Version":"1" }\n\n';

  test("what was put comes back byte for byte", async () => {
    const put = await call({ ...policy, method: "PUT", body: text });
    expect([put.status, put.text]).toEqual([200, ""]);
    const got = await call(policy);
    expect(got.status).toBe(200);
    expect(got.body.equals(Buffer.from(text))).toBe(true);
    expect(sandbox.policyOf("app")).toBe(text);
  });

  test("delete is 204 with a policy and without", async () => {
    sandbox.setPolicy("app", text);
    for (let count = 0; count < 2; count += 1) {
      const answer = await call({ ...policy, method: "DELETE" });
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect(answer.headers).not.toHaveProperty("content-length");
      expect(sandbox.policyOf("app")).toBeUndefined();
    }
  });

  test("no policy and no bucket are two different 404s", async () => {
    expect(failure(await call(policy))).toEqual([404, "NoSuchBucketPolicy", "0030-00000006"]);
    const missing = await call({ ...policy, bucket: "gone" });
    expect(failure(missing)).toEqual([404, "NoSuchBucket", "0015-00000101"]);
    expect(element(missing, "BucketName")).toBe("gone");
  });

  test("a refused put leaves the stored text", async () => {
    sandbox.setPolicy("app", "old");
    const answer = await call({ ...policy, method: "PUT", body: "not json" });
    expect(failure(answer)).toEqual([400, "InvalidPolicyDocument", "0030-00000005"]);
    expect(sandbox.policyOf("app")).toBe("old");
  });

  test("a body beyond the server's limit is refused with an answer, not a broken connection", async () => {
    const answer = await call({ ...policy, method: "PUT", body: new Uint8Array(3 * 1024 * 1024) });
    expect(failure(answer).slice(0, 2)).toEqual([400, "EntityTooLarge"]);
  });

  test.each(["host", "path"] as const)(
    "through another region (%s style) OSS names the right endpoint",
    async (style) => {
      const answer = await call({ ...policy, region: "cn-shanghai", style });
      expect(failure(answer)).toEqual([403, "AccessDenied", "0003-00001403"]);
      expect([element(answer, "Bucket"), element(answer, "Endpoint")]).toEqual([
        "app",
        "oss-cn-hangzhou.aliyuncs.com",
      ]);
    },
  );
});

describe("buckets", () => {
  test("create, tell about, delete", async () => {
    expect((await call({ method: "PUT", bucket: "new-one", region: "cn-beijing" })).status).toBe(200);
    const info = await call({ bucket: "new-one", region: "cn-beijing", query: [["bucketInfo", ""]] });
    expect(element(info, "ID")).toBe("1746495857600001");
    expect(element(info, "Location")).toBe("oss-cn-beijing");
    expect(element(info, "IntranetEndpoint")).toBe("oss-cn-beijing-internal.aliyuncs.com");
    expect(element(info, "BlockPublicAccess")).toBe("false");
    const location = await call({ bucket: "new-one", region: "cn-beijing", query: [["location", ""]] });
    expect(element(location, "LocationConstraint")).toBe("oss-cn-beijing");
    expect((await call({ method: "DELETE", bucket: "new-one", region: "cn-beijing" })).status).toBe(204);
    expect(failure(await call({ bucket: "new-one", query: [["location", ""]] }))[1]).toBe("NoSuchBucket");
  });

  test("a bucket made anew does not inherit the policy of the deleted one", async () => {
    sandbox.setPolicy("app", "old");
    await call({ method: "DELETE", bucket: "app" });
    await call({ method: "PUT", bucket: "app" });
    expect(failure(await call(policy))[1]).toBe("NoSuchBucketPolicy");
  });

  test("a name that is taken, and names that are none", async () => {
    expect(failure(await call({ method: "PUT", bucket: "app" }))).toEqual([
      409,
      "BucketAlreadyExists",
      undefined,
    ]);
    for (const bucket of ["ab", "-ab", "ab-", "a_b", "a.b", "x".repeat(64)]) {
      const answer = await call({ method: "PUT", bucket });
      expect(failure(answer)).toEqual([400, "InvalidBucketName", "0015-00000001"]);
    }
  });

  test.each<[string, SignedCall]>([
    ["PUT ?cors is not PutBucket", { method: "PUT", bucket: "fresh", query: [["cors", ""]] }],
    [
      "DELETE ?lifecycle is not DeleteBucket",
      { method: "DELETE", bucket: "app", query: [["lifecycle", ""]] },
    ],
    ["a version of an object is not the newest", { bucket: "app", key: "a/b", query: [["versionId", "1"]] }],
    ["POST", { method: "POST", bucket: "app", query: [["cors", ""]] }],
    ["a listing by tag", { query: [["tag-key", "a"]] }],
  ])("what the sandbox does not have says so: %s", async (_name, change) => {
    expect(failure(await call(change)).slice(0, 2)).toEqual([501, "NotImplemented"]);
    expect(elements(await call({}), "Name")).toEqual(["app", "app-logs", "web"]);
  });

  test("path style on an OSS host is refused", async () => {
    const answer = await call({
      bucket: "app",
      query: [["policy", ""]],
      changed: { host: "oss-cn-hangzhou.aliyuncs.com" },
      style: "path",
    });
    expect(failure(answer)[1]).toBe("SecondLevelDomainForbidden");
  });
});

describe("ListBuckets", () => {
  const paging = ["Prefix", "Marker", "MaxKeys", "IsTruncated", "NextMarker"];

  test("all regions, by name, from any region and any style of host", async () => {
    await call({ method: "PUT", bucket: "aaa", region: "cn-beijing" });
    for (const style of ["host", "path", "internal", "dot"] as const) {
      const answer = await call({ style, region: "cn-shanghai" });
      expect(elements(answer, "Name")).toEqual(["aaa", "app", "app-logs", "web"]);
      expect(elements(answer, "Region")).toEqual(["cn-beijing", "cn-hangzhou", "cn-hangzhou", "cn-hangzhou"]);
      expect(element(answer, "ID")).toBe("1746495857600001");
    }
  });

  test("a truncated page says where to go on; the last page has no paging nodes at all", async () => {
    const first = await call({ query: [["max-keys", "2"]] });
    expect(elements(first, "Name")).toEqual(["app", "app-logs"]);
    expect(paging.map((name) => element(first, name))).toEqual(["", "", "2", "true", "app-logs"]);
    const last = await call({
      query: [
        ["max-keys", "2"],
        ["marker", "app-logs"],
      ],
    });
    expect(elements(last, "Name")).toEqual(["web"]);
    expect(paging.map((name) => element(last, name))).toEqual(paging.map(() => undefined));
  });

  test("a page that ends just at the last bucket is complete", async () => {
    const answer = await call({ query: [["max-keys", "3"]] });
    expect(elements(answer, "Name")).toHaveLength(3);
    expect(element(answer, "IsTruncated")).toBeUndefined();
  });

  test("prefix and marker, also a marker that is no bucket", async () => {
    expect(elements(await call({ query: [["prefix", "app"]] }), "Name")).toEqual(["app", "app-logs"]);
    expect(elements(await call({ query: [["marker", "appl"]] }), "Name")).toEqual(["web"]);
    expect(elements(await call({ query: [["prefix", "none"]] }), "Name")).toEqual([]);
  });

  test("100 a page by default", async () => {
    for (let count = 0; count < 100; count += 1) await call({ method: "PUT", bucket: `many-${count}` });
    const answer = await call({});
    expect(elements(answer, "Name")).toHaveLength(100);
    expect(element(answer, "IsTruncated")).toBe("true");
  });

  test.each(["0", "1001", "-1", "two", "1.5"])("max-keys %s is refused", async (most) => {
    expect(failure(await call({ query: [["max-keys", most]] }))).toEqual([400, "InvalidArgument", undefined]);
  });
});

test("every request is in the log with what it asked and got", async () => {
  await call({});
  await call({ ...policy, method: "PUT", body: '{"Version":"1","Statement":[]}' });
  await call({ ...policy, bucket: "gone" });
  expect(sandbox.requests).toMatchObject([
    { method: "GET", operation: "ListBuckets", bucket: undefined, status: 200 },
    { method: "PUT", operation: "PutBucketPolicy", bucket: "app", status: 200 },
    { method: "GET", operation: "GetBucketPolicy", bucket: "gone", status: 404 },
  ]);
});
