import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { renderRegion } from "../../src/access/render.ts";
import type { Request } from "../../src/access/request.ts";
import { runs } from "../support/runs.ts";
import { readRegion, speaksOf } from "./read-back.ts";
import { bucket, policyOf } from "./worlds.ts";

/** Texts that look like words or signs of what we print. */
const hostile = [
  ...["anonymous", "owner", "everyone", "the bucket", "(bucket)", "bucket", "all objects", "any", "any VPC"],
  ...[
    "none",
    "absent",
    "present",
    "except",
    "a except b",
    "a, b",
    "a; b",
    "a and b",
    "a or b",
    "a in any case",
  ],
  ...[
    '"a"',
    '"',
    "'a'",
    "`a`",
    "\\",
    "a\\*b",
    "a:",
    "a: b",
    "over TLS",
    "from VPC x",
    "where",
    "on",
    "and 2 more",
  ],
  ...[
    "",
    " ",
    "a b",
    " a",
    "a ",
    "\t",
    "\n",
    "\u{301}a",
    "e\u{301}",
    "é",
    "＊",
    "–",
    "\u{200b}a",
    "😀",
    "key (x)",
  ],
  ...[
    "vpc-*",
    "vpc-1",
    "10.0.0.0/8",
    "true",
    "202147604049351234",
    "oss:GetObject on b",
    "*",
    "?",
    "a*",
    "a?b",
  ],
];

const statement = (fields: object) => ({
  Effect: "Allow",
  Principal: ["7"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:b/*"],
  ...fields,
});

/** The printed regions of what a policy gives, read back. */
function printed(statements: readonly object[]) {
  const policy = policyOf(statements.map(statement));
  const difference = accessDifference("none", policy, bucket);
  const regions = difference.verdict === "different" ? difference.regions : [];
  // Those of the usual interpretation, since the requests below are decided under that one.
  const usual = regions.filter(
    ({ effect, dependsOn }) =>
      effect === "gains" &&
      (dependsOn.length === 0 ||
        dependsOn.some((all) =>
          all.every(({ position }) => ["is no text", "negated is true"].includes(position)),
        )),
  );
  return { policy, regions: usual.map((region) => readRegion(renderRegion(region))) };
}

function expectSame(statements: readonly object[], requests: readonly Request[]) {
  const { policy, regions } = printed(statements);
  for (const request of requests) {
    const isAllowed = evaluate(policy, request, bucket).decision === "allow";
    const isSaid = regions.some((region) => speaksOf(region, request));
    expect([request, isSaid]).toEqual([request, isAllowed]);
  }
}

const onKey = (resource: string): Request => ({
  principal: "7",
  action: "oss:GetObject",
  resource,
  context: new Map(),
});
const withValue = (key: string, value: string | undefined): Request => ({
  ...onKey("x"),
  context: value === undefined ? new Map() : new Map([[key, value]]),
});

describe("what is printed reads back as what was meant, where it is made of our own words", () => {
  test.each(hostile.filter((one) => one !== "" && !/^[/\\]/.test(one)))("a key %j", (key) => {
    const others = hostile.filter((one) => one !== "");
    expectSame([{ Resource: [`acs:oss:*:*:b/${key}`] }], [...others, "a", "b", "x"].map(onKey));
  });

  test.each(hostile)("a value %j, tested and excluded", (value) => {
    const key = "oss:BucketTag/t";
    const requests = [...hostile, "a", "x", undefined].map((one) => withValue(key, one));
    for (const operator of ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"])
      expectSame([{ Condition: { [operator]: { [key]: [value] } } }], requests);
  });

  test.each(hostile.filter((one) => one !== ""))("a tag key %j", (name) => {
    const key = `oss:BucketTag/${name}`;
    expectSame(
      [{ Condition: { StringEquals: { [key]: ["v"] } } }],
      [withValue(key, "v"), withValue(key, "w")],
    );
  });

  test("several of them at once, some taken out again", () => {
    const some = fc.uniqueArray(
      fc.constantFrom(...hostile.filter((one) => one !== "" && !/^[/\\]/.test(one))),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const requests = hostile.filter((one) => one !== "" && !/^[/\\]/.test(one)).map(onKey);
    fc.assert(
      fc.property(some, some, (given, taken) => {
        const resources = (keys: readonly string[]) => keys.map((key) => `acs:oss:*:*:b/${key}`);
        expectSame(
          [{ Resource: resources(given) }, { Effect: "Deny", Resource: resources(taken) }],
          requests,
        );
      }),
      { numRuns: runs(60) },
    );
  });

  test.each(["vpc-*x", "vpc-any", "vpc-none", "vpc-*", "vpc-?", "*", ""])("a VPC %j", (value) => {
    const requests = ["", "vpc-1", "vpc-x", "vpc-1x", "vpc-any", "vpc-none", "vpc-*x"].map((one) =>
      withValue("acs:SourceVpc", one),
    );
    for (const operator of ["StringLike", "StringNotLike", "StringEquals", "StringNotEquals"])
      expectSame([{ Condition: { [operator]: { "acs:SourceVpc": [value, "vpc-1"] } } }], requests);
  });
});

test("an address range without a part of it is said as that", () => {
  const text = (condition: object) => {
    const difference = accessDifference("none", policyOf([statement({ Condition: condition })]), bucket);
    return difference.verdict === "different" ? difference.regions.map((region) => renderRegion(region)) : [];
  };
  const range = { IpAddress: { "acs:SourceIp": ["203.0.0.0/16"] } };
  expect(text({ ...range, NotIpAddress: { "acs:SourceIp": ["203.0.113.0/24"] } })).toEqual([
    "7: oss:GetObject on all objects, from 203.0.0.0/16 except 203.0.113.0/24",
  ]);
});
