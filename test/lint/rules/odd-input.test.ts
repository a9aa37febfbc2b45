import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../../src/policy/json.ts";
import { runs } from "../../support/runs.ts";
import { codesOf, statement } from "./findings.ts";

const word = fc.oneof(
  fc.constantFrom(
    ...["*", "**", "acs:SourceIp", "acs:SourceVpc", "oss:Prefix", "constructor", "valueOf", "10.0.0.1/8", "vpc-*"],
    ...["IpAddress", "NotIpAddress", "StringEquals", "StringLike", "StringNotLike", "Bool", "DateLessThan"],
    ...["oss:GetObject", "oss:List*", "arn:sts::1:assumed-role/r/*", "Condition", "Effect", "Deny", "Allow"],
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
);
const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.constantFrom<Json>(null, true, 1, 1.5),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word.filter(isName), tie("value"), { maxKeys: 3 }),
  ),
})).value;

/** A lone surrogate is no text, and the name below is refused where files are read. */
function isName(name: string): boolean {
  return name !== "__proto__" && name !== "";
}

test("no rule throws, whatever stands in a statement", () => {
  const fields = fc.constantFrom("Effect", "Principal", "Action", "Resource", "Condition", "Sid");
  fc.assert(
    fc.property(fc.array(fc.dictionary(fields, value), { minLength: 1, maxLength: 3 }), (statements) => {
      expect(codesOf(statements as Json[])).toBeInstanceOf(Array);
    }),
    { numRuns: runs(80) },
  );
});

describe("a long text takes no long time", () => {
  test.each([
    ["0", "x"],
    ["a.", "x"],
    ["*a", "b"],
    [":", "x"],
    ["arn:sts::1:assumed-role/", ""],
    ["/", ""],
    ["а", "a"],
    ["1:", "::"],
    [" ", "1"],
  ])("%s, many times", (part, end) => {
    const long = part.repeat(Math.floor(15_000 / part.length)) + end;
    const started = performance.now();
    codesOf([
      statement({
        Principal: [long],
        Action: ["oss:GetObject", long.slice(0, 2_000)],
        Condition: {
          IpAddress: { "acs:SourceIp": [long], "acs:SourceVpcIp": [`${long}/8`] },
          DateLessThan: { "acs:CurrentTime": [long] },
          NumericLessThan: { "oss:object-remaining-retention-days": [long] },
          StringLike: { "acs:SourceVpc": [long], [long]: ["a"] },
          StringEquals: { "acs:SourceVpc": [long] },
          [long]: { "acs:UserAgent": ["a"] },
        },
      }),
    ]);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test("the longest patterns that are compared", () => {
    const started = performance.now();
    codesOf([
      statement({
        Condition: {
          StringEquals: { "acs:UserAgent": [`${"a".repeat(1000)}b`, `${"a".repeat(999)}bb`] },
          StringLike: { "acs:UserAgent": ["*a".repeat(500), "a*".repeat(500)] },
        },
      }),
    ]);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
