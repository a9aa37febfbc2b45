import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import type { Request } from "../../src/access/request.ts";
import { effectOf } from "../../src/access/effect.ts";
import { Budget } from "../../src/access/budget.ts";
import { accessChangesOf } from "../../src/access/describe/access-changes.ts";
import type { AccessChange } from "../../src/access/describe/access-changes.ts";
import { regionLists, accessChangeText, renderRegion } from "../../src/access/render.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { readRegion, speaksOf } from "./read-back.ts";
import { isDeep, runs } from "../support/runs.ts";
import { bucket, fewRequests, pair, policyOf, reading, requests } from "./worlds.ts";

function allow(fields: JsonObject): JsonObject {
  return {
    Effect: "Allow",
    Principal: ["*"],
    Action: ["oss:GetObject"],
    Resource: ["acs:oss:*:*:b/*"],
    ...fields,
  };
}

test("what is gained is one region, whether it was denied before or not matched", () => {
  const before = policyOf([
    allow({
      Effect: "Deny",
      Principal: ["7"],
      Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } },
    }),
  ]);
  const difference = accessDifference(before, policyOf([allow({ Principal: ["7"] })]), bucket);
  if (difference.verdict !== "different") throw new Error("a Deny became an Allow");
  expect(difference.regions.map(({ effect, conditions }) => [effect, conditions])).toEqual([["gains", []]]);
});

test("many actions are told by their levels", () => {
  const words = ["oss:GetObject", "oss:GetObjectAcl", "oss:GetObjectTagging", "oss:GetObjectVersion"];
  const more = ["oss:PutObject", "oss:DeleteObject", "oss:RestoreObject", "oss:AbortMultipartUpload"];
  const after = policyOf([allow({ Principal: ["7"], Action: [...words, ...more] })]);
  const difference = accessDifference("none", after, bucket);
  if (difference.verdict !== "different") throw new Error("something is allowed");
  expect(difference.regions.map((region) => accessChangeText(region))[0]).toMatch(
    /^7: read, write and delete actions \(oss:[^)]* and \d+ more\) on all objects$/,
  );
});

/** The smaller world has a tenth of the requests. */
const world = isDeep ? requests : fewRequests;

describe("regions", () => {
  test("read back, they cover the difference and nothing else", { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(pair, reading, ([before, after], under) => {
        fc.pre([before, after].every((policy) => unsupported(policy).length === 0));
        const diagram = compareUnder(before, after, bucket, under);
        const regions = diagram?.kind === "branch" ? accessChangesOf(diagram) : [];
        const printed = new Map(regions.map((region) => [region, readRegion(renderRegion(region))]));
        const isSaid = (region: AccessChange, request: Request) => {
          const read = printed.get(region);
          return read !== undefined && speaksOf(read, request);
        };
        for (const request of world([before, after])) {
          const [was, is] = [before, after].map(
            (policy) => evaluate(policy, request, bucket, under).decision,
          );
          const told = regions.filter((region) => isSaid(region, request));
          const effect = effectOf(was ?? "none", is ?? "none");
          if (told.length > 0 === (was !== is) && told.every((region) => region.effect === effect)) continue;
          expect([request, was, is, told]).toEqual([]);
        }
      }),
      { numRuns: runs(10, 25) },
    );
  });

  test.each([
    {
      name: "a key pattern with a part taken out again",
      after: [
        allow({ Resource: ["acs:oss:*:*:b/logs/*"] }),
        allow({ Effect: "Deny", Resource: ["acs:oss:*:*:b/logs/private/*"] }),
      ],
      words: [
        "gains everyone except owner | oss:GetObject | logs/* except logs/private/* |",
        "newlyBlocked everyone except owner | oss:GetObject | logs/private/* |",
      ],
    },
    {
      name: "all VPCs but one",
      after: [allow({ Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } } })],
      words: ["gains everyone | oss:GetObject | * | acs:SourceVpc: any except vpc-1"],
    },
    {
      name: "the fewest ranges of addresses",
      after: [
        allow({
          Condition: { IpAddress: { "acs:SourceIp": ["10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16"] } },
        }),
      ],
      words: ["gains everyone | oss:GetObject | * | acs:SourceIp: 10.0.0.0/8"],
    },
    {
      name: "all addresses but some",
      after: [allow({ Condition: { NotIpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } } })],
      words: ["gains everyone | oss:GetObject | * | acs:SourceIp: any except 10.0.0.0/8"],
    },
    {
      name: "a span of days, in whole numbers",
      after: [
        allow({
          Principal: ["7"],
          Condition: {
            NumericGreaterThan: { "oss:object-remaining-retention-days": ["3"] },
            NumericLessThan: { "oss:object-remaining-retention-days": ["6"] },
          },
        }),
      ],
      words: ["gains 7 | oss:GetObject | * | oss:object-remaining-retention-days: from 4 to 5"],
    },
    {
      name: "both levels, each with what it acts on",
      after: [allow({ Principal: ["7"], Action: ["oss:*"], Resource: ["acs:oss:*:*:b", "acs:oss:*:*:b/a"] })],
      words: ["gains 7 | oss:* | (bucket) a |"],
    },
  ])("are named as people would: $name", ({ after, words }) => {
    const difference = accessDifference("none", policyOf(after), bucket);
    const regions = difference.verdict === "different" ? difference.regions : [];
    const line = (region: AccessChange) => {
      const { principals, actions, resources, conditions } = regionLists(region);
      return `${region.effect} ${principals.join(" ")} | ${actions.join(" ")} | ${resources.join(" ")} | ${conditions.join(" ")}`.trim();
    };
    expect(regions.map(line)).toEqual(words);
  });
});

test.each([
  [{ StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } }, "from any VPC or none, except vpc-1"],
  [{ StringLike: { "acs:SourceVpc": ["vpc-*"] } }, "from any VPC"],
  [{ StringNotLike: { "acs:SourceVpc": ["vpc-*"] } }, "from outside of any VPC"],
  [{ StringEquals: { "acs:SourceVpc": ["vpc-1"] } }, "from VPC vpc-1"],
])("%j is told as `%s`", (condition, words) => {
  const difference = accessDifference("none", policyOf([allow({ Condition: condition })]), bucket);
  const regions = difference.verdict === "different" ? difference.regions : [];
  expect(regions.map((region) => accessChangeText(region))).toEqual([
    `everyone: oss:GetObject on all objects, ${words}`,
  ]);
});

test("keys are named where the patterns would make too many combinations to look at", () => {
  const infix = (word: string) => `acs:oss:*:*:b/*${word}*`;
  const words = "abcdefghijklmnopq".split("").map((letter) => `${letter}${letter}`);
  const closed = words.map((word) => allow({ Effect: "Deny", Principal: ["7"], Resource: [infix(word)] }));
  const difference = accessDifference(
    policyOf(closed),
    policyOf([...closed, allow({ Principal: ["7"], Resource: ["acs:oss:*:*:b/logs/*"] })]),
    bucket,
  );
  const regions = difference.verdict === "different" ? difference.regions : [];
  expect(regions.map((region) => regionLists(region).resources)).toEqual([
    [`logs/* except ${words.map((word) => `*${word}*`).join(", ")}`],
  ]);
});

describe("accessDifference", () => {
  test("proves that another spelling changes nothing", () => {
    const one = policyOf([allow({ Action: ["oss:GetObject", "oss:PutObject"] })]);
    const split = policyOf([
      allow({}),
      allow({ Action: ["oss:PutObject"] }),
      allow({ Resource: ["acs:oss:*:*:b/a*"] }),
    ]);
    expect(accessDifference(one, split, bucket)).toEqual({ verdict: "equal" });
  });

  test("says on which reading a region depends", () => {
    const after = policyOf([allow({ Condition: {} })]);
    const difference = accessDifference("none", after, bucket);
    expect(difference).toMatchObject({
      verdict: "different",
      dependsOn: ["emptyCondition"],
      regions: [
        {
          principals: [{ all: [], except: [] }],
          dependsOn: [[{ name: "emptyCondition", position: "is a condition" }]],
        },
        {
          principals: [{ all: [], except: [{ kind: "owner" }] }],
          dependsOn: [[{ name: "emptyCondition", position: "is none" }]],
        },
      ],
    });
  });

  test("does not decide about what has no known meaning, and names it", () => {
    const after = policyOf([allow({ NotPrincipal: ["1"] })]);
    expect(accessDifference("none", after, bucket)).toEqual({
      verdict: "undecided",
      cause: "no meaning is known for the field `NotPrincipal` (after)",
    });
  });

  test("ends where the work is too much, and says why", () => {
    const patterns = Array.from({ length: 30 }, (_, index) => `acs:oss:*:*:b/*a${"?".repeat(index + 1)}`);
    const after = policyOf(
      patterns.map((one) => allow({ Resource: [one], Principal: [String(one.length)] })),
    );
    expect(accessDifference("none", after, bucket, new Budget(200_000))).toMatchObject({
      verdict: "undecided",
      cause: expect.stringContaining("take too many states") as string,
    });
  });
});
