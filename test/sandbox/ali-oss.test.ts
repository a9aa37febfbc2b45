import { Agent } from "node:http";
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startSandbox, type Sandbox } from "../../src/sandbox/server.ts";
import { sandboxKey } from "../../src/sandbox/seed/seed.ts";
import { seedOf } from "../support/sandbox.ts";

/** The part of the real client's own interface that a user would call; its package has no types. */
interface RealClient {
  putBucketPolicy(name: string, policy: object): Promise<{ readonly status: number }>;
  getBucketPolicy(name: string): Promise<{ readonly policy: unknown; readonly status: number }>;
  deleteBucketPolicy(name: string): Promise<{ readonly status: number }>;
  putBucket(name: string): Promise<unknown>;
  deleteBucket(name: string): Promise<unknown>;
  getBucketInfo(name: string): Promise<{ readonly bucket: { readonly Owner: { readonly ID: string } } }>;
  putBucketACL(name: string, acl: string): Promise<unknown>;
  getBucketACL(name: string): Promise<{ readonly acl: string; readonly owner: { readonly id: string } }>;
  getBucketLocation(name: string): Promise<{ readonly location: string }>;
  listBuckets(query: Readonly<Record<string, string | number>>): Promise<{
    readonly buckets: readonly { readonly name: string }[] | null;
    readonly isTruncated: boolean;
    readonly nextMarker: string | null;
  }>;
}

const OSS = createRequire(import.meta.url)("ali-oss") as new (options: object) => RealClient;

let sandbox: Sandbox;
let agent: Agent;
beforeEach(async () => {
  sandbox = await startSandbox({ seed: seedOf("app", "web") });
  agent = new Agent({ keepAlive: true });
});
afterEach(async () => {
  agent.destroy();
  await sandbox.close();
});

function open(style: "host" | "path", change: object = {}): RealClient {
  return new OSS({
    accessKeyId: sandboxKey.id,
    accessKeySecret: sandboxKey.secret,
    region: "oss-cn-hangzhou",
    endpoint: style === "host" ? sandbox.url : `http://localhost:${sandbox.port}`,
    sldEnable: style === "path",
    secure: false,
    authorizationV4: true,
    agent,
    ...change,
  });
}

// Two clients of two makers: what only our own test client could talk to would be no OSS.
test.each(["host", "path"] as const)("the real client does every operation (%s style)", async (style) => {
  const client = open(style);
  const policy = { Version: "1", Statement: [{ Effect: "Deny", Principal: ["*"], Action: ["oss:名"] }] };
  expect((await client.getBucketPolicy("app")).status).toBe(404);
  expect((await client.putBucketPolicy("app", policy)).status).toBe(200);
  expect((await client.getBucketPolicy("app")).policy).toEqual(policy);
  expect((await client.deleteBucketPolicy("app")).status).toBe(204);
  await client.putBucket("made-here");
  await client.putBucketACL("made-here", "public-read");
  expect(await client.getBucketACL("made-here")).toMatchObject({
    acl: "public-read",
    owner: { id: "1746495857600001" },
  });
  expect((await client.getBucketLocation("made-here")).location).toBe("oss-cn-hangzhou");
  expect((await client.getBucketInfo("made-here")).bucket.Owner.ID).toBe("1746495857600001");
  const page = await client.listBuckets({ "max-keys": 2 });
  expect(page).toMatchObject({ buckets: [{ name: "app" }, { name: "made-here" }], isTruncated: true });
  expect(page.nextMarker).toBe("made-here");
  await client.deleteBucket("made-here");
  expect((await client.listBuckets({})).buckets?.map(({ name }) => name)).toEqual(["app", "web"]);
});

test("the real client understands the errors", async () => {
  await expect(open("host").deleteBucketPolicy("gone")).rejects.toMatchObject({
    status: 404,
    code: "NoSuchBucket",
    ecCode: "0015-00000101",
  });
  await expect(open("path", { accessKeySecret: "other" }).deleteBucketPolicy("app")).rejects.toMatchObject({
    code: "SignatureDoesNotMatch",
  });
  await expect(open("host", { region: "oss-cn-shanghai" }).deleteBucketPolicy("app")).rejects.toMatchObject({
    code: "AccessDenied",
    ecCode: "0003-00001403",
  });
  const v1 = { authorizationV4: false, accessKeySecret: "other" };
  await expect(open("host", v1).deleteBucketPolicy("app")).rejects.toMatchObject({
    code: "SignatureDoesNotMatch",
    ecCode: "0002-00000040",
  });
});

test("many calls at once over kept connections", async () => {
  const client = open("host");
  const names = Array.from({ length: 16 }, (_each, index) => `bucket-${index}`);
  await Promise.all(names.map((name) => client.putBucket(name)));
  const policyOf = (name: string): object => ({ Version: "1", Statement: [{ Resource: [name] }] });
  await Promise.all(names.map((name) => client.putBucketPolicy(name, policyOf(name))));
  const read = await Promise.all(names.map((name) => client.getBucketPolicy(name)));
  expect(read.map(({ policy }) => policy)).toEqual(names.map(policyOf));
});
