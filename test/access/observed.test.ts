import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accessChangeKey, accessChangesOf } from "../../src/access/describe/access-changes.ts";
import { accessDifference } from "../../src/access/difference.ts";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { isOpen, wasObserved } from "../../src/access/interpretation-texts.ts";
import { dependenceOf, interpretationsOf } from "../../src/access/interpretations.ts";
import { prove, requestSetOf } from "../../src/access/query.ts";
import { clausesText, dependenceText } from "../../src/access/render.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import {
  openQuestions,
  type Interpretation,
  type Observations,
  type OpenQuestion,
} from "../../src/policy/open-questions.ts";
import { runs } from "../support/runs.ts";
import { bucket, isTrueUnder, policyOf, smallPair } from "./worlds.ts";

const place = { region: "cn-hangzhou", date: "2026-11-28" };

function observed(positions: Partial<Interpretation>): Observations {
  return new Map(
    Object.entries(positions).map(([name, position]) => [name as OpenQuestion, { position, ...place }]),
  );
}

const agree = (positions: Partial<Interpretation>) => (one: Interpretation) =>
  Object.entries(positions).every(([name, position]) => one[name as OpenQuestion] === position);

const somePositions = fc.record(
  Object.fromEntries(
    Object.entries(openQuestions).map(([name, positions]) => [name, fc.constantFrom(...positions)]),
  ),
  { requiredKeys: [] },
) as unknown as fc.Arbitrary<Partial<Interpretation>>;

const names = Object.keys(openQuestions) as OpenQuestion[];

// A position that is dropped too early, or kept although it is ruled out, makes the two sides differ.
test("a dependence is true under just those of the possible interpretations that it was made of", () => {
  const some = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(some, somePositions, fc.infiniteStream(fc.boolean()), (questions, positions, dice) => {
      const settled = questions.filter((name) => positions[name] !== undefined);
      const marked = settled.map((name) => ({ name, position: positions[name] ?? "", observed: place }));
      const all = interpretationsOf(questions);
      const isPossible = (one: Interpretation) => settled.every((name) => one[name] === positions[name]);
      const holding = all.filter(() => dice.next().value === true);
      fc.pre(holding.some(isPossible));
      const dependence = dependenceOf(holding, all, questions, marked);
      expect(all.filter((one) => isPossible(one) && isTrueUnder(dependence, one))).toEqual(
        holding.filter(isPossible),
      );
      const isDecided = all.filter(isPossible).every((one) => holding.includes(one));
      expect(isOpen(dependence)).toBe(!isDecided);
      // What would hold anyway does not say that it was observed.
      if (holding.length === all.length) expect(dependence).toEqual([]);
    }),
    { numRuns: runs(60) },
  );
});

// A change that an observation rules out, or one under a possible interpretation that is lost, fails here.
test(
  "an access difference has exactly the changes of the interpretations that agree with it",
  {
    timeout: 600_000,
  },
  () => {
    const points: readonly OpenQuestion[] = ["absentKey", "absentText", "ownerNamed", "boolCase", "hostBits"];
    fc.assert(
      fc.property(smallPair, somePositions, ([before, after], every) => {
        const positions = Object.fromEntries(
          points.map((name) => [name, every[name]]).filter(([, one]) => one),
        );
        fc.pre([before, after].every((policy) => unsupported(policy).length === 0));
        const settled = { ...bucket, observed: observed(positions) };
        const difference = accessDifference(before, after, settled);
        fc.pre(difference.verdict !== "undecided");
        const regions = difference.verdict === "different" ? difference.regions : [];
        const possible = interpretationsOf(points).filter((one) =>
          points.every((name) => positions[name] === undefined || one[name] === positions[name]),
        );
        for (const one of possible) {
          const all = { ...one, ...positions };
          const diagram = compareUnder(before, after, bucket, all);
          const found = diagram?.kind === "branch" ? accessChangesOf(diagram).map(accessChangeKey) : [];
          const named = regions.filter(({ dependsOn }) => isTrueUnder(dependsOn, all)).map(accessChangeKey);
          expect([all, named.sort()]).toEqual([all, found.sort()]);
        }
        const open = accessDifference(before, after, bucket);
        if (open.verdict === "equal") expect(difference).toEqual(open);
        if (open.verdict === "different" && open.dependsOn.length === 0) expect(difference).toEqual(open);
      }),
      { numRuns: runs(10, 100) },
    );
  },
);

const region = "acs:oss:cn-hangzhou:*:b/a/*";
const allow = (fields: object = {}) => ({
  Effect: "Allow",
  Principal: ["7"],
  Action: ["oss:GetObject"],
  Resource: [region],
  ...fields,
});
const scene = requestSetOf(["7"], ["oss:GetObject"], ["acs:oss:*:*:b/a/x"], new Map());
const inRegion = policyOf([allow()]);

describe("an answer that an observation decides says so", () => {
  const matching = { ...bucket, observed: observed({ namedRegion: "matches" }) };
  const never = { ...bucket, observed: observed({ namedRegion: "never matches" }) };

  test("a change: since, where and when, and no longer `only if`", () => {
    const open = accessDifference("none", inRegion, bucket);
    const found = accessDifference("none", inRegion, matching);
    if (open.verdict !== "different" || found.verdict !== "different") throw new Error("it gains access");
    expect(open.dependsOn).toEqual(["namedRegion"]);
    expect(found.dependsOn).toEqual([]);
    expect(found.observed).toEqual([{ name: "namedRegion", position: "matches", observed: place }]);
    expect(dependenceText(found.regions[0]?.dependsOn ?? [])).toBe(
      "since a Resource with a region other than `*` matches (observed in cn-hangzhou on 2026-11-28)",
    );
    expect(clausesText(found.regions[0]?.dependsOn ?? [])).toBe("");
  });

  test("a change that is ruled out: equal, as observed", () => {
    expect(accessDifference("none", inRegion, never)).toEqual({
      verdict: "equal",
      observed: [{ name: "namedRegion", position: "never matches", observed: place }],
    });
  });

  test("a proof and its opposite", () => {
    expect(prove(inRegion, bucket, scene, "not allowed").kind).toBe("broken");
    expect(prove(inRegion, never, scene, "not allowed")).toMatchObject({
      kind: "proved",
      observed: [{ name: "namedRegion", position: "never matches" }],
    });
    const broken = prove(inRegion, matching, scene, "not allowed");
    expect(broken.kind === "broken" && broken.dependsOn.flat().every(wasObserved)).toBe(true);
  });

  test("what another point leaves open is `only if`, and since", () => {
    const both = policyOf([allow({ Resource: ["acs:oss:cn-hangzhou:99:b/a/*"] })]);
    const found = prove(both, matching, scene, "not allowed");
    expect(found.kind === "broken" && dependenceText(found.dependsOn)).toBe(
      "only if a Resource with another owner's UID matches, which OSS does not document, since a Resource with a region other than `*` matches (observed in cn-hangzhou on 2026-11-28)",
    );
  });

  test("what does not depend on it says nothing", () => {
    const plain = policyOf([allow({ Resource: ["acs:oss:*:*:b/a/*"] }), allow()]);
    const found = accessDifference("none", plain, matching);
    expect(found).toEqual(accessDifference("none", plain, bucket));
  });
});

test("answers for two accounts that observed different things are not shared", () => {
  const kinds = [undefined, "matches", "never matches"].map(
    (position) =>
      accessDifference("none", inRegion, {
        ...bucket,
        ...(position === undefined
          ? {}
          : { observed: observed({ namedRegion: position } as Partial<Interpretation>) }),
      }).verdict,
  );
  expect(kinds).toEqual(["different", "different", "equal"]);
});

test("so many points that they cannot be combined are decided once enough are observed", () => {
  const many = policyOf([
    allow({ Resource: ["acs:oss:cn-hangzhou:99:b/a/*"], Action: ["oss:getobject"], Principal: ["7", "*"] }),
    allow({ Principal: ["arn:sts::1:assumed-role/Ops/*"], Resource: ["acs:oss:*:*:b/*"] }),
    allow({
      Resource: ["acs:oss:*:*:b/*"],
      Condition: {
        StringNotEquals: { "acs:UserAgent": ["a"] },
        IpAddress: { "acs:SourceIp": ["10.0.0.7/24"] },
        Bool: { "acs:SecureTransport": ["True"], "acs:MFAPresent": [true] },
      },
    }),
  ]);
  expect(accessDifference("none", many, bucket).verdict).toBe("undecided");
  const positions = Object.fromEntries(names.map((name) => [name, openQuestions[name][0]]));
  const found = accessDifference("none", many, {
    ...bucket,
    observed: observed(positions),
  });
  expect(found).toMatchObject({ verdict: "different", dependsOn: [] });
  // Which of them it rests on is not known, so it names all that concern it.
  expect(found.verdict === "different" && (found.observed ?? []).length).toBeGreaterThan(6);
  expect(agree(positions)(interpretationsOf([])[0] as Interpretation)).toBe(true);
});
