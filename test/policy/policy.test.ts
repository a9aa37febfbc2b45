import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jsonText, parseJson, type JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, policyDigest } from "../../src/policy/policy.ts";
import { oddDocument, policyDocument, respelled } from "../support/arbitraries.ts";
import { runs } from "../support/runs.ts";

function digestOf(text: string): string {
  const parsed = parseJson(text);
  if ("problem" in parsed) throw new Error(parsed.problem);
  return policyDigest(canonicalPolicy(parsed.value as JsonObject));
}

function statement(fields: string): string {
  return `{"Version":"1","Statement":[{"Effect":"Allow","Action":"oss:*","Resource":"*"${fields}}]}`;
}

describe("the laws of the canonical form", () => {
  test("any re-ordering and re-spelling of a policy is the same policy", () => {
    const pair = policyDocument.chain((document) => fc.tuple(fc.constant(document), respelled(document)));
    const isSame = fc.property(pair, ([a, b]) => {
      expect(canonicalPolicy(b)).toEqual(canonicalPolicy(a));
    });
    fc.assert(isSame, { numRuns: runs(500) });
  });

  test("nothing of a strange document is lost: two that differ, beyond spelling, have two forms", () => {
    fc.assert(
      fc.property(oddDocument, fc.string(), (document, text) => {
        const other = { ...document, Extra: text };
        const third = { ...document, Extra: `${text}.` };
        expect(canonicalPolicy(other)).not.toEqual(canonicalPolicy(third));
      }),
    );
  });

  test("the digest does not depend on how the JSON was laid out", () => {
    fc.assert(
      fc.property(policyDocument, (document) => {
        expect(digestOf(jsonText(document, 4))).toBe(digestOf(jsonText(document)));
      }),
    );
  });
});

describe("what is the same", () => {
  const everyone = digestOf(statement(""));
  test.each(['"*"', '["*"]', "[]", '["*","*"]'])(
    "a Principal of %s is everyone, as a missing one",
    (spelling) => {
      expect(digestOf(statement(`,"Principal":${spelling}`))).toBe(everyone);
    },
  );
});

describe("what is not the same", () => {
  test.each([
    ["an empty Condition and none", "", ',"Condition":{}'],
    [
      "a boolean and its text as condition value",
      ',"Condition":{"Bool":{"acs:SecureTransport":true}}',
      ',"Condition":{"Bool":{"acs:SecureTransport":"true"}}',
    ],
    [
      "a number and its text as condition value",
      ',"Condition":{"NumericLessThan":{"k":3}}',
      ',"Condition":{"NumericLessThan":{"k":"3"}}',
    ],
    ["the case of a principal", ',"Principal":"arn:A"', ',"Principal":"arn:a"'],
    [
      "a UID as number and as text",
      ',"Principal":[202147604049350001]',
      ',"Principal":["202147604049350001"]',
    ],
    [
      "two UIDs that a float would round to one",
      ',"Principal":[202147604049350001]',
      ',"Principal":[202147604049350002]',
    ],
    ["an unknown field and none", "", ',"Sid":"x"'],
    ["a field that has the name of an inherited one", "", ',"constructor":"x"'],
    ["a Condition of unknown shape and none", "", ',"Condition":null'],
    ["everyone, and everyone beside another", ',"Principal":["*"]', ',"Principal":["*","1"]'],
  ])("%s", (_, a, b) => {
    expect(digestOf(statement(a))).not.toBe(digestOf(statement(b)));
  });

  test("a Statement that is no list", () => {
    expect(digestOf('{"Version":"1","Statement":{}}')).not.toBe(digestOf('{"Version":"1","Statement":[]}'));
  });
});

describe("JSON", () => {
  test("digits of numbers survive reading and writing", () => {
    const text = '{"a":202147604049350001,"b":1.10,"c":1e400,"d":-0,"e":[1,2.5]}';
    const parsed = parseJson(text);
    expect("value" in parsed && jsonText(parsed.value)).toBe(text);
  });

  test.each([
    ["a name twice with two values", '{"a":1,"a":2}'],
    ["half a body", '{"Version":"1","Statement":[{"Eff'],
    ["words after the document", "{} x"],
    ["nesting beyond the stack", "[".repeat(100_000)],
    ["a name that would vanish", '{"__proto__":{"a":1}}'],
    ["nothing", ""],
  ])("%s is a problem and no value", (_, text) => {
    expect(parseJson(text)).toHaveProperty("problem");
  });
});
