import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { accessDifference } from "../../src/access/difference.ts";
import type { OpenQuestion } from "../../src/access/interpretation-texts.ts";
import { pointTexts } from "../../src/access/interpretation-texts.ts";
import { dependenceOf, interpretationsOf } from "../../src/access/interpretations.ts";
import { accessChangeKey, accessChangesOf } from "../../src/access/describe/access-changes.ts";
import { renderRegion } from "../../src/access/render.ts";
import { openQuestions } from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { runs } from "../support/runs.ts";
import { bucket, isTrueUnder, policyOf, smallPair } from "./worlds.ts";

const names = Object.keys(openQuestions) as OpenQuestion[];

test("each position of each point has words of its own", () => {
  for (const name of names) expect(Object.keys(pointTexts[name].positions)).toEqual([...openQuestions[name]]);
  const texts = names.flatMap((name) => Object.values(pointTexts[name].positions));
  expect(new Set(texts).size).toBe(texts.length);
});

test("a dependence is true under just the interpretations that it was made of", () => {
  const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(some, fc.infiniteStream(fc.boolean()), (questions, dice) => {
      const all = interpretationsOf(questions);
      const holding = all.filter(() => dice.next().value === true);
      fc.pre(holding.length > 0);
      const dependence = dependenceOf(holding, all, questions);
      expect(all.filter((one) => isTrueUnder(dependence, one))).toEqual(holding);
    }),
    { numRuns: runs(40) },
  );
});

describe("a result names exactly the combinations that it needs", () => {
  const allow = (fields: object) => ({
    Effect: "Allow",
    Principal: ["7"],
    Action: ["oss:GetObject"],
    Resource: ["acs:oss:*:*:b/a/*"],
    ...fields,
  });

  /** Each combination of all points is tried, also of those that nothing seems to concern. */
  function expectExact(
    before: ReturnType<typeof policyOf>,
    after: typeof before,
    questions: readonly OpenQuestion[],
  ) {
    const difference = accessDifference(before, after, bucket);
    if (difference.verdict === "undecided") return;
    const regions = difference.verdict === "different" ? difference.regions : [];
    for (const one of interpretationsOf(questions)) {
      const diagram = compareUnder(before, after, bucket, one);
      const found = diagram?.kind === "branch" ? accessChangesOf(diagram).map(accessChangeKey) : [];
      const named = regions.filter(({ dependsOn }) => isTrueUnder(dependsOn, one)).map(accessChangeKey);
      expect([one, named.sort()]).toEqual([one, found.sort()]);
    }
  }

  test.each([
    ["one of two points", [allow({ Resource: ["acs:oss:cn-hangzhou:*:b/a/*", "acs:oss:*:99:b/a/*"] })]],
    ["two points together", [allow({ Resource: ["acs:oss:cn-hangzhou:99:b/a/*"] })]],
    [
      "two points, of a Deny",
      [allow({}), allow({ Effect: "Deny", Resource: ["acs:oss:cn-hangzhou:99:b/a/*"] })],
    ],
    [
      "two of three points",
      [allow({ Action: ["oss:getobject"], Resource: ["acs:oss:cn-hangzhou:*:b/a/*", "acs:oss:*:99:b/a/*"] })],
    ],
    [
      "host bits, with three positions",
      [allow({ Condition: { IpAddress: { "acs:SourceIp": ["10.0.0.7/24"] } } })],
    ],
    [
      "absent keys and absent texts",
      [
        allow({}),
        allow({
          Effect: "Deny",
          Condition: {
            StringNotLike: { "acs:AccessId": ["STS.*"] },
            NumericNotEquals: { "oss:object-remaining-retention-days": ["1"] },
          },
        }),
      ],
    ],
  ])("%s", (_, statements) => {
    const points: readonly OpenQuestion[] = [
      ...(["absentKey", "absentText", "actionCase", "hostBits", "namedRegion", "foreignOwner"] as const),
    ];
    expectExact(policyOf([]), policyOf(statements), points);
  });

  test.each([["oss:future"], ["oss:fut*"], ["OSS:Future"]])(
    "letter case, of the word `%s` for an action outside of the catalogue",
    (word) => {
      const after = policyOf([allow({ Action: [word] })]);
      const difference = accessDifference("none", after, bucket);
      if (difference.verdict !== "different") throw new Error("in any case the word matches oss:Future");
      expect(difference.regions.map((region) => renderRegion(region))).toEqual([
        expect.stringContaining(`${word} in any case on a/*`),
      ]);
      expectExact(policyOf([]), after, ["actionCase"]);
    },
  );

  test("of any small pair", { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(smallPair, ([before, after]) => {
        fc.pre([before, after].every((policy) => unsupported(policy).length === 0));
        expectExact(before, after, ["absentKey", "absentText", "ownerNamed", "boolCase", "hostBits"]);
      }),
      { numRuns: runs(10, 100) },
    );
  });
});
