import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { hasErrors, type Diagnostic } from "../../src/diagnostic.ts";
import { fixTexts } from "../../src/edit/fix-texts.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import { mistakes, type Mistake } from "../soak/mistakes.ts";
import { picker } from "../soak/random.ts";
import { accountFile } from "../support/run-cli.ts";
import { runs, sampled } from "../support/runs.ts";

const ok = fileURLToPath(new URL("../lint/ok", import.meta.url));
const originals = readdirSync(ok)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(join(ok, name), "utf8"))
  .filter((text) => !hasErrors(judge(text).findings));

/** These put another value in the place of the one that was meant, so the original says nothing about the result. */
const replacesValue =
  /^an? (?:star|ampersand|at sign|backtick|percent sign|tag) without quotes$|^an alias of nothing$/;
const slips = Object.entries(mistakes).filter(([name]) => !replacesValue.test(name));

function judge(text: string) {
  const desired = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  const linted = [...lintBuckets(desired.buckets).values()].flat();
  return { desired, findings: [...desired.diagnostics, ...linted] };
}

async function fixOne(text: string) {
  const { texts, fixed } = await fixTexts((texts) => {
    const current = texts.get("one.yaml") ?? text;
    return Promise.resolve({ findings: judge(current).findings, sources: new Map([["one.yaml", current]]) });
  });
  return { text: texts.get("one.yaml") ?? text, fixed };
}

/** What the fixed file lets through that the original did not. */
function widened(original: string, fixed: string): readonly string[] {
  const [before, after] = [judge(original).desired, judge(fixed).desired];
  return after.buckets.flatMap((bucket) => {
    const meant = before.buckets.find((one) => one.bucket === bucket.bucket);
    const difference = accessDifference(
      meant === undefined ? "none" : desiredPolicy(meant),
      desiredPolicy(bucket),
      bucketOf(bucket),
    );
    if (difference.verdict === "undecided") return ["undecided"];
    if (difference.verdict === "equal") return [];
    return difference.regions.map(({ effect }) => effect).filter((effect) => effect !== "loses");
  });
}

function commentsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|\s)(#.*)$/gm)].map(([, comment = ""]) => comment);
}

describe("a corrected file", () => {
  test.each(slips)(
    "after %s grants no more than was meant, keeps comments and is corrected once",
    async (_, slip) => {
      for (const [index, original] of sampled(originals, 4).entries()) {
        const written = slip(original, picker(index + 1));
        if (written === undefined) continue;
        const { text, fixed } = await fixOne(written);
        const story = `${written}\n=>\n${text}`;
        if (fixed.length > 0 && !hasErrors(judge(text).findings))
          expect(widened(original, text), story).toEqual([]);
        expect(commentsOf(text), story).toEqual(commentsOf(written));
        expect((await fixOne(text)).fixed, story).toEqual([]);
        expect(text === written, story).toBe(fixed.length === 0);
      }
    },
  );

  test.each([
    ["no colon", 1],
    ["no space behind the colon", 1],
    ["no comma in a list", 1],
    ["typographic quotes in a line", 0.9],
    ["a policy that is not indented", 1],
    ["a UID without quotes", 1],
    ["a misspelt key", 1],
    ["a misspelt action", 0.9],
  ] as const)("after %s is the original in at least this share: %d", async (name, share) => {
    const slip = mistakes[name];
    const written = originals.flatMap((original) => {
      const text = slip?.(original, picker(3));
      return text === undefined ? [] : [{ original, text }];
    });
    expect(written.length).toBeGreaterThan(5);
    const restored: string[] = [];
    for (const { original, text } of written)
      if ((await fixOne(text)).text === original) restored.push(original);
    expect(restored.length / written.length).toBeGreaterThanOrEqual(share);
  });
});

const statement = {
  Principal: '["202147604049350001"]',
  Action: '["oss:GetObject"]',
  Resource: '["acs:oss:*:1746495857600001:web/*"]',
  Condition: '{ Bool: { "acs:SecureTransport": ["true"] } }',
};

/** A file with one statement, of which some fields are others: one with a name of its own has its lines as they are. */
function fileWith(fields: Partial<Record<keyof typeof statement | "lines", string>>): string {
  const { lines = "", ...values } = fields;
  const others = Object.entries({ ...statement, ...values }).filter(([name]) => !lines.includes(name));
  const text = [...others.map(([name, value]) => `${name}: ${value}`), ...(lines === "" ? [] : [lines])];
  const body = text.map((line) => `      ${line}\n`).join("");
  return `bucket: web\npolicy:\n  Version: "1"\n  Statement:\n    - Effect: Allow\n${body}`;
}

describe("nothing is corrected where it is not certain:", () => {
  test.each([
    ["a negation that lost a letter", { Condition: '{ StringNtEquals: { "acs:SourceVpc": ["vpc-1"] } }' }],
    ["a negation by another word", { Condition: '{ NonIpAddress: { "acs:VpcSourceIp": ["10.0.0.0/8"] } }' }],
    ["a negated field", { lines: 'NoAction: ["oss:DeleteObject"]' }],
    ["a negated field in lower case", { lines: 'notPrincipal: ["202147604049350001"]' }],
    [
      "two fields that may be the same",
      { lines: 'Actoin: ["oss:GetObject"]\n      Acton: ["oss:PutObject"]' },
    ],
    [
      "two operators that may be the same",
      { Condition: '{ StringEqual: { "acs:SourceVpc": ["a"] }, StringEquls: { "acs:UserAgent": ["b"] } }' },
    ],
    ["a text with blanks around a variable", { Resource: "[acs:oss:*:*:${bucket}/my folder/*]" }],
    ["a text with blanks behind a sign", { Principal: "[@web master]" }],
    ["a comment in a list", { Action: '[ # why\n        "oss:GetObject, oss:PutObject"]' }],
    ["a comment behind a dash", { Action: '\n        - # why\n          "oss:GetObject, oss:PutObject"' }],
    ["what was a comment in a block", { Action: ">\n        oss:GetObject # why\n        oss:PutObject" }],
    ["a comment behind the sign of a block", { Action: "| # why\n        oss:GetObjct" }],
    ["one of two syntax errors", { Action: '["oss:GetObject" "oss:PutObject"]', Resource: '["a"' }],
  ])("%s", async (_, fields) => {
    const text = fileWith(fields);
    expect(hasErrors(judge(text).findings)).toBe(true);
    expect(await fixOne(text)).toEqual({ text, fixed: [] });
  });

  test("two keys that may be the same", async () => {
    const text = "bucket: web\npolcy: none\npolic: none\n";
    expect(await fixOne(text)).toEqual({ text, fixed: [] });
  });
});

describe("what is certain is corrected:", () => {
  test.each([
    [
      "a missing colon in braces",
      { Condition: '{ Bool { "acs:SecureTransport": ["true"] } }' },
      { Condition: '{ Bool: { "acs:SecureTransport": ["true"] } }' },
    ],
    [
      "a variable without quotes in braces",
      { Condition: '{StringEquals: {"acs:SourceVpc": ${account}}}' },
      { Condition: '{StringEquals: {"acs:SourceVpc": "${account}"}}' },
    ],
    [
      "the same missing comma twice",
      { Principal: '["1234567890123456" "x"]', Action: '["oss:GetObject" "a" "oss:GetObject" "b"]' },
      { Principal: '["1234567890123456", "x"]', Action: '["oss:GetObject", "a", "oss:GetObject", "b"]' },
    ],
  ])("%s", async (_, wrong, right) => {
    expect((await fixOne(fileWith(wrong))).text).toBe(fileWith(right));
  });
});

/** Returns whether a mistake can give a valid file that says something else, such as a quote that is part of a value. */
function isValid(slip: Mistake | undefined, original: string): boolean {
  return [1, 2, 3, 4, 5].some((seed) => {
    const text = slip?.(original, picker(seed));
    return text !== undefined && text !== original && !hasErrors(judge(text).findings);
  });
}

test("two mistakes in one file are corrected without more access, a lost comment or broken syntax", async () => {
  const gains = (original: string, text: string) =>
    widened(original, text).filter((effect) => effect === "gains");
  // Pasted JSON replaces what was in its place, and comes first.
  const isPasted = ([name]: (typeof slips)[number]) => name.startsWith("JSON");
  const inOrder = [...slips.filter(isPasted), ...slips.filter((slip) => !isPasted(slip))];
  let judged = 0;
  for (let seed = 1; seed <= runs(150); seed += 1) {
    const pick = picker(seed);
    const original = originals[pick(originals.length)] ?? "";
    const places = [pick(inOrder.length), pick(inOrder.length)].sort((a, b) => a - b);
    const written = places.reduce((text, place) => {
      try {
        return inOrder[place]?.[1](text, pick) ?? text;
      } catch {
        return text;
      }
    }, original);
    const { text, fixed } = await fixOne(written);
    const story = `${places.map((place) => inOrder[place]?.[0]).join(" and ")}\n${written}\n=>\n${text}`;
    expect(commentsOf(text), story).toEqual(commentsOf(written));
    expect((await fixOne(text)).fixed, story).toEqual([]);
    const left = fixed.length === 0 ? [] : judge(text).findings;
    expect(
      left.filter(({ code }) => code === "yaml"),
      story,
    ).toEqual([]);
    if (fixed.length === 0 || hasErrors(left)) continue;
    // Neither a mistake that leaves a valid file nor its part of the file is touched: it is another value.
    if (places.some((place) => isValid(inOrder[place]?.[1], original))) continue;
    judged += 1;
    expect(gains(original, text), story).toEqual([]);
  }
  expect(judged).toBeGreaterThan(runs(150) / 20);
});

describe("correcting texts", () => {
  const span = { file: "a", start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
  const finding = (text: string): Diagnostic => ({
    code: "version",
    severity: "error",
    message: "wrong",
    span,
    fix: { edits: [{ span, text }] },
  });

  test("leaves a file alone whose correction does not remove its finding", async () => {
    const { texts, fixed } = await fixTexts((texts) =>
      Promise.resolve({ findings: [finding("y")], sources: new Map([["a", texts.get("a") ?? "x"]]) }),
    );
    expect([...texts]).toEqual([]);
    expect(fixed).toEqual([]);
  });

  test("does not correct a warning, which the author has to judge", async () => {
    const { fixed } = await fixTexts(() =>
      Promise.resolve({
        findings: [{ ...finding("y"), severity: "warning" }],
        sources: new Map([["a", "x"]]),
      }),
    );
    expect(fixed).toEqual([]);
  });

  test("of two corrections of one place takes the first, and looks again", async () => {
    const { texts } = await fixTexts((texts) => {
      const text = texts.get("a") ?? "x";
      const findings = text === "x" ? [finding("y"), { ...finding("z"), message: "other" }] : [];
      return Promise.resolve({ findings, sources: new Map([["a", text]]) });
    });
    expect([...texts]).toEqual([["a", "y"]]);
  });
});
