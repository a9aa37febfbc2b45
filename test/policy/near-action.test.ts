import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessLevels, actions, findAction, isGrantable, readAction } from "../../src/policy/actions.ts";
import { nearAction } from "../../src/policy/near-action.ts";
import { runs } from "../support/runs.ts";

const grantable = actions.filter(isGrantable);

describe("the action that is meant", () => {
  test.each([
    ["oss:GteObject", "oss:GetObject"],
    ["oss:GetObjects", "oss:GetObject"],
    ["oss:GetBucketPolicies", "oss:GetBucketPolicy"],
    ["oss:PutObjectAccl", "oss:PutObjectAcl"],
    ["oss:ListObject", "oss:ListObjects"],
    ["oss:DeletBucket", "oss:DeleteBucket"],
    ["oss:PutBucketLifecycel", "oss:PutBucketLifecycle"],
    ["oss:PutObjectTaging", "oss:PutObjectTagging"],
    ["oss:GetBucketLifecycel", "oss:GetBucketLifecycle"],
    ["oss:GetBucketAbc", undefined],
    ["oss:PutBucketNotification", undefined],
    ["oss:ProcessObject", undefined],
    ["delete", undefined],
    ["", undefined],
  ])("`%s`: %s", (written, meant) => {
    expect(nearAction(written)).toBe(meant);
  });

  test("reads where something that reads is written", () => {
    const reading = grantable.filter(({ name }) => /^oss:(Get|List)/.test(name)).map(({ name }) => name);
    const slip = fc.tuple(fc.constantFrom(...reading), fc.nat(40), fc.constantFrom("", "x", "s", "Acl"));
    fc.assert(
      fc.property(slip, ([name, at, put]) => {
        const place = Math.max(8, Math.min(at, name.length - 1));
        const near = nearAction(name.slice(0, place) + put + name.slice(place + 1));
        if (near !== undefined) expect(findAction(near)?.access).toMatch(/^(list|read)$/);
      }),
      { numRuns: runs(200) },
    );
  });

  test("has no higher access level than the name with a slip of one letter", () => {
    const rank = (name: string) => accessLevels.findIndex((level) => level === findAction(name)?.access);
    const slip = fc.tuple(
      fc.constantFrom(...grantable.map(({ name }) => name)),
      fc.nat(40),
      fc.constantFrom("", "x", "s"),
      fc.constantFrom(0, 1),
    );
    fc.assert(
      fc.property(slip, ([name, at, put, dropped]) => {
        const place = "oss:".length + (at % (name.length - "oss:".length));
        const near = nearAction(name.slice(0, place) + put + name.slice(place + dropped));
        if (near !== undefined) expect(rank(near)).toBeLessThanOrEqual(rank(name));
      }),
      { numRuns: runs(200) },
    );
  });

  test("is found behind most slips of one letter", () => {
    const found = grantable.filter(({ name }) => nearAction(`${name.slice(0, -1)}x`) !== undefined);
    expect(found.length).toBeGreaterThan(grantable.length / 2);
  });
});

test.each([
  ["HeadBucket", ["oss:GetBucketInfo"]],
  ["oss:HeadBucket", ["oss:GetBucketInfo"]],
  ["s3:HeadBucket", ["oss:GetBucketInfo"]],
  ["s3:ListBucket", ["oss:ListObjects"]],
  ["oss:ListObjectsV2", ["oss:ListObjects"]],
  ["s3:CopyObject", ["oss:GetObject", "oss:PutObject"]],
  ["cos:GetBucket", ["oss:ListObjects"]],
  ["obs:object:PutObject", ["oss:PutObject"]],
])("`%s` is authorised by %s", (word, needs) => {
  expect(readAction(word)).toMatchObject({ needs });
});
