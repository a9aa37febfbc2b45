import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { compareUnder } from "../../src/access/compare.ts";
import { evaluate } from "../../src/access/evaluate.ts";
import { labelOf } from "../../src/access/label.ts";
import { regionsOf, type Region } from "../../src/access/regions.ts";
import type { Request } from "../../src/access/request.ts";
import { regionText } from "../../src/access/words.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { parseIpRange } from "../../src/policy/ip-range.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { runs } from "../support/runs.ts";
import { bucket, pair, policyOf, reading, requests } from "./worlds.ts";

/** Whether the words of a region speak of a request: read back from what is printed, by other code. */
function speaksOf(region: Region, request: Request): boolean {
  const { principals, actions, resources, conditions } = region;
  return (
    principals.some((text) => term(text, (word) => principalIs(word, request.principal))) &&
    actions.some((text) => term(text, (word) => glob(word).test(request.action))) &&
    resources.some((text) =>
      request.resource === ""
        ? text === "(bucket)"
        : text !== "(bucket)" && term(text, (word) => matchesText(word, request.resource)),
    ) &&
    conditions.every((text) => conditionHolds(text, request))
  );
}

function term(text: string, is: (word: string) => boolean): boolean {
  const [base = "", ...rest] = text.split(" except ");
  const [all, except] = [base.split(" and "), rest.join(" except ").split(", ")];
  return all.every(is) && (rest.length === 0 || !except.some(is));
}

function principalIs(word: string, asking: string): boolean {
  if (word === "everyone" || word === asking) return true;
  if (word === "any UID") return /^\d+$/.test(asking);
  if (word === "any role session") return asking.startsWith("arn:");
  if (!word.startsWith("arn:") || !asking.startsWith("arn:")) return false;
  if (!word.endsWith(" in any case")) return glob(word).test(asking);
  const fold = (arn: string) => arn.replace(/\/[^/]*\//, (role) => role.toLowerCase());
  return glob(fold(word.slice(0, -" in any case".length))).test(fold(asking));
}

function conditionHolds(text: string, { context }: Request): boolean {
  const [, key = "", values = ""] = /^([^ ]+): (.*)$/.exec(text) ?? [];
  const given = context.get(key);
  return values.split(" or ").some((one) => {
    if (given === undefined || one === "absent") return one === "absent" && given === undefined;
    return term(one, (word) => word === "any" || valueIs(key, word, given));
  });
}

function valueIs(key: string, word: string, given: string): boolean {
  if (key !== "acs:SourceIp") return matchesText(word, given);
  const [range, address] = [parseIpRange(word), parseIpRange(given)];
  if (range === undefined || address === undefined) throw new Error(`no range: ${word}`);
  return range.version === address.version && range.first <= address.first && address.first <= range.last;
}

function matchesText(word: string, given: string): boolean {
  const isFolded = word.endsWith(" in any case");
  const bare = isFolded ? word.slice(0, -" in any case".length) : word;
  const quoted = bare.startsWith('"') ? (JSON.parse(bare) as string) : undefined;
  if (quoted !== undefined) return isFolded ? given.toLowerCase() === quoted.toLowerCase() : given === quoted;
  return new RegExp(glob(bare).source, isFolded ? "isu" : "su").test(given);
}

const globs = new Map<string, RegExp>();

function glob(pattern: string): RegExp {
  const known = globs.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.replaceAll(/[\\^$.*+?()[\]{}|/]/g, (sign) =>
    sign === "*" ? ".*" : sign === "?" ? "." : `\\${sign}`,
  );
  const made = new RegExp(`^${source}$`, "su");
  globs.set(pattern, made);
  return made;
}

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
  expect(difference.regions.map(({ label, conditions }) => [label, conditions])).toEqual([["gains", []]]);
});

test("many actions are told by their levels", () => {
  const words = ["oss:GetObject", "oss:GetObjectAcl", "oss:GetObjectTagging", "oss:GetObjectVersion"];
  const more = ["oss:PutObject", "oss:DeleteObject", "oss:RestoreObject", "oss:AbortMultipartUpload"];
  const after = policyOf([allow({ Principal: ["7"], Action: [...words, ...more] })]);
  const difference = accessDifference("none", after, bucket);
  if (difference.verdict !== "different") throw new Error("something is allowed");
  expect(difference.regions.map((region) => regionText(region))[0]).toMatch(
    /^7: read, write and delete actions \(oss:[^)]* and \d+ more\) on all objects$/,
  );
});

describe("regions", () => {
  test("read back, they cover the difference and nothing else", { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(pair, reading, ([before, after], under) => {
        fc.pre([before, after].every((policy) => unsupported(policy).length === 0));
        const diagram = compareUnder(before, after, bucket, under);
        const regions = diagram?.kind === "branch" ? regionsOf(diagram) : [];
        for (const request of requests([before, after])) {
          const [was, is] = [before, after].map(
            (policy) => evaluate(policy, request, bucket, under).decision,
          );
          const told = regions.filter((region) => speaksOf(region, request));
          expect(told.length > 0, JSON.stringify([request, regions])).toBe(was !== is);
          for (const region of told) expect(region.label).toBe(labelOf(was ?? "none", is ?? "none"));
        }
      }),
      { numRuns: Math.min(runs(15), 90) },
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
    const line = ({ label, principals, actions, resources, conditions }: Region) =>
      `${label} ${principals.join(" ")} | ${actions.join(" ")} | ${resources.join(" ")} | ${conditions.join(" ")}`.trim();
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
  expect(regions.map((region) => regionText(region))).toEqual([
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
  expect(regions.map(({ resources }) => resources)).toEqual([
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
        { principals: ["everyone"], dependsOn: [{ name: "emptyCondition", position: "is a condition" }] },
        {
          principals: ["everyone except owner"],
          dependsOn: [{ name: "emptyCondition", position: "is none" }],
        },
      ],
    });
  });

  test("does not decide about what has no known meaning, and names the statement", () => {
    const after = policyOf([allow({ NotPrincipal: ["1"] })]);
    expect(accessDifference("none", after, bucket)).toEqual({
      verdict: "undecided",
      cause: "no meaning is known for the field `NotPrincipal` in statement 1 (after)",
    });
  });

  test("ends where the work is too much, and says why", () => {
    const patterns = Array.from({ length: 30 }, (_, index) => `acs:oss:*:*:b/*a${"?".repeat(index + 1)}`);
    const after = policyOf(
      patterns.map((one) => allow({ Resource: [one], Principal: [String(one.length)] })),
    );
    expect(
      accessDifference("none", after, bucket, { nodes: 200_000, states: 2_000, seconds: 60 }),
    ).toMatchObject({
      verdict: "undecided",
      cause: expect.stringContaining("take too many states") as string,
    });
  });
});
