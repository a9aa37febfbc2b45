import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { actions, actionsMatching, apiNames, findAction, readAction } from "../../src/policy/actions.ts";
import { globMatches, globMatchesBeyond, positionsAfter } from "../../src/policy/glob.ts";
import { runs } from "../support/runs.ts";

describe("the catalogue", () => {
  test("holds every action once", () => {
    expect(actions).toHaveLength(202);
    expect(new Set(actions.map(({ name }) => name.toLowerCase())).size).toBe(202);
    expect(actions.filter(({ name }) => !/^oss:[A-Z][A-Za-z]+$/.test(name))).toEqual([]);
  });

  test.each([
    ["service", 8],
    ["bucket", 126],
    ["object", 42],
    ["resource pool", 7],
    ["vector", 13],
    ["table", 6],
  ])("has its actions on the level: %s", (level, count) => {
    expect(actions.filter((action) => action.level === level)).toHaveLength(count);
  });

  test("no API name is an action, and what it needs is", () => {
    expect([...apiNames.keys()].filter((name) => findAction(`oss:${name}`) !== undefined)).toEqual([]);
    expect([...apiNames.values()].flat().filter((name) => findAction(name) === undefined)).toEqual([]);
  });

  test.each([
    ["oss:GetObject", 1],
    ["oss:*", 202],
    ["*", 202],
    ["oss:GetObjectVersion*", 3],
    ["oss:?etObjectAcl", 1],
    ["oss:getobject", 0],
    ["oss:GetObjec", 0],
    ["", 0],
  ])("`%s` matches %i", (pattern, count) => {
    expect(actionsMatching(pattern)).toHaveLength(count);
  });
});

describe("what a word of Action can be", () => {
  test.each([
    ["oss:Get*", "actions"],
    ["OSS:GETOBJECT", "other case"],
    ["oss:*ACL", "other case"],
    ["oss:HeadObject", "api"],
    ["headobject", "api"],
    ["oss:UploadPart*", "api"],
    ["oss:HeadBucket", "api"],
    ["s3:HeadObject", "foreign"],
    ["s3:ListBucket", "foreign"],
    ["cos:GetBucket", "foreign"],
    ["name/cos:HeadBucket", "foreign"],
    ["obs:object:GetObject", "foreign"],
    ["GetObject", "foreign"],
    ["osstables:GetTable", "other bucket"],
    ["ossvector:*", "other bucket"],
    ["s3:*", "unknown"],
    ["ram:HeadObject", "unknown"],
    ["Get*", "unknown"],
    ["oss:", "unknown"],
    ["", "unknown"],
  ])("`%s`: %s", (word, kind) => {
    expect(readAction(word).kind).toBe(kind);
  });

  test("any text at all is one of them", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => readAction(text).kind !== undefined));
  });
});

/** The definition, with no thought of cost. */
function matches([mark, ...marks]: readonly string[], text: readonly string[]): boolean {
  if (mark === undefined) return text.length === 0;
  const [first, ...rest] = text;
  if (mark === "*") return matches(marks, text) || (first !== undefined && matches([mark, ...marks], rest));
  return first !== undefined && (mark === "?" || mark === first) && matches(marks, rest);
}

const shortText = fc.string({ unit: fc.constantFrom("a", "b", "/", "😀"), maxLength: 6 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", "/", "😀", "*", "?"), maxLength: 6 });

describe("patterns", () => {
  test("match as their definition says", () => {
    fc.assert(
      fc.property(pattern, shortText, (glob, text) => {
        expect(globMatches(glob, text)).toBe(matches([...glob], [...text]));
      }),
      { numRuns: runs(500) },
    );
  });

  test("match beyond a prefix exactly if some longer text matches", () => {
    fc.assert(
      fc.property(pattern, shortText, shortText, (glob, prefix, rest) => {
        if (rest !== "" && globMatches(glob, prefix + rest))
          expect(globMatchesBeyond(glob, prefix)).toBe(true);
      }),
      { numRuns: runs(500) },
    );
    expect(globMatchesBeyond("b/", "b/")).toBe(false);
    expect(globMatchesBeyond("b/*", "b/")).toBe(true);
    expect(globMatchesBeyond("b", "b/")).toBe(false);
  });

  test.each(["*a*a*a*a*b", "*a".repeat(50), "*".repeat(200), "*?".repeat(50)])(
    "a hostile one stands in no more places at once than it has: %s",
    (hostile) => {
      const text = "a".repeat(200);
      for (let length = 0; length <= text.length; length += 10) {
        const positions = positionsAfter(hostile, text.slice(0, length));
        expect(positions.length).toBeLessThanOrEqual(hostile.length + 1);
        expect(new Set(positions).size).toBe(positions.length);
      }
    },
  );
});
