import { describe, expect, test } from "vitest";
import { logLine, logOwner, readLines, type LoggedFields } from "../support/log-lines.ts";

/** Lines that are published or were captured. */
const documented = [
  `192.168.0.1 - - [03/Jan/2021:14:59:49 +0800] "GET /example.jpg HTTP/1.0" 200 999131 127 "http://www.aliyun.com/product/oss" "curl/7.15.5" "examplebucket.oss-cn-hangzhou.aliyuncs.com" "5FF16B65F05BC932307A3C3C" "true" "1657183691453700" "GetObject" "examplebucket" "example.jpg" 999131 88 "-" 302 "1657183691453700" - "cdn" "standard" "-" "-" "LTAI5t8Z" "acs:oss:1"`,
  ` 203.0.113.52 - - [13/Sep/2026:15:47:19 +0800] "GET /app-icon.ico HTTP/1.1" 200 370070 15 "-" "curl/8.7.1" "example-downloads.oss-cn-hangzhou.aliyuncs.com" "6AA65507B46F7C3734500001" "true" "-" "GetObject" "example-downloads" "app-icon.ico" 370070 13 "-" 119 "1746495857600001" - "-" "standard" "-" "-" "-" "-"`,
  `2.2.2.2 - - [11/Nov/2023:00:15:17 +0800] "GET /?bucketInfo HTTP/1.1" 200 1129 126 "-" "aliyun-sdk-java/..." "example.oss-cn-shanghai-internal.aliyuncs.com" "654E5715DE97D43933200002" "true" "300024016803281053" "GetBucketInfo" "exampleBucket" "-" - - "-" 949 "1746495857600001" - "-" "standard" "-" "-" "STS.NTj3"`,
];

test("the lines that are published are requests", () => {
  const { requests, counts } = readLines(documented.join("\r\n"));
  expect(counts).toMatchObject({ read: 3, used: 3, skipped: {}, sources: { files: 3, sls: 0 } });
  expect(requests.map(({ caller, actions, key }) => [caller, actions, key])).toEqual([
    [{ kind: "owner", uid: "1657183691453700" }, ["oss:GetObject"], "example.jpg"],
    [{ kind: "anonymous" }, ["oss:GetObject"], "app-icon.ico"],
    [{ kind: "role", id: "300024016803281053" }, ["oss:GetBucketInfo"], ""],
  ]);
  expect(requests.map(({ timeMs }) => new Date(timeMs).toISOString())).toEqual([
    "2021-01-03T06:59:49.000Z",
    "2026-09-13T07:47:19.000Z",
    "2023-11-10T16:15:17.000Z",
  ]);
});

function only(fields: LoggedFields) {
  const { requests, counts } = readLines(logLine(fields));
  expect(counts.skipped).toEqual({});
  return requests[0];
}

test.each([26, 27, 28, 29, 30, 31])("a format of %i fields", (count) => {
  const request = only({ count, syncRequest: "cdn" });
  expect([request?.key, request?.owner, request?.context.get("acs:AccessId")]).toEqual([
    "raw/a.csv",
    logOwner,
    count < 28 ? undefined : "LTAI5tExample",
  ]);
});

describe("a User-Agent", () => {
  test.each([
    "a b  c",
    'Mozilla "quoted" agent',
    'ends with a mark"',
    '"',
    '" "',
    'x" "y',
    'x" "host" "id" "true" "1" "DeleteObject',
    `x" ${logLine({ requester: "-", object: "forged", bucket: "forged" }).slice(150)} "y`,
  ])("%s does not shift the other fields", (userAgent) => {
    for (const count of [26, 28, 29, 30]) {
      const request = only({ userAgent, count });
      expect(request).toMatchObject({
        key: "raw/a.csv",
        bucket: "data",
        caller: { kind: "uid", uid: "202147604049350001" },
      });
      // How OSS escapes marks is not known.
      expect(request?.context.get("acs:UserAgent")).toBe(userAgent.includes('"') ? undefined : userAgent);
    }
  });

  test("is unknown if a Referer may have taken a part of it", () => {
    const request = only({ referer: 'a" "b', userAgent: "curl" });
    expect([
      request?.key,
      request?.context.has("acs:UserAgent"),
      request?.absent.has("acs:UserAgent"),
    ]).toEqual(["raw/a.csv", false, false]);
  });
});

describe("a key", () => {
  test.each([
    ["as it was sent", "/raw/a%20b%2Fc%25.csv", "raw/a%20b%2Fc%25.csv", "raw/a b/c%.csv"],
    ["encoded in another way", "/raw/a%20b.csv", "raw%2Fa%20b.csv", "raw/a b.csv"],
    ["raw", "/raw/a%20b%2520c.csv", "raw/a b%20c.csv", "raw/a b%20c.csv"],
    ["raw, and with a percent sign that decodes to nothing", "/100%25", "100%", "100%"],
    ["raw, in Chinese", "/%E6%97%A5%E5%BF%97/a", "日志/a", "日志/a"],
    ["encoded, in Chinese", "/%E6%97%A5%E5%BF%97/a", "%E6%97%A5%E5%BF%97/a", "日志/a"],
    ["behind the bucket, on an address", "/data/raw/a.csv", "raw/a.csv", "raw/a.csv"],
    ["with a mark and a blank", "/a%22%20b", 'a" b', 'a" b'],
    ["of a single hyphen", "/-", "-", "-"],
    ["of a form", "/", "from/form", "from/form"],
    ["with a plus", "/a+b", "a+b", "a+b"],
  ])("%s", (_, target, object, key) => {
    const method = target === "/" ? "POST" : "GET";
    const operation = method === "POST" ? "PostObject" : "GetObject";
    expect(only({ target, object, method, operation })?.key).toBe(key);
  });

  test("of a static website is the page that it answered", () => {
    expect(only({ target: "/", object: "index.html" })).toMatchObject({
      key: "index.html",
      actions: ["oss:GetObject"],
    });
  });
});

describe("a caller", () => {
  test.each([
    [{ requester: "-", accessId: "-" }, { kind: "anonymous" }],
    [{ requester: logOwner }, { kind: "owner", uid: logOwner }],
    [{}, { kind: "uid", uid: "202147604049350001", account: undefined }],
    [{ accessId: "STS.NTx" }, { kind: "role", id: "202147604049350001" }],
    [
      { requester: "300024016803281053", accessId: "STS.NTx" },
      { kind: "role", id: "300024016803281053" },
    ],
    [
      { requester: "300024016803281053", count: 26 },
      { kind: "role", id: "300024016803281053" },
    ],
    // A user of the console.
    [{ accessId: "TMP.3Kx" }, { kind: "uid", uid: "202147604049350001", account: undefined }],
  ])("%j", (fields, caller) => {
    expect(only(fields)?.caller).toEqual(caller);
  });

  test("that is hidden is counted, not guessed", () => {
    expect(readLines(logLine({ requester: "16571836914537****" })).counts).toMatchObject({
      used: 0,
      skipped: { "unknown caller": 1 },
    });
  });
});

describe("condition keys", () => {
  test("what a file does not have is unknown, and neither there nor absent", () => {
    const request = only({ method: "PUT", operation: "PutObject" });
    for (const key of [
      "acs:SourceVpc",
      "acs:SecureTransport",
      "acs:MFAPresent",
      "oss:x-oss-object-acl",
      "oss:RequestObjectTag/",
      "oss:ExistingObjectTag/",
      "oss:BucketTag/",
    ])
      expect([key, request?.context.has(key), request?.absent.has(key)]).toEqual([key, false, false]);
  });

  test("a read carries no ACL and no tags", () => {
    const absent = only({})?.absent;
    expect(["oss:x-oss-acl", "oss:x-oss-object-acl", "oss:RequestObjectTag/", "oss:Prefix"]).toSatisfy(
      (keys: string[]) => keys.every((key) => absent?.has(key)),
    );
  });

  test("a domain that is not the bucket's own may belong to an access point", () => {
    const host = "point-1-ossalias.oss-cn-hangzhou.aliyuncs.com";
    expect(only({ host })?.absent.has("oss:DataAccessPointArn")).toBe(false);
    expect(only({})?.absent.has("oss:DataAccessPointArn")).toBe(true);
  });

  test.each([
    ["/?prefix=raw%2F&delimiter=%2F", "raw/", "/"],
    ["/?list-type=2&prefix=", "", "absent"],
    ["/?max-keys=1", "absent", "absent"],
    ["/?prefix=a+b", "unknown", "absent"],
    ["/?versions&delimiter=%ff", "absent", "unknown"],
  ])("%s", (target, prefix, delimiter) => {
    const request = only({ target, object: "-", operation: "GetBucket" });
    const said = (key: string) =>
      request?.context.get(key) ?? (request?.absent.has(key) === true ? "absent" : "unknown");
    expect([said("oss:Prefix"), said("oss:Delimiter")]).toEqual([prefix, delimiter]);
  });

  test("requests that know the same share it, so that a replay can class them", () => {
    const { requests } = readLines([logLine(), logLine({ object: "b" })].join("\n"));
    expect(requests[0]?.context).toBe(requests[1]?.context);
    expect(requests[0]?.absent).toBe(requests[1]?.absent);
    expect(requests[0]?.caller).toBe(requests[1]?.caller);
  });
});

test("a value that is too long to keep is unknown, and never absent", () => {
  const long = "x".repeat(1_025);
  const request = only({ userAgent: long, accessId: long, requester: "-" });
  expect(request?.context.has("acs:UserAgent")).toBe(false);
  expect(request?.absent.has("acs:UserAgent")).toBe(false);
  expect(request?.context.has("acs:AccessId")).toBe(false);
  expect(request?.absent.has("acs:AccessId")).toBe(false);
  expect(only({ userAgent: long.slice(1) })?.context.get("acs:UserAgent")).toBe(long.slice(1));
});
