import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { placeOf, targetOf } from "../../src/sandbox/wire/place.ts";
import { element, rawCall, seedOf, signed, type SignedCall } from "../support/sandbox.ts";

const hosted = "app.oss-cn-hangzhou.aliyuncs.com";

/** Bucket, key and region of a target; the code of the refusal in their place. */
function place(host: string, url: string): readonly (string | undefined)[] {
  const found = placeOf(host, url);
  return "refusal" in found ? [found.refusal.code] : [found.bucket, found.key, found.region];
}

describe("a host is read as OSS and its clients write it", () => {
  test.each([
    [hosted, "/k", "app", "k", "cn-hangzhou"],
    ["APP.OSS-cn-hangzhou.aliyuncs.com:80", "/k", "app", "k", "cn-hangzhou"],
    ["app.oss-cn-hangzhou-internal.aliyuncs.com", "/", "app", "", "cn-hangzhou"],
    ["oss-cn-hangzhou.aliyuncs.com", "/", undefined, "", "cn-hangzhou"],
    [".oss-cn-hangzhou.aliyuncs.com", "/?prefix=a", undefined, "", "cn-hangzhou"],
    ["app.localhost:9000", "/k", "app", "k", undefined],
    ["localhost:9000", "/app/k", "app", "k", undefined],
    ["127.0.0.1:9000", "/app/k", "app", "k", undefined],
    ["127.0.0.1", "/app", "app", "", undefined],
    ["[::1]:9000", "/app/", "app", "", undefined],
    ["localhost", "/", undefined, "", undefined],
    // A bucket with an empty name, not the service: a signature for `/` must not serve it.
    ["localhost", "//k", "", "k", undefined],
  ])("%s %s", (host, url, ...expected) => {
    expect(place(host, url)).toEqual(expected);
  });

  test("OSS's own host without a bucket takes no path", () => {
    expect(place("oss-cn-hangzhou.aliyuncs.com", "/app/k")).toEqual(["SecondLevelDomainForbidden"]);
  });
});

describe("a key is decoded once and otherwise left as it is", () => {
  test.each([
    ["a%2Fb", "a/b"],
    ["a//b", "a//b"],
    ["a/b/", "a/b/"],
    ["a%252Fb", "a%2Fb"],
    ["../x/./y", "../x/./y"],
    ["%2e%2e/x", "../x"],
    ["a%00b", "a\0b"],
    ["a+b%20c", "a+b c"],
    ["%E4%B8%AD", "中"],
    ["%EF%BB%BFa", "\uFEFFa"],
    // The bytes of the request line arrive as Latin-1.
    [Buffer.from("中").toString("latin1"), "中"],
    ["x".repeat(1023), "x".repeat(1023)],
    ["%E4%B8%AD".repeat(341), "中".repeat(341)],
  ])("%s", (path, key) => {
    expect(place(hosted, `/${path}`)).toEqual(["app", key, "cn-hangzhou"]);
    expect(place("localhost", `/app/${path}`)).toEqual(["app", key, undefined]);
  });

  test.each([
    ["x".repeat(1024), "InvalidObjectName"],
    ["%E4%B8%AD".repeat(341) + "x", "InvalidObjectName"],
    ["/a", "InvalidObjectName"],
    ["%2Fa", "InvalidObjectName"],
    ["%5Ca", "InvalidObjectName"],
    ["\\a", "InvalidObjectName"],
    ["%", "InvalidArgument"],
    ["%zz", "InvalidArgument"],
    ["%FF", "InvalidArgument"],
    ["%C0%AF", "InvalidArgument"],
    ["%ED%A0%80", "InvalidArgument"],
    ["\u00e9", "InvalidArgument"],
    ["k?%FF=1", "InvalidArgument"],
    ["k?a=%FF", "InvalidArgument"],
  ])("refused: %s", (path, code) => {
    expect(place(hosted, `/${path}`)).toEqual([code]);
    expect(place("localhost", `/app/${path}`)).toEqual([code]);
  });
});

test("in a query a plus sign is a blank, and in a path it is itself", () => {
  const found = placeOf(hosted, "/a+b?marker=c+d%2Be&f+g");
  expect(found).toMatchObject({
    key: "a+b",
    query: [
      ["marker", "c d+e"],
      ["f g", ""],
    ],
  });
  const mark = Buffer.from("\uFEFF").toString("latin1");
  expect(placeOf(hosted, `/?marker=${mark}a`)).toMatchObject({ query: [["marker", "\uFEFFa"]] });
});

test("of an absolute URL in the request line the host counts, not the Host header", () => {
  expect(targetOf("127.0.0.1:9000", "http://app.localhost/a?b=http://c/")).toEqual({
    host: "app.localhost",
    url: "/a?b=http://c/",
  });
  expect(targetOf("h", "HTTP://app.localhost?acl")).toEqual({ host: "app.localhost", url: "/?acl" });
  expect(targetOf("h", "/http://x/y")).toEqual({ host: "h", url: "/http://x/y" });
});

describe("over HTTP", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ seed: seedOf("app") });
  });
  afterAll(() => sandbox.close());
  const info: SignedCall = { bucket: "app", query: [["bucketInfo", ""]] };

  test("a client that takes the sandbox for its proxy", async () => {
    const call = signed(info);
    const path = `http://${hosted}${call.path ?? ""}`;
    const answer = await rawCall(sandbox.port, {
      ...call,
      path,
      headers: { ...call.headers, host: "proxy" },
    });
    expect([answer.status, element(answer, "Name")]).toEqual([200, "app"]);
  });

  test("a bucket below localhost", async () => {
    const call = signed(info);
    const headers = { ...call.headers, host: `app.localhost:${sandbox.port}` };
    const answer = await rawCall(sandbox.port, { ...call, headers });
    expect([answer.status, element(answer, "Name")]).toEqual([200, "app"]);
  });

  test("a bucket with an empty name is refused, although the signature is that of the service", async () => {
    const answer = await rawCall(sandbox.port, { ...signed({ style: "path" }), path: "//" });
    expect(answer.status).not.toBe(200);
  });
});
