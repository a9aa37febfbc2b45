import { describe, expect, test } from "vitest";
import { findCredentials } from "../../src/oss/credentials.ts";
import { checkEndpoint, endpointOf, regionOfEndpoint } from "../../src/oss/endpoint.ts";

describe("credentials", () => {
  const oss = { OSS_ACCESS_KEY_ID: "a", OSS_ACCESS_KEY_SECRET: "b" };
  const cloud = { ALIBABA_CLOUD_ACCESS_KEY_ID: "c", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "d" };

  test("the first source that is there is taken, with its own token", () => {
    expect(findCredentials({ ...oss, ...cloud, ALIBABA_CLOUD_SECURITY_TOKEN: "t" })).toEqual({
      credentials: { accessKeyId: "a", accessKeySecret: "b", securityToken: undefined },
      source: "OSS_ACCESS_KEY_ID",
    });
    expect(findCredentials({ ...cloud, ALIBABA_CLOUD_SECURITY_TOKEN: "t" })).toEqual({
      credentials: { accessKeyId: "c", accessKeySecret: "d", securityToken: "t" },
      source: "ALIBABA_CLOUD_ACCESS_KEY_ID",
    });
  });

  test.each([
    ["an id alone", { OSS_ACCESS_KEY_ID: "a" }, "OSS_ACCESS_KEY_SECRET is missing"],
    ["a secret alone", { OSS_ACCESS_KEY_SECRET: "b", ...cloud }, "OSS_ACCESS_KEY_ID is missing"],
    ["a token alone", { OSS_SESSION_TOKEN: "t", ...cloud }, "OSS_ACCESS_KEY_ID is missing"],
    ["blank values", { OSS_ACCESS_KEY_ID: " ", OSS_ACCESS_KEY_SECRET: "b" }, "OSS_ACCESS_KEY_ID is missing"],
  ])("%s is an error, never a reason to look further", (_, env, problem) => {
    expect(findCredentials(env)).toHaveProperty("problem", expect.stringContaining(problem));
  });
});

describe("endpoints", () => {
  test.each([
    "https://oss-{region}-internal.aliyuncs.com",
    "https://oss.example.com:8443/",
    "http://127.0.0.1:9000",
    "http://localhost:9000",
  ])("%s is taken", (endpoint) => {
    expect(checkEndpoint(endpoint)).toHaveProperty("template");
  });

  test.each([
    ["plain http to another machine", "http://oss-cn-hangzhou.aliyuncs.com"],
    ["a name that only begins like the loopback", "http://127.0.0.1.example.com"],
    ["the same for localhost", "http://localhost.example.com"],
    ["no address", "oss-cn-hangzhou.aliyuncs.com"],
    ["another scheme", "ftp://127.0.0.1"],
    ["a path", "https://example.com/oss"],
    ["a password", "https://a:b@example.com"],
    ["a password alone", "https://:b@example.com"],
    ["an empty query", "http://127.0.0.1:9000?"],
    ["a spelling of the loopback that only some tools know", "http://0x7f000001:9000"],
    ["a short spelling of it", "http://127.1:9000"],
  ])("%s is refused", (_, endpoint) => {
    expect(checkEndpoint(endpoint)).toHaveProperty("problem");
  });

  test("the region stands where the template wants it", () => {
    expect(endpointOf("https://oss-{region}-internal.aliyuncs.com", "us-west-1").url).toBe(
      "https://oss-us-west-1-internal.aliyuncs.com",
    );
  });

  test.each([
    ["oss-cn-shanghai.aliyuncs.com", "cn-shanghai"],
    ["oss-cn-shanghai-internal.aliyuncs.com", "cn-shanghai"],
    ["oss-ap-southeast-1.aliyuncs.com", "ap-southeast-1"],
    ["evil.example.com", undefined],
    ["oss-cn-shanghai.aliyuncs.com.example.com", undefined],
    ["oss-cn-shanghai.aliyuncs.com:8080", undefined],
    ["x.oss-cn-shanghai.aliyuncs.com", undefined],
  ])("OSS names %s: the region is %s", (host, region) => {
    expect(regionOfEndpoint(host)).toBe(region);
  });
});
