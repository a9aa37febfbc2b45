import { expect, test } from "vitest";
import type { Exposure } from "../../src/policy/live.ts";
import type { FaultEffect } from "../../src/sandbox/faults/faults.ts";
import { sandboxWith, storeOver } from "../support/store.ts";

const bucket = { bucket: "bucket-1", region: "cn-hangzhou" };

/** What the store says of a bucket whose GetBucketInfo goes wrong like this. */
async function exposureUnder(effect: FaultEffect): Promise<Exposure> {
  const sandbox = await sandboxWith({ buckets: [{ name: "bucket-1", region: "cn-hangzhou" }] });
  sandbox.addFault({ operation: "GetBucketInfo", effect });
  return storeOver(sandbox.url, { timeoutMs: 500 }).exposure(bucket);
}

function status(code: number, name: string): FaultEffect {
  return { kind: "status", status: code, code: name };
}

function info(body: string, code = 200): FaultEffect {
  return { kind: "status", status: code, code: "", body };
}

const grant = "<AccessControlList><Grant>private</Grant></AccessControlList>";
const off = "<BlockPublicAccess>false</BlockPublicAccess>";
const said = (fields: string, code?: number): FaultEffect =>
  info(`<BucketInfo><Bucket>${fields}</Bucket></BucketInfo>`, code);

test.each([
  ["private", false],
  ["private", true],
  ["public-read", false],
  ["public-read-write", true],
] as const)("ACL %s and Block Public Access %s are told as they stand", async (acl, blockPublicAccess) => {
  const sandbox = await sandboxWith({
    buckets: [{ name: "bucket-1", region: "cn-hangzhou", acl, blockPublicAccess }],
  });
  const owner = "1746495857600001";
  const exposure = await storeOver(sandbox.url).exposure(bucket);
  expect(exposure).toEqual({ state: "known", acl, blockPublicAccess, owner });
});

test("the owner is told also where the rest is not", async () => {
  const owned = "<Owner><ID>1746495857600002</ID></Owner>";
  expect(await exposureUnder(said(owned))).toMatchObject({ state: "unknown", owner: "1746495857600002" });
  expect(await exposureUnder(said(`<Owner><ID/></Owner>${off}${grant}`))).not.toHaveProperty("owner");
});

test("the fields are found among others, in any order", async () => {
  const exposure = await exposureUnder(said(`<New/>${off}<Name>bucket-1</Name>${grant}`));
  expect(exposure).toEqual({ state: "known", acl: "private", blockPublicAccess: false });
});

// Each of these could pass for a bucket that is private, or for one that Block Public Access closes.
test.each<[string, FaultEffect, string]>([
  ["403", status(403, "AccessDenied"), "OSS answered 403 AccessDenied"],
  ["404", status(404, "NoSuchBucket"), "OSS answered 404 NoSuchBucket"],
  ["500", status(500, "InternalError"), "OSS answered 500 InternalError"],
  ["503", status(503, "MetaOperationQpsLimitExceeded"), "OSS answered 503 MetaOperationQpsLimitExceeded"],
  ["a redirect", status(302, "Found"), "OSS answered 302 Found"],
  ["a good body under an error status", said(`${grant}${off}`, 500), "OSS answered 500"],
  ["a reset connection", { kind: "reset", when: "before" }, "no complete answer from"],
  ["half a body", { kind: "truncate", bytes: 300 }, "no complete answer from"],
  ["no answer in time", { kind: "delay", delayMs: 5_000 }, "OSS did not answer in time"],
  ["an empty body", info(""), "OSS did not report"],
  ["a page of a proxy", info("<html><body>log in</body></html>"), "OSS did not report"],
  ["XML that ends too early", info("<BucketInfo><Bucket>"), "OSS did not report"],
  ["JSON", info('{"Bucket":{}}'), "OSS did not report"],
  ["no Bucket", info(`<BucketInfo>${grant}${off}</BucketInfo>`), "OSS did not report"],
  ["an empty Bucket", said(""), "OSS did not report"],
  [
    "two Buckets",
    info(`<BucketInfo><Bucket>${grant}${off}</Bucket><Bucket/></BucketInfo>`),
    "OSS did not report",
  ],
  ["no ACL", said(off), "OSS did not report"],
  ["an empty ACL", said(`<AccessControlList/>${off}`), "OSS did not report"],
  [
    "an empty Grant",
    said(`<AccessControlList><Grant></Grant></AccessControlList>${off}`),
    "OSS did not report",
  ],
  [
    "a Grant that OSS does not have",
    said(`<AccessControlList><Grant>default</Grant></AccessControlList>${off}`),
    "OSS did not report",
  ],
  [
    "two Grants",
    said(`<AccessControlList><Grant>private</Grant><Grant>public-read</Grant></AccessControlList>${off}`),
    "OSS did not report",
  ],
  [
    "a Grant with children",
    said(`<AccessControlList><Grant><a>private</a></Grant></AccessControlList>${off}`),
    "OSS did not report",
  ],
  ["no Block Public Access", said(grant), "OSS did not report"],
  ["an empty Block Public Access", said(`${grant}<BlockPublicAccess/>`), "OSS did not report"],
  [
    "Block Public Access in other words",
    said(`${grant}<BlockPublicAccess>True</BlockPublicAccess>`),
    "OSS did not report",
  ],
])("%s makes it unknown, with the reason", async (_name, effect, message) => {
  expect(await exposureUnder(effect)).toMatchObject({
    state: "unknown",
    problem: { message: expect.stringContaining(message) as string },
  });
});

test("another region than the bucket's own makes it unknown", async () => {
  const sandbox = await sandboxWith({ buckets: [{ name: "bucket-1", region: "cn-shanghai" }] });
  expect(await storeOver(sandbox.url).exposure(bucket)).toMatchObject({
    state: "unknown",
    problem: { status: 403, ec: "0003-00001403" },
  });
});
