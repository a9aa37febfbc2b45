import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesBucket, matchesObjects, parseResource, specialKind } from "../../src/policy/resource.ts";

describe("what a resource says", () => {
  test("its parts, with colons in the key", () => {
    expect(parseResource("acs:oss:cn-hangzhou:174:b/a:b")).toEqual({
      kind: "named",
      region: "cn-hangzhou",
      owner: "174",
      name: "b/a:b",
    });
    expect(parseResource("*")).toEqual({ kind: "everything" });
  });

  test.each([
    "",
    "b",
    "b/*",
    "oss:*",
    "acs:oss:*:b",
    "acs:oss:*:174:",
    "acs:ecs:*:*:b",
    "arn:aws:s3:::b",
    "**",
  ])("`%s` is none", (text) => {
    expect(parseResource(text)).toBeUndefined();
  });

  test("any text can be read", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const resource = parseResource(`acs:oss:*:*:${text}`);
        expect(resource === undefined).toBe(text === "");
        if (resource) expect(typeof matchesObjects(resource, "b")).toBe("boolean");
      }),
    );
  });
});

describe("what it matches of the bucket `logs`", () => {
  test.each<[string, { bucket: boolean; objects: boolean }]>([
    ["*", { bucket: true, objects: true }],
    ["acs:oss:*:*:*", { bucket: true, objects: true }],
    ["acs:oss:*:*:logs*", { bucket: true, objects: true }],
    ["acs:oss:*:*:l?gs*", { bucket: true, objects: true }],
    ["acs:oss:*:*:logs", { bucket: true, objects: false }],
    ["acs:oss:*:*:*gs", { bucket: true, objects: true }],
    ["acs:oss:*:*:log?", { bucket: true, objects: false }],
    ["acs:oss:*:*:logs/*", { bucket: false, objects: true }],
    ["acs:oss:*:*:logs?a", { bucket: false, objects: true }],
    ["acs:oss:*:*:*/*", { bucket: false, objects: true }],
    ["acs:oss:*:*:*/a", { bucket: false, objects: true }],
    ["acs:oss:*:*:logs/", { bucket: false, objects: false }],
    ["acs:oss:*:*:logs2/*", { bucket: false, objects: false }],
    ["acs:oss:*:*:Logs", { bucket: false, objects: false }],
  ])("%s", (text, expected) => {
    const resource = parseResource(text)!;
    const found = { bucket: matchesBucket(resource, "logs"), objects: matchesObjects(resource, "logs") };
    expect(found).toEqual(expected);
  });
});

test.each([
  ["accesspoint/ap-01/object/*", "access point"],
  ["accesspointforobjectprocess/ap-01", "access point"],
  ["resourcepool/p", "resource pool"],
  ["accesspoint", undefined],
  ["logs/accesspoint/x", undefined],
])("%s: %s", (name, kind) => {
  expect(specialKind(name)).toBe(kind);
});
