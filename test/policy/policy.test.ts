import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isList, isObject, jsonText, parseJson, type Json, type JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, canonicalStatement, policyDigest } from "../../src/policy/policy.ts";
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

/** The document with a text, in several shapes, in place of each value, at the end of each list and as a member of each object. */
function additions(document: JsonObject, text: string): readonly JsonObject[] {
  const shapes: readonly Json[] = [text, [text], [[text]], { a: text }, [{ a: text }]];
  return shapes.flatMap((shape) => withAdded(document, shape, true)) as readonly JsonObject[];
}

function withAdded(value: Json, added: Json, isTop = false): readonly Json[] {
  const here = isTop ? [] : [added];
  if (isList(value))
    return [
      ...here,
      [...value, added],
      ...value.flatMap((item, at) => withAdded(item, added).map((other) => value.with(at, other))),
    ];
  if (!isObject(value)) return here;
  return [
    ...here,
    { ...value, added },
    ...Object.entries(value).flatMap(([name, item]) =>
      withAdded(item, added).map((other) => ({ ...value, [name]: other })),
    ),
  ];
}

interface Removal {
  readonly after: JsonObject;
  /** One of the documented equivalences: a repeated statement, or a Principal that is everyone. */
  readonly isSame: boolean;
}

/** The policy without each of its fields, statements, members, operators, keys and values. */
function removals(document: JsonObject): readonly Removal[] {
  const statements = document["Statement"] as readonly JsonObject[];
  const keys = statements.map((one) => JSON.stringify(canonicalStatement(one)));
  return [
    ...without(document).map((after) => ({ after: after as JsonObject, isSame: false })),
    ...statements.flatMap((one, at) => {
      const isRepeated = keys.indexOf(keys[at] ?? "") !== at || keys.lastIndexOf(keys[at] ?? "") !== at;
      const gone = { after: { ...document, Statement: statements.toSpliced(at, 1) }, isSame: isRepeated };
      if (isRepeated) return [gone];
      const parts = Object.entries(one).flatMap(([field, value]) => {
        const isSame = field === "Principal" && JSON.stringify(value) === '["*"]';
        const rest = Object.fromEntries(Object.entries(one).filter(([name]) => name !== field));
        return [rest, ...without(value).map((smaller) => ({ ...one, [field]: smaller }))].map((changed) => ({
          after: { ...document, Statement: statements.with(at, changed as JsonObject) },
          isSame,
        }));
      });
      return [gone, ...parts];
    }),
  ];
}

/** The value without each of its parts, at any depth. */
function without(value: Json): readonly Json[] {
  if (isList(value)) return value.map((_, at) => value.toSpliced(at, 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const rest = Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    return [rest, ...(name === "Statement" ? [] : without(item).map((part) => ({ ...value, [name]: part })))];
  }) as readonly Json[];
}

/** Without a bias to the first places. */
const place = fc.noBias(fc.nat());

function pick<T>(all: readonly T[], place: number): T {
  const one = all[place % all.length];
  if (one === undefined) throw new Error("there is no such place");
  return one;
}

describe("the laws of the canonical form", () => {
  test("any re-ordering and re-spelling of a policy is the same policy", () => {
    const pair = policyDocument.chain((document) => fc.tuple(fc.constant(document), respelled(document)));
    const isSame = fc.property(pair, ([a, b]) => {
      expect(canonicalPolicy(b)).toEqual(canonicalPolicy(a));
    });
    fc.assert(isSame, { numRuns: runs(120) });
  });

  test("a text that is put anywhere into a document makes it another policy, and another text a third one", () => {
    const document = fc.oneof(policyDocument, oddDocument);
    fc.assert(
      fc.property(document, place, (before, at) => {
        const [first, second] = ["zqzq", "zqzr"].map((text) => pick(additions(before, text), at));
        const forms = [before, first, second].map((one) => policyDigest(canonicalPolicy(one ?? {})));
        expect(new Set(forms).size, JSON.stringify(first)).toBe(3);
      }),
      { numRuns: runs(120) },
    );
  });

  test("whatever is taken out of a policy makes it another, unless it said nothing", () => {
    const seen = { other: 0, same: 0 };
    fc.assert(
      fc.property(policyDocument, place, (before, at) => {
        const { after, isSame } = pick(removals(before), at);
        const [digest, without] = [before, after].map((one) => policyDigest(canonicalPolicy(one)));
        expect(without === digest, JSON.stringify(after)).toBe(isSame);
        seen[isSame ? "same" : "other"] += 1;
      }),
      { numRuns: runs(120) },
    );
    expect(Math.min(seen.other, seen.same)).toBeGreaterThan(0);
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
    ["an operator without keys and none", ',"Condition":{}', ',"Condition":{"Bool":{}}'],
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
