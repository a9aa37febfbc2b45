import { expect, test } from "vitest";
import { signV1, stringToSignV1 } from "../../src/sandbox/auth/signature-v1.ts";
import { placeOf } from "../../src/sandbox/wire/place.ts";

const meta = { "x-oss-meta-author": "alice", "x-oss-meta-magic": "abracadabra" };
const upload = { "content-md5": "eB5eJF1ptWaXm4bijSPyxw==", "content-type": "text/html", ...meta };
const then = "Wed, 28 Dec 2022 10:27:41 GMT";
const ours = "Fri, 02 Jan 2026 03:04:05 GMT";
const md5 = { "content-md5": "hR35EzE8eNqFT81qIgv1Fg==" };

function signatureOf(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  date: string,
): string {
  const route = placeOf("localhost", path);
  if ("refusal" in route) throw new Error(route.refusal.message);
  return signV1(stringToSignV1({ method, route, headers }, date), "sk");
}

// Vectors of the official SDKs' unit tests, and of ali-oss for the policy calls.
test.each([
  ["PUT", "/examplebucket/nelson", upload, then, "kSHKmLxlyEAKtZPkJhG9bZb5k7M="],
  ["PUT", "/examplebucket/nelson?acl", upload, then, "/afkugFbmWDQ967j1vr6zygBLQk="],
  ["GET", "/examplebucket/?resourceGroup&non-resousce=null", {}, then, "vkQmfuUDyi1uDi3bKt67oemssIs="],
  ["GET", "/examplebucket/?resourceGroup&acl", {}, then, "x3E5TgOvl/i7PN618s5mEvpJDYk="],
  ["PUT", "/examplebucket/?policy=", md5, ours, "YKZFGtZaiFSgCj2gL9LTvKJsK94="],
  ["GET", "/examplebucket/?policy", {}, ours, "DSS0laGoyLpjharZOP8NCw3xKB0="],
  ["GET", "/?prefix=a&max-keys=1", {}, ours, "owuKulgFq2ie4aRfz0OF1ZDBl78="],
])("header: %s %s", (method, path, headers, date, signature) => {
  expect(signatureOf(method, path, { "x-oss-date": date, ...headers }, date)).toBe(signature);
});

test.each([
  ["/bucket/key?versionId=versionId", "1699807420", "dcLTea+Yh9ApirQ8o8dOPqtvJXQ="],
  [
    "/bucket/key%2B123?versionId=versionId&security-token=token",
    "1699808204",
    "jzKYRrM5y6Br0dRFPaTGOsbrDhY=",
  ],
])("URL: %s", (path, expires, signature) => {
  expect(signatureOf("GET", path, {}, expires)).toBe(signature);
});

test("values are signed decoded, keys in UTF-8, and of a name that occurs twice the first value", () => {
  const route = placeOf("localhost", "/b/%E4%B8%AD?response-content-type=a%2Fb%20c&acl&acl=x&prefix=p");
  if ("refusal" in route) throw new Error(route.refusal.message);
  const text = stringToSignV1({ method: "GET", route, headers: {} }, "d");
  expect(Buffer.from(text, "latin1").toString()).toBe("GET\n\n\nd\n/b/中?acl&response-content-type=a/b c");
});

test("a header is signed byte by byte, whatever its encoding", () => {
  const route = placeOf("localhost", "/b/k");
  if ("refusal" in route) throw new Error(route.refusal.message);
  const bytes = Buffer.from("中").toString("latin1");
  const text = stringToSignV1({ method: "PUT", route, headers: { "x-oss-meta-a": bytes } }, "d");
  expect(Buffer.from(text, "latin1").toString()).toBe("PUT\n\n\nd\nx-oss-meta-a:中\n/b/k");
});
