import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import fc from "fast-check";
import pMap from "p-map";
import { describe, expect, test } from "vitest";
import { compareUnder } from "../../src/access/engine/diagram.ts";
import { defaultInterpretation, type Interpretation } from "../../src/access/request.ts";
import { smtlibOf } from "./smtlib.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { describeWith } from "../support/describe-with.ts";
import { runs } from "../support/runs.ts";
import { bucket, pair, policyOf, reading, statements } from "./worlds.ts";

/** What the solver makes of a script: `sat`, `unsat`, or `unknown` where it takes too long. */
function verdictOf(script: string, binary: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const limits = ["--lang=smt2", "--tlimit-per=10000"];
    const child = spawn(binary, limits, { timeout: 20_000, killSignal: "SIGKILL" });
    let [said, complained] = ["", ""];
    child.stdout.on("data", (text) => (said += String(text)));
    child.stderr.on("data", (text) => (complained += String(text)));
    // A solver that ends without reading says why itself.
    child.stdin.on("error", () => undefined);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const verdict = said.trim();
      if (verdict === "sat" || verdict === "unsat" || verdict === "unknown") resolve(verdict);
      else if (signal !== null || /timeout/.test(verdict + complained)) resolve("unknown");
      else reject(new Error(`${binary} ended with ${String(code)}: ${verdict} ${complained}`));
    });
    child.stdin.end(script);
  });
}

interface Case {
  readonly before: Policy;
  readonly after: Policy;
  readonly open: Interpretation;
}

/** Each case by both: where they disagree, and how many the solver answered. */
async function judge(cases: readonly Case[], binary: string) {
  const opinions = await pMap(
    cases,
    async ({ before, after, open }) => ({
      solver: await verdictOf(smtlibOf(before, after, bucket, open), binary),
      engine: compareUnder(before, after, bucket, open) === undefined ? "unsat" : "sat",
      question: JSON.stringify({ before, after, open }),
    }),
    { concurrency: availableParallelism() },
  );
  const answered = opinions.filter((opinion) => opinion.solver !== "unknown");
  return {
    disagreements: answered.filter((opinion) => opinion.solver !== opinion.engine),
    answered: answered.length,
    equal: answered.filter((opinion) => opinion.solver === "unsat").length,
  };
}

async function expectAgreement(
  made: fc.Arbitrary<Case>,
  {
    solver,
    count,
    leastEqual,
  }: { readonly solver: string; readonly count: number; readonly leastEqual: number },
) {
  const found = await judge(fc.sample(made, count), solver);
  expect(found.disagreements).toEqual([]);
  expect(found.answered).toBeGreaterThanOrEqual(0.9 * count);
  // Were all pairs different, the proof of equality would not be tried.
  expect(found.equal).toBeGreaterThanOrEqual(leastEqual * count);
  expect(found.equal).toBeLessThanOrEqual(0.95 * count);
}

const changes: fc.Arbitrary<Case> = fc
  .tuple(pair, reading)
  .map(([[before, after], open]) => ({ before, after, open }));

const some = (...words: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 3 });
const relation = fc.constantFrom(
  "Equals",
  "NotEquals",
  "LessThan",
  "LessThanEquals",
  "GreaterThan",
  "GreaterThanEquals",
);
const ofTexts = fc.constantFrom(
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
);
const ofAddresses = fc.constantFrom("IpAddress", "NotIpAddress");
const moments = some(
  "1969-12-31T23:59:59Z",
  "1970-01-01T00:00:00Z",
  "2026-08-12T17:00:00+08:00",
  "2026-08-12T09:00:00.001Z",
  "9999-12-31T23:59:59Z",
);
const networks = some("::/0", "::ffff:0:0/95", "::fffe:0:0/96", "0.0.0.0/1", "128.0.0.0/1", "10.1.2.3");
const strange = some("é", "É", "A", "\\u{41}", 'a"b', "a\nb", "*", "?", "", "???", "a*b*");

const testOf = (operator: fc.Arbitrary<string>, key: string, members: fc.Arbitrary<readonly string[]>) =>
  fc.tuple(operator, members).map(([name, values]) => ({ operator: name, key, values }));

/** Tests of the keys that the small worlds leave out, with values at the ends of what there is. */
const rareTest = fc.oneof(
  testOf(
    relation.map((name) => `Date${name}`),
    "acs:CurrentTime",
    moments,
  ),
  testOf(
    relation.map((name) => `Numeric${name}`),
    "oss:object-remaining-retention-days",
    some("0", "1", "30", "999999999999999"),
  ),
  testOf(ofAddresses, "acs:SourceVpcIp", networks),
  testOf(ofAddresses, "acs:SourceIp", networks),
  testOf(ofTexts, "acs:SourceVpc", some("", "vpc-", "VPC-a", "vpc-a", "vpc-*", "vpc-?*", "*")),
  testOf(ofTexts, "acs:AccessId", some("STS.*", "TMP.?", "", "*")),
  testOf(ofTexts, "oss:Prefix", some("a/", "a*", "*")),
  testOf(ofTexts, "oss:Delimiter", some("/", "?", "")),
  testOf(ofTexts, "oss:BucketTag/a|b c", strange),
  testOf(fc.constant("Bool"), "acs:MFAPresent", some("true", "FALSE")),
);

const flipped = (operator: string) =>
  operator.includes("Not")
    ? operator.replace("Not", "")
    : operator.replace(/^(String|Numeric|Date|)(?=Equals|Like|IpAddress)/, "$1Not");

/** A statement as it is, and in two parts, one for each outcome of a test: equal but for owners and absent keys. */
const halves = fc
  .tuple(statements, statements, rareTest, fc.boolean(), reading)
  .filter(([, list]) => list.length > 0)
  .map(([common, [one = {}], { operator, key, values }, isWhole, open]) => {
    const where = (name: string): JsonObject => ({ ...one, Condition: { [name]: { [key]: values } } });
    const whole = isWhole ? one : { ...one, Condition: {} };
    return {
      before: policyOf([...common.slice(0, 2), whole]),
      after: policyOf([...common.slice(0, 2), where(operator), where(flipped(operator))]),
      open,
    };
  });

/** A statement, and the same under one more Condition: in its place, or beside it, where it says nothing new. */
const repeats = fc
  .tuple(statements, fc.array(rareTest, { minLength: 1, maxLength: 2 }), rareTest, fc.boolean(), reading)
  .filter(([list]) => list.length > 0)
  .map(([list, tests, more, isBeside, open]) => {
    const under = (all: readonly (typeof more)[]): JsonObject => ({
      ...list[0],
      Condition: Object.fromEntries(all.map(({ operator, key, values }) => [operator, { [key]: values }])),
    });
    const [common, first, second] = [list.slice(1, 3), under(tests), under([...tests, more])];
    const after = isBeside ? [...common, first, second] : [...common, second];
    return { before: policyOf([...common, first]), after: policyOf(after), open };
  });

describe("the script", () => {
  const allow = {
    Effect: "Allow",
    Principal: ["1"],
    Action: ["oss:GetObject"],
    Resource: ["acs:oss:*:*:b/*"],
  };
  const scriptOf = (fields: object, open: Partial<Interpretation> = {}) =>
    smtlibOf("none", policyOf([{ ...allow, ...fields }]), bucket, { ...defaultInterpretation, ...open });
  const termOf = (fields: object, open: Partial<Interpretation> = {}) =>
    scriptOf(fields, open)
      .split("\n")
      .find((line) => line.startsWith("(define-fun after-1 "))
      ?.replaceAll(/\(= action \d+\)/g, "(= action N)");

  test("asks one question, and the same one each time", () => {
    const script = scriptOf({});
    expect(script).toBe(scriptOf({}));
    expect(script.startsWith("(set-logic QF_SLIA)\n")).toBe(true);
    expect(script.match(/\(check-sat\)/g)).toHaveLength(1);
    expect(script.endsWith("\n(check-sat)\n")).toBe(true);
  });

  test("has as many closing brackets as opening ones, texts and comments aside", () => {
    const plain = scriptOf({ Condition: { StringLike: { "oss:BucketTag/)": [")", '"(', "a)*"] } } })
      .replaceAll(/^;.*$/gm, "")
      .replaceAll(/"(?:[^"]|"")*"/g, "");
    expect(plain.match(/\(/g)?.length).toBe(plain.match(/\)/g)?.length);
  });

  test("of no policy on either side says that nothing is decided", () => {
    const script = smtlibOf("none", "none", bucket, defaultInterpretation);
    for (const name of ["before-allow", "before-deny", "after-allow", "after-deny"])
      expect(script).toContain(`(define-fun ${name} () Bool false)`);
  });

  test("tells a statement field by field", () => {
    expect(termOf({ Condition: { StringNotLike: { "acs:UserAgent": ["a?b*"] } } })).toBe(
      '(define-fun after-1 () Bool (and (and (= who 2) (= who-name "1")) (= action N) ' +
        '(str.in_re resource (re.++ (str.to_re "b/") re.all)) (ite has-key0 ' +
        '(not (str.in_re key0 (re.++ (str.to_re "a") re.allchar (str.to_re "b") re.all))) true)))',
    );
  });

  test.each<[string, object, Partial<Interpretation>, string]>([
    [
      "a quote is doubled",
      { Condition: { StringEquals: { "acs:UserAgent": 'a"b' } } },
      {},
      '(= key0 "a""b")',
    ],
    [
      "a backslash is no escape",
      { Condition: { StringEquals: { "acs:UserAgent": "\\u{41}" } } },
      {},
      '"\\u{5c}u{41}"',
    ],
    [
      "other letters go by their code points",
      { Condition: { StringEquals: { "acs:UserAgent": "é😀" } } },
      {},
      '"\\u{e9}\\u{1f600}"',
    ],
    [
      "a date before 1970 is negative",
      { Condition: { DateLessThan: { "acs:CurrentTime": "1969-12-31T23:59:59Z" } } },
      {},
      "(< key0 (- 1000))",
    ],
    [
      "a wildcard is a letter under IgnoreCase",
      { Condition: { StringEqualsIgnoreCase: { "acs:UserAgent": "a*" } } },
      {},
      '(re.++ (re.union (str.to_re "a") (str.to_re "A")) (str.to_re "*"))',
    ],
    [
      "an absent key fails",
      { Condition: { StringNotEquals: { "acs:UserAgent": "a" } } },
      { absentKey: "fails" },
      '(ite has-key0 (not (= key0 "a")) false)',
    ],
    [
      "an absent text is the empty one",
      { Condition: { StringLike: { "acs:UserAgent": "*" } } },
      { absentText: "is the empty text" },
      '(ite has-key0 (str.in_re key0 re.all) (str.in_re "" re.all))',
    ],
    ["everyone but the owner", { Principal: ["*"] }, {}, "(distinct who 1)"],
    ["another owner's bucket", { Resource: ["acs:oss:*:7:b/*"] }, {}, " false)"],
  ])("%s", (_, fields, open, part) => {
    expect(termOf(fields, open)).toContain(part);
  });

  test("a letter that SMT-LIB does not have is refused, not changed", () => {
    const beyond = { Condition: { StringEquals: { "acs:UserAgent": "\u{e0041}" } } };
    expect(() => scriptOf(beyond)).toThrow("SMT-LIB has no character U+e0041");
  });
});

test("what is generated has a meaning", () => {
  const made = fc.oneof(changes, halves, repeats);
  for (const { before, after } of fc.sample(made, 200))
    expect([...unsupported(before), ...unsupported(after)]).toEqual([]);
});

describeWith("cvc5", "cvc5 agrees with the comparison", (solver) => {
  test.each([
    { name: "pairs of small worlds", made: changes, count: runs(15, 300), leastEqual: 0.05 },
    { name: "a statement and its two halves", made: halves, count: runs(10, 100), leastEqual: 0.1 },
    { name: "a statement under one more Condition", made: repeats, count: runs(10, 100), leastEqual: 0.2 },
  ])("on $name", ({ made, ...amount }) => expectAgreement(made, { solver, ...amount }), 600_000);
});
