import { describe, expect, test, vi } from "vitest";
import type { Live } from "../../src/policy/live.ts";
import type { FaultEffect } from "../../src/sandbox/faults/faults.ts";
import { sandboxWith, storeOver } from "../support/store.ts";

const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };
const policy = '{ "Version": "1",\n  "Statement": [] }\n';
const seed = { buckets: [{ name: "bucket-1", region: "cn-hangzhou", policy }] };

async function readWith(effect: FaultEffect, timeoutMs?: number): Promise<Live> {
  const sandbox = await sandboxWith(seed);
  sandbox.addFault({ effect });
  const store = storeOver(sandbox.url, timeoutMs === undefined ? {} : { timeoutMs });
  return (await store.get(bucket)).live;
}

function status(code: number, name: string, more: object = {}): FaultEffect {
  return { kind: "status", status: code, code: name, ...more };
}

describe("what a read says", () => {
  test("a policy, with the bytes that stand there", async () => {
    const sandbox = await sandboxWith(seed);
    const { live, region } = await storeOver(sandbox.url).get(bucket);
    expect(live).toEqual({ state: "policy", body: policy });
    expect(region).toBe("cn-hangzhou");
  });

  test("none, where OSS says NoSuchBucketPolicy", async () => {
    const sandbox = await sandboxWith({ buckets: [{ name: "bucket-1", region: "cn-hangzhou" }] });
    expect((await storeOver(sandbox.url).get(bucket)).live).toEqual({ state: "none" });
  });

  test("missing, where OSS says NoSuchBucket", async () => {
    const sandbox = await sandboxWith({});
    expect((await storeOver(sandbox.url).get(bucket)).live).toEqual({ state: "missing" });
  });

  test("a UID written as a number keeps its digits", async () => {
    const text = '{"Version":"1","Statement":[{"Principal":[202147604049350001]}]}';
    const sandbox = await sandboxWith({
      buckets: [{ name: "bucket-1", region: "cn-hangzhou", policy: text }],
    });
    const { live } = await storeOver(sandbox.url).get(bucket);
    expect(JSON.stringify(live)).toContain("202147604049350001");
  });
});

describe("what is unreadable is never none", () => {
  test.each<[string, FaultEffect, string]>([
    [
      "403",
      status(403, "AccessDenied", { ec: "0003-00000001" }),
      "OSS answered 403 AccessDenied (EC 0003-00000001)",
    ],
    ["404 of another kind", status(404, "NoSuchKey"), "OSS answered 404 NoSuchKey"],
    [
      "the words of none under another status",
      status(500, "NoSuchBucketPolicy"),
      "OSS answered 500 NoSuchBucketPolicy",
    ],
    [
      "the words of missing under another status",
      status(403, "NoSuchBucket"),
      "OSS answered 403 NoSuchBucket",
    ],
    ["404 without a body", status(404, "", { body: "" }), "OSS answered 404"],
    ["404 that is no XML", status(404, "", { body: "<html>NoSuchBucketPolicy" }), "OSS answered 404"],
    ["500", status(500, "InternalError"), "OSS answered 500 InternalError"],
    ["503", status(503, "MetaOperationQpsLimitExceeded"), "OSS answered 503 MetaOperationQpsLimitExceeded"],
    ["a redirect", status(301, "PermanentRedirect"), "OSS answered 301 PermanentRedirect"],
    ["broken JSON", status(200, "", { body: '{"Version":"1",' }), "does not parse"],
    ["an empty body", status(200, "", { body: "" }), "does not parse"],
    ["a page of a proxy", status(200, "", { body: "<html>please log in</html>" }), "does not parse"],
    ["JSON that is no object", status(200, "", { body: "null" }), "is not a JSON object"],
    ["half a body", { kind: "truncate", bytes: 10 }, "no complete answer from"],
    ["a reset connection", { kind: "reset", when: "before" }, "no complete answer from"],
  ])("%s", async (_, effect, message) => {
    const live = await readWith(effect);
    expect(live).toMatchObject({
      state: "unreadable",
      problem: { message: expect.stringContaining(message) as string },
    });
  });

  test("no answer in time", async () => {
    const live = await readWith({ kind: "delay", delayMs: 2_000 }, 200);
    expect(live).toMatchObject({
      state: "unreadable",
      problem: {
        message: expect.stringMatching(/^OSS did not answer in time \(127\.0\.0\.1:\d+\)$/) as string,
      },
    });
  });

  test("nobody listens", async () => {
    const sandbox = await sandboxWith(seed);
    await sandbox.close();
    const { live } = await storeOver(sandbox.url).get(bucket);
    expect(live).toMatchObject({
      state: "unreadable",
      problem: { message: `cannot connect to 127.0.0.1:${sandbox.port} (ECONNREFUSED)` },
    });
  });

  test("bytes that are no UTF-8 would be rewritten by a lenient decoder", async () => {
    const body = '{"Version":"1","Statement":[],"x":"\ud800"}';
    const live = await readWith(status(200, "", { body }));
    // A lone surrogate cannot be sent as UTF-8: the server's own replacement arrives and is plain text.
    expect(live.state).toBe("policy");
  });
});

describe("another region", () => {
  const elsewhere = { buckets: [{ name: "bucket-1", region: "cn-shanghai", policy }] };

  test("the region that OSS names is asked once, and told", async () => {
    const sandbox = await sandboxWith(elsewhere);
    const reading = await storeOver(sandbox.url).get(bucket);
    expect([reading.region, reading.live.state]).toEqual(["cn-shanghai", "policy"]);
    expect(sandbox.requests.map((request) => request.status)).toEqual([403, 200]);
  });

  test("an endpoint that is not OSS's own is not followed", async () => {
    const body = "<Error><Code>AccessDenied</Code><Endpoint>evil.example.com</Endpoint></Error>";
    const sandbox = await sandboxWith(elsewhere);
    sandbox.addFault({ effect: status(403, "AccessDenied", { body }) });
    const reading = await storeOver(sandbox.url).get(bucket);
    expect([reading.region, reading.live.state]).toEqual(["cn-hangzhou", "unreadable"]);
    expect(sandbox.requests.length).toBe(1);
  });

  test("two servers that name each other end in unreadable", async () => {
    const body = "<Error><Code>AccessDenied</Code><Endpoint>oss-us-west-1.aliyuncs.com</Endpoint></Error>";
    const sandbox = await sandboxWith(elsewhere);
    sandbox.addFault({ effect: status(403, "AccessDenied", { body }) });
    expect((await storeOver(sandbox.url).get(bucket)).live.state).toBe("unreadable");
    expect(sandbox.requests.length).toBe(2);
  });
});

describe("writes", () => {
  test("put replaces the policy by exactly these bytes; delete removes it, twice", async () => {
    const sandbox = await sandboxWith(seed);
    const store = storeOver(sandbox.url);
    const body =
      '{"Version":"1","Statement":[{"Effect":"Deny","Principal":["202147604049350001"],"Action":"oss:Get*","Resource":"日志/*"}]}';
    expect(await store.put(bucket, body)).toEqual({ kind: "done" });
    expect(sandbox.policyOf("bucket-1")).toBe(body);
    expect(await store.delete(bucket)).toEqual({ kind: "done" });
    expect(await store.delete(bucket)).toEqual({ kind: "done" });
    expect(sandbox.policyOf("bucket-1")).toBeUndefined();
  });

  test("what OSS refuses is refused, with its words", async () => {
    const sandbox = await sandboxWith(seed);
    const answer = await storeOver(sandbox.url).put(bucket, '{"Version":1,"Statement":[]}');
    expect(answer).toMatchObject({
      kind: "refused",
      problem: { status: 400, code: "InvalidPolicyDocument" },
    });
  });

  test.each<[string, FaultEffect]>([
    ["a server error", status(500, "InternalError")],
    ["a reset before the effect", { kind: "reset", when: "before" }],
    ["a reset after the effect", { kind: "reset", when: "after" }],
  ])("after %s nobody knows", async (_, effect) => {
    const sandbox = await sandboxWith(seed);
    sandbox.addFault({ effect });
    expect((await storeOver(sandbox.url).put(bucket, policy)).kind).toBe("unknown");
  });
});

describe("what OSS says of a write", () => {
  const put = async (effect: FaultEffect) => {
    const sandbox = await sandboxWith(seed);
    sandbox.addFault({ effect });
    return storeOver(sandbox.url).put(bucket, policy);
  };

  test.each<[string, FaultEffect]>([
    ["429", status(429, "QpsLimitExceeded")],
    ["503 with a code of throttling", status(503, "MetaOperationQpsLimitExceeded")],
  ])("%s: throttled, which is before any effect", async (_, effect) => {
    expect((await put(effect)).kind).toBe("throttled");
  });

  test("any 2xx is done: the read-back tells more", async () => {
    expect(await put(status(204, ""))).toEqual({ kind: "done" });
  });

  test("a policy that is gone already is deleted; a bucket that is gone is another matter", async () => {
    const sandbox = await sandboxWith(seed);
    const store = storeOver(sandbox.url);
    sandbox.addFault({ calls: { from: 1, to: 1 }, effect: status(404, "NoSuchBucketPolicy") });
    expect(await store.delete(bucket)).toEqual({ kind: "done" });
    expect(await store.delete({ ...bucket, bucket: "gone" })).toMatchObject({
      kind: "refused",
      problem: { code: "NoSuchBucket" },
    });
  });
});

describe("Retry-After", () => {
  const past = "Wed, 21 Oct 2015 07:28:00 GMT";
  test.each<[string, string, number | undefined]>([
    ["seconds", "7", 7_000],
    ["a date, by the server's clock", "Wed, 21 Oct 2015 07:28:09 GMT", 9_000],
    ["a date that has passed", "Wed, 21 Oct 2015 07:27:00 GMT", undefined],
    ["what is neither", "soon", undefined],
  ])("%s", async (_, asked, retryAfterMs) => {
    const headers = { "Retry-After": asked, Date: past };
    const live = await readWith(status(503, "ServiceUnavailable", { headers }));
    expect(live.state === "unreadable" ? live.problem.retryAfterMs : "readable").toBe(retryAfterMs);
  });
});

describe("the list of buckets", () => {
  test("comes whole over several pages, with regions", async () => {
    const names = Array.from({ length: 2_345 }, (_, index) => `bucket-${String(index).padStart(5, "0")}`);
    const buckets = names.map((name, index) => ({
      name,
      region: index % 2 === 0 ? "cn-hangzhou" : "us-west-1",
    }));
    const sandbox = await sandboxWith({ buckets });
    const listing = await storeOver(sandbox.url).list();
    expect(listing).toEqual({
      owner: "1746495857600001",
      buckets: buckets.map(({ name, region }) => ({ bucket: name, region })),
    });
    expect(sandbox.requests.length).toBe(3);
  });

  test.each([0, 1])("of %d buckets", async (count) => {
    const buckets = Array.from({ length: count }, () => ({ name: "one", region: "cn-x" }));
    const sandbox = await sandboxWith({ buckets });
    expect(await storeOver(sandbox.url).list()).toMatchObject({
      buckets: buckets.map(() => ({ bucket: "one", region: "cn-x" })),
    });
  });

  test.each<[string, FaultEffect]>([
    ["refused", status(403, "AccessDenied")],
    ["cut off", { kind: "truncate", bytes: 200 }],
    ["no XML", status(200, "", { body: "{}" })],
    [
      "a page that does not move on",
      status(200, "", {
        body: "<ListAllMyBucketsResult><IsTruncated>true</IsTruncated><NextMarker></NextMarker><Owner><ID>1</ID></Owner><Buckets></Buckets></ListAllMyBucketsResult>",
      }),
    ],
  ])("that is %s is a problem, never a shorter list", async (_, effect) => {
    const sandbox = await sandboxWith(seed);
    sandbox.addFault({ effect });
    expect(await storeOver(sandbox.url).list()).toHaveProperty("problem");
  });
});

test("a temporary key works with its token and prints nothing", async () => {
  const sandbox = await sandboxWith({ ...seed, keys: [{ id: "sandbox", secret: "sandbox", token: "t" }] });
  const printed = vi.spyOn(console, "warn");
  const { live } = await storeOver(sandbox.url, { token: "t" }).get(bucket);
  expect(live.state).toBe("policy");
  expect(printed).not.toHaveBeenCalled();
});

test("path style is used where no bucket name resolves: on localhost", async () => {
  const sandbox = await sandboxWith(seed);
  const { live } = await storeOver(`http://localhost:${sandbox.port}`).get(bucket);
  expect(live.state).toBe("policy");
});
