import { describe, expect, test } from "vitest";
import { accessLevels, actions, administrationTexts, findAction } from "../../src/policy/actions.ts";

const admin = actions.filter(({ access }) => access === "admin");

test("every administration action has a reason, and no other action has one", () => {
  const reasons = Object.keys(administrationTexts);
  expect(admin.filter(({ administers = "" }) => !reasons.includes(administers))).toEqual([]);
  expect(actions.filter((action) => action.access !== "admin" && "administers" in action)).toEqual([]);
});

test("every access level and every reason has an action", () => {
  expect(accessLevels.filter((level) => !actions.some(({ access }) => access === level))).toEqual([]);
  expect(new Set(admin.map(({ administers }) => administers))).toEqual(
    new Set(Object.keys(administrationTexts)),
  );
});

test("an action that reads or lists does no more than that, and no other action counts as one", () => {
  const reading = /^oss:(Get|List|Do|Query|Describe|ReplicateGet$|ReplicateList$)/;
  const isReading = ({ access }: { readonly access: string }) => access === "read" || access === "list";
  expect(actions.filter((action) => isReading(action) !== reading.test(action.name))).toEqual([]);
});

test("setting and deleting a configuration are both administration, or neither", () => {
  const isAdmin = (name: string) => findAction(name)?.access === "admin";
  const pairs = actions.flatMap(({ name }) => {
    const deleting = name.replace(/^oss:(Put|Create)/, "oss:Delete");
    return deleting === name || findAction(deleting) === undefined ? [] : [[name, deleting] as const];
  });
  const mixed = pairs.filter(([setting, deleting]) => isAdmin(setting) !== isAdmin(deleting));
  expect(pairs.length).toBeGreaterThan(20);
  // Creating a bucket harms no data; deleting one does.
  expect(mixed.map(([setting]) => setting)).toEqual(["oss:PutBucket", "oss:PutVectorBucket"]);
});

describe("administration", () => {
  test.each([
    ["PutBucketAcl", "access"],
    ["PutObjectAcl", "access"],
    ["PutObjectVersionAcl", "access"],
    ["PutBucketPolicy", "access"],
    ["DeleteBucketPolicy", "access"],
    ["PutBucketPublicAccessBlock", "access"],
    ["DeleteBucketPublicAccessBlock", "access"],
    ["PutPublicAccessBlock", "access"],
    ["CreateAccessPoint", "access"],
    ["DeleteAccessPoint", "access"],
    ["PutAccessPointPolicy", "access"],
    ["PutAccessPointPublicAccessBlock", "access"],
    ["CreateAccessPointForObjectProcess", "access"],
    ["PutAccessPointConfigForObjectProcess", "access"],
    ["PutAccessPointPolicyForObjectProcess", "access"],
    ["PutBucketWebsite", "access"],
    ["PutBucketCors", "access"],
    ["PutBucketReferer", "access"],
    ["PutBucketEncryption", "access"],
    ["DeleteBucketEncryption", "access"],
    ["PutBucketReplication", "access"],
    ["PutBucketHttpsConfig", "access"],
    ["PutCname", "access"],
    ["PutBucketTagging", "access"],
    ["PutBucketRequestPayment", "access"],
    ["PutBucketResourceGroup", "access"],
    ["PutBucketArchiveDirectRead", "access"],
    ["DeleteBucket", "retention"],
    ["PutBucketLifecycle", "retention"],
    ["DeleteBucketLifecycle", "retention"],
    ["PutBucketVersioning", "retention"],
    ["InitiateBucketWorm", "retention"],
    ["AbortBucketWorm", "retention"],
    ["CompleteBucketWorm", "retention"],
    ["ExtendBucketWorm", "retention"],
    ["PutBucketObjectWormConfiguration", "retention"],
    ["PutBucketOverwriteConfig", "retention"],
    ["PutObjectRetention", "retention"],
    ["BypassGovernanceRetention", "retention"],
    ["PutObjectLegalHold", "retention"],
    ["PutBucketRTC", "retention"],
    ["DeleteBucketReplication", "retention"],
    ["PutBucketLogging", "logging"],
    ["DeleteBucketLogging", "logging"],
    ["PutUserDefinedLogFieldsConfig", "logging"],
    ["PutBucketInventory", "logging"],
    ["PutBucketAccessMonitor", "logging"],
  ])("includes %s: %s", (name, administers) => {
    expect(findAction(`oss:${name}`)).toMatchObject({ access: "admin", administers });
  });

  test.each([
    ["GetObject", "read"],
    ["GetBucketPolicy", "read"],
    ["GetBucketLifecycle", "read"],
    ["ReplicateGet", "read"],
    ["ListObjects", "list"],
    ["ListAccessPoints", "list"],
    ["PutObject", "write"],
    ["PutObjectTagging", "write"],
    ["PutObjectVersionTagging", "write"],
    ["DeleteObjectTagging", "write"],
    ["RestoreObject", "write"],
    ["SealAppendObject", "write"],
    ["ReplicatePut", "write"],
    ["PutBucket", "write"],
    ["PutBucketTransferAcceleration", "write"],
    ["CreateBucketDataRedundancyTransition", "write"],
    ["PutBucketQoSInfo", "write"],
    ["OpenMetaQuery", "write"],
    ["DeleteObject", "delete"],
    ["DeleteObjectVersion", "delete"],
    ["AbortMultipartUpload", "delete"],
    ["ReplicateDelete", "delete"],
    ["DeleteVectors", "delete"],
  ])("does not include %s: %s", (name, access) => {
    expect(findAction(`oss:${name}`)).toMatchObject({ access });
  });
});
