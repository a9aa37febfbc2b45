import { expect, test } from "vitest";
import { urlOf } from "../../src/conformance/client.ts";

const call = { method: "GET", as: undefined } as const;
const place = {
  region: "cn-hangzhou",
  bucket: "scratch",
  wait: () => Promise.resolve(),
  now: () => new Date(0),
};

// OSS refuses the path style, and a host without the bucket would be another bucket's.
test.each<[string | undefined, object, string]>([
  [undefined, { query: { policy: null } }, "https://scratch.oss-cn-hangzhou.aliyuncs.com/?policy"],
  [
    undefined,
    { isOfService: true, query: { "max-keys": "1" } },
    "https://oss-cn-hangzhou.aliyuncs.com/?max-keys=1",
  ],
  [undefined, { key: "a b/c+d" }, "https://scratch.oss-cn-hangzhou.aliyuncs.com/a%20b/c%2Bd"],
  [
    "https://oss-{region}-internal.aliyuncs.com",
    { query: { acl: null } },
    "https://scratch.oss-cn-hangzhou-internal.aliyuncs.com/?acl",
  ],
  ["http://127.0.0.1:9000", { key: "x", query: {} }, "http://127.0.0.1:9000/scratch/x"],
  ["http://localhost:9000", { query: { acl: null } }, "http://localhost:9000/scratch/?acl"],
])("at the endpoint %s, %j calls %s", (endpoint, rest, url) => {
  expect(urlOf({ ...call, ...rest }, { ...place, endpoint })).toBe(url);
});
