import { describe, expect, test } from "vitest";
import { requestReader } from "../../src/requests/read-requests.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import type { WantedRequests } from "../../src/requests/understand.ts";

/** Reads lines, in parts of `size` bytes. */
function read(text: string, wanted: WantedRequests = {}, size = 1 << 20) {
  const requests: SeenRequest[] = [];
  const reader = requestReader(wanted, (request) => requests.push(request));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { requests, counts: reader.end() };
}

const documented = [
  `192.168.0.1 - - [03/Jan/2021:14:59:49 +0800] "GET /example.jpg HTTP/1.0" 200 999131 127 "http://www.aliyun.com/product/oss" "curl/7.15.5" "examplebucket.oss-cn-hangzhou.aliyuncs.com" "5FF16B65F05BC932307A3C3C" "true" "1657183691453700" "GetObject" "examplebucket" "example.jpg" 999131 88 "-" 302 "1657183691453700" - "cdn" "standard" "-" "-" "LTAI5t8Z" "acs:oss:1"`,
  `203.0.113.52 - - [13/Sep/2026:15:47:19 +0800] "GET /app-icon.ico HTTP/1.1" 200 370070 15 "-" "curl/8.7.1" "example-downloads.oss-cn-hangzhou.aliyuncs.com" "6AA65507B46F7C3734500001" "true" "-" "GetObject" "example-downloads" "app-icon.ico" 370070 13 "-" 119 "1746495857600001" - "-" "standard" "-" "-" "-" "-"`,
  `2.2.2.2 - - [11/Nov/2023:00:15:17 +0800] "GET /?bucketInfo HTTP/1.1" 200 1129 126 "-" "aliyun-sdk-java/..." "example.oss-cn-shanghai-internal.aliyuncs.com" "654E5715DE97D43933200002" "true" "300024016803281053" "GetBucketInfo" "exampleBucket" "-" - - "-" 949 "1746495857600001" - "-" "standard" "-" "-" "STS.NTj3"`,
];

describe("lines of files that are published", () => {
  test("are requests", () => {
    const { requests, counts } = read(documented.join("\n"));
    expect(counts).toMatchObject({ read: 3, used: 3, skipped: {} });
    expect(requests.map(({ caller, actions, key }) => [caller, actions, key])).toEqual([
      [{ kind: "owner", uid: "1657183691453700" }, ["oss:GetObject"], "example.jpg"],
      [{ kind: "anonymous" }, ["oss:GetObject"], "app-icon.ico"],
      [{ kind: "role", id: "300024016803281053" }, ["oss:GetBucketInfo"], ""],
    ]);
  });
});
