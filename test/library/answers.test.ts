import { expect, onTestFinished, test } from "vitest";
import { startSandbox, type TestSandbox } from "../../src/library/sandbox.ts";

const region = "cn-hangzhou";

async function started(statements: readonly object[] = []): Promise<TestSandbox> {
  const policy = { Version: "1", Statement: statements };
  const sandbox = await startSandbox({ seed: { buckets: [{ name: "web", region, policy }] } });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

// A test that expects a refusal must not pass because of a mistake in it.
test("a 403 that is not about rights is no refusal", async () => {
  const sandbox = await started();
  const root = sandbox.as("sandbox");
  await root.request("PUT", "/web/cold", { headers: { "x-oss-storage-class": "Archive" }, body: "x" });
  const archived = await root.request("GET", "/web/cold");
  expect([archived.status, archived.code, archived.access]).toEqual([403, "InvalidObjectState", "allowed"]);
  const headers = { "X-OSS-Security-Token": "none" };
  const unknown = await root.request("GET", "/web/cold", { headers });
  expect([unknown.status, unknown.access]).toEqual([403, "undecided"]);
});

test("Block Public Access refuses, although a policy allows the call", async () => {
  const sandbox = await started();
  const root = sandbox.as("sandbox");
  const on =
    "<PublicAccessBlockConfiguration><BlockPublicAccess>true</BlockPublicAccess></PublicAccessBlockConfiguration>";
  await root.request("PUT", "/web/?publicAccessBlock", { body: on });
  const answer = await root.request("PUT", "/web/?acl", { headers: { "x-oss-acl": "public-read" } });
  expect([answer.status, answer.access]).toEqual([403, "refused"]);
});

// Each of these was signed as another path than the one that was sent, and looked like a refusal.
test.each([
  "/web",
  "/web/a/../b",
  "/web/a//b",
  "/web/a b",
  "/web/报告 1",
  "/web/#1",
  "/web/a%2Fb",
  "/web/?prefix=a+b",
])("a request of %s is signed as it is sent", async (path) => {
  const sandbox = await started();
  expect((await sandbox.as("sandbox").request("GET", path)).access).toBe("allowed");
});

test("a key with .. is read by its own name", async () => {
  const sandbox = await started();
  await sandbox.as("sandbox").request("PUT", "/web/a/../b", { body: "x" });
  const { text } = await sandbox.as("sandbox").request("GET", "/web/");
  expect(text).toContain("<Key>a/../b</Key>");
});

test.each(["/web/100%", "web/a", "/web/\ud800"])("a request of %j rejects: it is no path", async (path) => {
  const sandbox = await started();
  const request = sandbox.as("sandbox").request("GET", path);
  await expect(request).rejects.toThrow();
});

test("a header may have letters beyond ASCII", async () => {
  const sandbox = await started();
  const put = await sandbox
    .as("sandbox")
    .request("PUT", "/web/k", { headers: { "x-oss-meta-a": "é" }, body: "é" });
  expect(put.status).toBe(200);
});

// Each of these was decided by a value that no request has.
test.each([
  { "acs:SourceIp": "10.0.0" },
  { "acs:SourceIp": "10.0.0.0/8" },
  { "acs:SecureTransport": "yes" },
  { "acs:MFAPresent": "True" },
  { "acs:CurrentTime": "2026" },
  { "acs:SourceVpc": "vpc-1, acs:SourceIp=10.0.0.1" },
])("the context %j is refused", async (context) => {
  const sandbox = await started();
  const answer = await sandbox.as("sandbox").request("GET", "/web/", { context });
  expect([answer.status, answer.code, answer.access]).toEqual([400, "InvalidArgument", "undecided"]);
});

test("a key of the context that occurs twice is refused", async () => {
  const sandbox = await started();
  const headers = { "x-sandbox-context": "acs:SourceIp=10.0.0.1&acs:SourceIp=11.0.0.1" };
  expect((await sandbox.as("sandbox").request("GET", "/web/", { headers })).status).toBe(400);
});

test("a RAM policy whose Statement is no list is no policy that says nothing", async () => {
  const deny = { Version: "1", Statement: { Effect: "Deny", Action: "oss:*", Resource: "*" } };
  const users = [{ name: "alice", uid: "202147604049351234", policies: [deny] }];
  const accounts = [{ uid: "1746495857600001", keys: [{ id: "root", secret: "r" }], users }];
  await expect(startSandbox({ seed: { accounts } })).rejects.toThrow(/with a list as its `Statement`/);
});

// `port: "x"` made a socket file of that name, and a wrong name started an empty sandbox.
test.each<[unknown, RegExp]>([
  [null, /must be an object/],
  [{ sede: {} }, /no option `sede`/],
  [{ seed: 3 }, /`seed` must be/],
  [{ seed: null }, /`seed` must be/],
  [{ seed: [] }, /`seed` must be/],
  [{ policies: 3 }, /`policies` must be/],
  [{ port: "9000" }, /`port` must be/],
  [{ port: -1 }, /`port` must be/],
  [{ port: 65_536 }, /`port` must be/],
])("the options %j are refused", async (options, message) => {
  await expect(startSandbox(options as object)).rejects.toThrow(message);
});

test("a method is sent and signed in upper case", async () => {
  const sandbox = await started();
  expect((await sandbox.as("sandbox").request("get", "/web/")).access).toBe("allowed");
});

// The compiler checks that the types have what a seed file has.
test("a seed in code has all fields of a seed file", async () => {
  const sandbox = await startSandbox({
    seed: {
      buckets: [
        { name: "web", region, tags: { stage: "test" }, objects: [{ key: "a", contentType: "text/css" }] },
      ],
      interpretation: { namedRegion: "matches" },
      faults: [{ operation: "GetBucketAcl", effect: { kind: "expired-token" } }],
    },
  });
  onTestFinished(() => sandbox.close());
  const root = sandbox.as("sandbox");
  expect((await root.request("GET", "/web/a")).headers["content-type"]).toBe("text/css");
  expect((await root.request("GET", "/web/?tagging")).text).toContain("<Key>stage</Key>");
  const failed = await root.request("GET", "/web/?acl");
  expect([failed.code, failed.access]).toEqual(["SecurityTokenExpired", "undecided"]);
});

// Such a policy, which `setPolicy` does not check, counted as none: what its Deny should refuse was allowed.
test.each(["{", "[]", '"Deny"', ""])("the policy %j decides nothing", async (text) => {
  const users = [{ name: "alice", uid: "202147604049351234", keys: [{ id: "alice-key", secret: "a" }] }];
  const accounts = [{ uid: "1746495857600001", keys: [{ id: "root", secret: "r" }], users }];
  const buckets = [{ name: "web", region, acl: "public-read" as const, objects: [{ key: "a" }] }];
  const sandbox = await startSandbox({ seed: { accounts, buckets } });
  onTestFinished(() => sandbox.close());
  const read = async () => (await sandbox.as("alice").request("GET", "/web/a")).access;
  expect(await read()).toBe("allowed");
  sandbox.setPolicy("web", text);
  expect(await read()).toBe("undecided");
  expect((await sandbox.as("root").request("DELETE", "/web/?policy")).status).toBe(204);
  expect(await read()).toBe("allowed");
});
