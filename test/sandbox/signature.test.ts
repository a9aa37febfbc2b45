import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  canonicalRequest,
  sameSignature,
  sign,
  signingKey,
  stringToSign,
  type QueryPair,
  type SignedRequest,
} from "../../src/sandbox/auth/signature.ts";

// Vectors of the official SDKs' unit tests: the sandbox's signature stands on these, not on any client's code.
const officialQuery: readonly QueryPair[] = [
  ["param1", "value1"],
  ["+param1", "value3"],
  ["|param1", "value4"],
  ["+param2", ""],
  ["|param2", ""],
  ["param2", ""],
];

function official(date: string, more: Readonly<Record<string, string>> = {}): SignedRequest {
  return {
    method: "PUT",
    resource: "/bucket/1234+-/123/1.txt",
    query: officialQuery,
    headers: {
      "x-oss-head1": "value",
      abc: "value",
      zabc: "value",
      xyz: "value",
      "content-type": "text/plain",
      "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
      "x-oss-date": date,
      ...more,
    },
    additionalHeaders: [],
  };
}

describe("official V4 header vectors", () => {
  test.each([
    {
      name: "header",
      date: "20231216T162057Z",
      token: {},
      scope: { region: "cn-hangzhou", product: "oss" },
      signature: "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe",
    },
    {
      name: "header with a token",
      date: "20231217T034736Z",
      token: { "x-oss-security-token": "token" },
      scope: { region: "cn-hangzhou", product: "oss" },
      signature: "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea",
    },
    {
      name: "cloud box",
      date: "20231216T162057Z",
      token: {},
      scope: { region: "cb-123", product: "oss-cloudbox" },
      signature: "94ce1f12c17d148ea681030275a94449d3357f5b5b21133996eec80af3e08a43",
    },
  ])("$name", ({ date, token, scope, signature }) => {
    const whole = { date: date.slice(0, 8), ...scope };
    expect(sign(stringToSign(official(date, token), date, whole), "sk", whole)).toBe(signature);
  });

  test("the query is sorted after encoding, and an empty value leaves the bare name", () => {
    const [, uri, query] = canonicalRequest(official("20231216T162057Z")).split("\n");
    expect(uri).toBe("/bucket/1234%2B-/123/1.txt");
    expect(query).toBe("%2Bparam1=value3&%2Bparam2&%7Cparam1=value4&%7Cparam2&param1=value1&param2");
  });
});

test("official V4 presigned vector", () => {
  const date = "20231217T025437Z";
  const scope = { date: "20231217", region: "cn-hangzhou", product: "oss" };
  const request: SignedRequest = {
    method: "PUT",
    resource: "/bucket/1234+-/123/1.txt",
    additionalHeaders: [],
    headers: {
      "x-oss-head1": "value",
      abc: "value",
      zabc: "value",
      xyz: "value",
      "content-type": "application/octet-stream",
    },
    query: [
      ...officialQuery,
      ["x-oss-signature-version", "OSS4-HMAC-SHA256"],
      ["x-oss-date", date],
      ["x-oss-expires", "599"],
      ["x-oss-credential", "ak/20231217/cn-hangzhou/oss/aliyun_v4_request"],
      ["x-oss-signature", "left out"],
    ],
  };
  expect(sign(stringToSign(request, date, scope), "sk", scope)).toBe(
    "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe",
  );
});

test("the worked example of the docs, with key and signature recomputed from the secret that it shows", () => {
  const scope = { date: "20250411", region: "cn-hangzhou", product: "oss" };
  const request: SignedRequest = {
    method: "PUT",
    resource: "/examplebucket/exampleobject",
    query: [],
    headers: {
      "content-disposition": "attachment",
      "content-length": "3",
      "content-md5": "ICy5YqxZB1uWSwcVLSNLcA==",
      "content-type": "text/plain",
      "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
      "x-oss-date": "20250411T064124Z",
    },
    // Unsorted, in capitals, with a default one and an absent one: none of this may change the signature.
    additionalHeaders: ["Content-Length", "content-disposition", "content-type", "absent"],
  };
  expect(createHash("sha256").update(canonicalRequest(request)).digest("hex")).toBe(
    "c46d96390bdbc2d739ac9363293ae9d710b14e48081fcb22cd8ad54b63136eca",
  );
  expect(signingKey("yourAccessKeySecret", scope).toString("hex")).toBe(
    "8a01ff4efcc65ca2cbc75375045c61ab5f3fa8b9a2d84f0add27ef16a25feb3c",
  );
  expect(sign(stringToSign(request, "20250411T064124Z", scope), "yourAccessKeySecret", scope)).toBe(
    "d3694c2dfc5371ee6acd35e88c4871ac95a7ba01d3a2f476768fe61218590097",
  );
});

describe("vectors of the policy calls", () => {
  const policy: readonly QueryPair[] = [["policy", ""]];
  const md5 = { "content-md5": "hR35EzE8eNqFT81qIgv1Fg==" };
  const page: readonly QueryPair[] = [
    ["prefix", "p"],
    ["marker", "a"],
    ["max-keys", "2"],
  ];
  test.each([
    [
      "PUT",
      "/examplebucket/",
      policy,
      md5,
      "c2dbf2637c4170ac607a1a53dd3fa7f8df57fc2619d3797ae60200b8208341eb",
    ],
    [
      "GET",
      "/examplebucket/",
      policy,
      {},
      "d9bfd70a3362145d7f5df144754d5305d2152de2f7c789d3deea211d945b9fe5",
    ],
    [
      "DELETE",
      "/examplebucket/",
      policy,
      {},
      "58a0fa27417623f930aa2468a03bce921da1b8b7fbffdc75002f97f2402096fa",
    ],
    [
      "GET",
      "/examplebucket/",
      [["policyStatus", ""]] as readonly QueryPair[],
      {},
      "e4923eb19504f04251f5fb42ebbe9fda7d35a69a834491be5348ae476e26952f",
    ],
    ["GET", "/", page, {}, "9c764195b555aba18bb8b7d7bce32870055e0da9437d69d79b0b00f677375166"],
  ])("%s %s %s", (method, resource, query, more, signature) => {
    const scope = { date: "20260102", region: "cn-hangzhou", product: "oss" };
    const headers = { "x-oss-date": "20260102T030405Z", "x-oss-content-sha256": "UNSIGNED-PAYLOAD", ...more };
    const text = stringToSign(
      { method, resource, query, headers, additionalHeaders: [] },
      "20260102T030405Z",
      scope,
    );
    expect(sign(text, "sk", scope)).toBe(signature);
  });
});

test("a signature of another length or case is another one", () => {
  expect(sameSignature("ab", "ab")).toBe(true);
  expect(sameSignature("ab", "AB")).toBe(false);
  expect(sameSignature("ab", "abc")).toBe(false);
  expect(sameSignature("ab", "")).toBe(false);
});
