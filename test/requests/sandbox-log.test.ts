import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { readRequests } from "../../src/requests/read-requests.ts";
import type { SeenRequest } from "../../src/requests/seen-request.ts";
import type { SandboxKey } from "../../src/sandbox/seed/seed.ts";
import { startSandbox } from "../../src/sandbox/server.ts";
import { rawCall } from "../support/sandbox.ts";
import { callSts, sessionKey } from "../support/sts-calls.ts";
import { account, keys, ownRoot, policyOf, stsSeed, trustOf } from "../support/sts-seed.ts";

/** What of the real client is called here; its package has no types. */
interface RealClient {
  put(key: string, body: Buffer, options?: object): Promise<unknown>;
  get(key: string): Promise<unknown>;
  head(key: string): Promise<unknown>;
  getObjectMeta(key: string): Promise<unknown>;
  copy(key: string, source: string): Promise<unknown>;
  append(key: string, body: Buffer): Promise<unknown>;
  multipartUpload(key: string, body: Buffer, options: object): Promise<unknown>;
  list(query: object): Promise<unknown>;
  listV2(query: object): Promise<unknown>;
  putACL(key: string, acl: string): Promise<unknown>;
  getACL(key: string): Promise<unknown>;
  putObjectTagging(key: string, tags: object): Promise<unknown>;
  putSymlink(key: string, target: string): Promise<unknown>;
  getSymlink(key: string): Promise<unknown>;
  deleteMulti(keys: readonly string[]): Promise<unknown>;
  delete(key: string): Promise<unknown>;
  getBucketInfo(name: string): Promise<unknown>;
  getBucketPolicy(name: string): Promise<unknown>;
}

const OSS = createRequire(import.meta.url)("ali-oss") as new (options: object) => RealClient;

function clientOf(port: number, { id, secret, token }: SandboxKey, authorizationV4: boolean): RealClient {
  return new OSS({
    endpoint: `http://127.0.0.1:${port}`,
    region: "oss-cn-hangzhou",
    bucket: "app",
    accessKeyId: id,
    accessKeySecret: secret,
    authorizationV4,
    ...(token === undefined ? {} : { stsToken: token }),
  });
}

const awkward = "raw/日志 a+b%25.csv";

async function everyCall(client: RealClient): Promise<void> {
  const body = Buffer.alloc(110_000, "x");
  await client.put(awkward, body);
  await client.get(awkward);
  await client.head(awkward);
  await client.getObjectMeta(awkward);
  await client.copy("copy", awkward);
  await client.append("append", body);
  await client.multipartUpload("multi", body, { partSize: 102_400, parallel: 1 });
  await client.list({ prefix: "raw/", "max-keys": 5 });
  await client.listV2({ delimiter: "/" });
  await client.putACL("copy", "private");
  await client.getACL("copy");
  await client.putObjectTagging("copy", { a: "b" });
  await client.putSymlink("link", "copy");
  await client.getSymlink("link");
  await client.deleteMulti(["copy", "link"]);
  await client.delete("append");
  await client.getBucketInfo("app");
  await client.getBucketPolicy("app");
}

const wanted = [
  ["oss:PutObject", awkward],
  ["oss:GetObject", awkward],
  ["oss:GetObject", awkward],
  ["oss:GetObject", awkward],
  ["oss:PutObject", "copy"],
  ["oss:PutObject", "append"],
  ["oss:PutObject", "multi"],
  ["oss:PutObject", "multi"],
  ["oss:PutObject", "multi"],
  ["oss:PutObject", "multi"],
  ["oss:ListObjects", ""],
  ["oss:ListObjects", ""],
  ["oss:PutObjectAcl", "copy"],
  ["oss:GetObjectAcl", "copy"],
  ["oss:PutObjectTagging", "copy"],
  ["oss:PutObject", "link"],
  ["oss:GetObject", "link"],
  // Of a delete of many objects, the log does not have the keys.
  ["oss:DeleteObject", ""],
  ["oss:DeleteObject", "append"],
  ["oss:GetBucketInfo", ""],
  ["oss:GetBucketPolicy", ""],
];

const owns = {
  name: "owner",
  trust: trustOf(ownRoot),
  policies: [policyOf({ Effect: "Allow", Action: "oss:*", Resource: "*" })],
};

test.each([
  ["V1", "the account", false],
  ["V4", "the account", true],
  ["V1", "a session", false],
  ["V4", "a session", true],
])("what ali-oss does with %s as %s is read from the log of the sandbox", async (_, who, isV4) => {
  const folder = mkdtempSync(join(tmpdir(), "oss-policy-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const logFile = join(folder, "access.log");
  const sandbox = await startSandbox({ seed: stsSeed(owns), logFile });
  const before = Date.now();
  const parameters = { RoleArn: `acs:ram::${account}:role/owner`, RoleSessionName: "client" };
  const key: SandboxKey =
    who === "the account"
      ? keys.root
      : sessionKey(await callSts(sandbox.port, "ACS3", { parameters, signer: keys.alice }));
  await everyCall(clientOf(sandbox.port, key, isV4));
  await rawCall(sandbox.port, { path: "/app/nothing" });
  await sandbox.close();

  const requests: SeenRequest[] = [];
  const options = { buckets: new Map([["app", account]]) };
  const read = await readRequests(
    [logFile],
    options,
    () => Readable.from([]),
    (seen) => requests.push(seen),
  );
  expect(requests.map(({ actions, key: seen }) => [actions.join(), seen])).toEqual(wanted);
  expect(new Set(requests.map(({ caller }) => caller.kind))).toEqual(
    new Set([who === "a session" ? "role" : "owner"]),
  );
  expect(requests[10]?.context.get("oss:Prefix")).toBe("raw/");
  expect(requests.every(({ timeMs }) => timeMs >= before - 1_000 && timeMs <= Date.now())).toBe(true);
  expect(read).toMatchObject({
    counts: { used: wanted.length, skipped: { failed: 1 } },
    diagnostics: [],
  });
});
