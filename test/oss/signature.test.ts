import Client from "ali-oss";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSigner } from "../../src/oss/signature.ts";

const [id, secret] = ["LTAI5tSignature0001", "a secret of the signature's test"];
const options = {
  accessKeyId: id,
  accessKeySecret: secret,
  region: "oss-cn-hangzhou",
  secure: true,
  authorizationV4: true,
  sldEnable: false,
  timeout: 1_000,
  retryMax: 0,
  urllib: { request: () => Promise.reject(new Error("nothing is called here")) },
};
const sdk = new Client(options);

const text = fc.string({ unit: fc.constantFrom(..."aZ09 -_.~!'()*/%&=+ü\u{1f600}"), minLength: 1 });
const day = fc.constantFrom("20261128T235959Z", "20261129T000000Z", "20270101T120000Z");
const call = fc.record({
  method: fc.constantFrom("GET", "PUT", "DELETE"),
  bucket: fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,20}[a-z0-9]$/), { nil: undefined }),
  date: day,
  token: fc.option(fc.base64String(), { nil: undefined }),
  md5: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
  queries: fc.dictionary(
    fc.constantFrom("policy", "bucketInfo", "publicAccessBlock", "marker", "max-keys", "prefix"),
    fc.option(text, { nil: null }),
  ),
});

test("a call is signed as the SDK signs it, on any day in any order", () => {
  const sign = openSigner(id, secret, "cn-hangzhou");
  fc.assert(
    fc.property(call, ({ method, bucket, date, token, md5, queries }) => {
      const headers = {
        "x-oss-date": date,
        "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
        "User-Agent": "test",
        ...(token === undefined ? {} : { "x-oss-security-token": token }),
        ...(md5 === undefined ? {} : { "Content-MD5": md5, "Content-Type": "application/json" }),
      };
      const request = { headers, queries };
      expect(sign(method, request, bucket)).toBe(sdk.authorizationV4(method, request, bucket));
    }),
  );
});
