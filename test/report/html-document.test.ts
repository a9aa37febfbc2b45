import { describe, expect, test } from "vitest";
import { diffPolicies } from "../../src/plan/diff.ts";
import { jsonText, parseJson, type JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { documentLines } from "../../src/report/html/document.ts";

const reads: JsonObject = {
  Effect: "Allow",
  Principal: ["1", "2"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:b/*"],
  Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } },
};
const denies: JsonObject = { Effect: "Deny", Principal: "*", Action: "oss:*", Resource: "*" };
const policy = (...statements: readonly JsonObject[]): JsonObject => ({
  Version: "1",
  Statement: statements,
});

/** The lines that are marked on each side, without their commas and spaces around. */
function marked(before: JsonObject, after: JsonObject): readonly (readonly string[])[] {
  const difference = diffPolicies(canonicalPolicy(before), canonicalPolicy(after));
  return (["before", "after"] as const).map((side) =>
    documentLines(side === "before" ? before : after, side, difference)
      .filter(({ isMarked }) => isMarked)
      .map(({ text }) => text.trim().replace(/,$/, "")),
  );
}

describe("marks of what the other side does not have", () => {
  test.each([
    [
      "another order and another spelling",
      policy(reads, denies),
      policy({ ...denies, Action: ["oss:*"] }, { ...reads, Principal: ["2", "1"] }),
      [[], []],
    ],
    ["a member", policy(reads), policy({ ...reads, Principal: ["2", "3"] }), [['"1"'], ['"3"']]],
    [
      "one word for a list",
      policy({ ...reads, Action: "oss:GetObject" }),
      policy({ ...reads, Action: ["oss:GetObject", "oss:PutObject"] }),
      [[], ['"oss:PutObject"']],
    ],
    [
      "a value of a condition",
      policy(reads),
      policy({ ...reads, Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } } }),
      [['"vpc-2"'], []],
    ],
    [
      "the same member under another key",
      policy(reads),
      policy({ ...reads, Condition: { StringLike: { "acs:SourceVpc": ["vpc-1", "vpc-2"] } } }),
      [
        ['"vpc-1"', '"vpc-2"'],
        ['"vpc-1"', '"vpc-2"'],
      ],
    ],
    [
      "an unknown field",
      policy(reads),
      policy({ ...reads, Sid: { a: ["1"] } }),
      [[], ['"Sid": {', '"a": [', '"1"', "]", "}"]],
    ],
    [
      "the Version",
      policy(reads),
      { ...policy(reads), Version: "2" },
      [['"Version": "1"'], ['"Version": "2"']],
    ],
    [
      "a whole statement",
      policy(reads),
      policy(reads, denies),
      [[], ["{", '"Effect": "Deny"', '"Principal": "*"', '"Action": "oss:*"', '"Resource": "*"', "}"]],
    ],
    ["a statement that is none", policy(reads), { Version: "1", Statement: [reads, "odd"] }, [[], ['"odd"']]],
  ] as const)("%s", (_, before, after, expected) => {
    expect(marked(before, after)).toEqual(expected);
  });
});

test.each([
  '{"Version":"1","Statement":[]}',
  '{"Statement":{"a":[{},[],[1,[2,null]],""]},"x":true}',
  '{"Statement":[{"Principal":[202147604049350001],"a":{"b":{"c":1.50}}}],"Version":"1"}',
  "{}",
])("the lines are the document: %s", (text) => {
  const parsed = parseJson(text);
  const document = ("value" in parsed ? parsed.value : {}) as JsonObject;
  const lines = documentLines(document, "before", undefined).map((line) => line.text);
  expect(lines.join("\n")).toBe(jsonText(document, 2));
});
