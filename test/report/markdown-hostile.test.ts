import { printable } from "../../src/report/printable.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { consentEntries } from "../../src/plan/consent.ts";
import { isWriting, type Change, type Plan } from "../../src/plan/plan.ts";
import { driftBody, driftMarker } from "../../src/report/github/drift-issue.ts";
import {
  findingsMarkdown,
  maxUnits,
  planMarkdown,
  type MarkdownOptions,
} from "../../src/report/markdown/plan.ts";
import { code, codeInTable, commentWord, fenced } from "../../src/report/markdown/escape.ts";

import { expectInert, hostile } from "../support/hostile.ts";
import { parseMarkdown } from "../support/markdown.ts";
import { planWith } from "../support/plans.ts";
import { isDeep, runs } from "../support/runs.ts";

const link = "https://github.example/octo/policies/actions/runs/4711";

interface Told {
  readonly plan: Plan;
  readonly options: MarkdownOptions;
}

/** Plans that fit in full, as a table, and as counts alone. */
const told: fc.Arbitrary<Told> = fc
  .record({
    plan: planWith(hostile),
    scope: hostile,
    message: hostile,
    times: fc.constantFrom(1, 1, 1, 30, 600),
    link: fc.constantFrom(undefined, link),
  })
  .map(({ plan, scope, message, times, link: page }) => {
    const repeated = <T>(items: readonly T[]) => Array.from({ length: times }, () => items).flat();
    const distinct = (change: Change, index: number): Change =>
      change.action === "unreadable"
        ? {
            ...change,
            problem: { ...change.problem, status: index, message: `${change.problem.message} ${index}` },
          }
        : { ...change, limit: `limit ${index}` };
    const outcomes = plan.changes.map(
      ({ bucket }) => ({ bucket, action: "update", result: "failed", message }) as const,
    );
    const { changes, unmanaged, diagnostics } = plan;
    return {
      plan: {
        ...plan,
        changes: repeated(changes).map(distinct),
        unmanaged: repeated(unmanaged),
        diagnostics: repeated(diagnostics),
      },
      options: { scope, isErrored: false, outcomes, link: page },
    };
  });

test("text from outside is shown in code alone, wherever it stands in a plan, and however long the plan is", () => {
  const rungs = new Set<string>();
  fc.assert(
    fc.property(told, ({ plan, options }) => {
      const text = planMarkdown(plan, options);
      const parsed = expectInert(text, options.link);
      const rung = !text.includes("The plan is too long")
        ? "full"
        : text.includes("without room here")
          ? "counts"
          : "table";
      const acceptable = plan.changes.filter((change) => consentEntries(change).length > 0);
      if (rung === "full")
        expect(parsed.blocks.length).toBe(plan.changes.filter(isWriting).length + acceptable.length);
      expect(parsed.links).toEqual(rung === "full" || options.link === undefined ? [] : [options.link]);
      expect(text.length).toBeLessThanOrEqual(maxUnits);
      rungs.add(rung);
    }),
    { numRuns: runs(3) },
  );
  if (isDeep) expect(rungs.size).toBe(3);
});

test("so it is in the issue about drift, which fits too", () => {
  fc.assert(
    fc.property(told, ({ plan, options }) => {
      const text = driftBody(plan, options);
      const parsed = expectInert(text, options.link);
      expect(parsed.html[0]).toBe(`${driftMarker(options.scope)}\n`);
      expect(text.length).toBeLessThan(65_536);
    }),
    { numRuns: runs(1) },
  );
});

test("so it is in the findings of a job summary", () => {
  fc.assert(
    fc.property(told, ({ plan }) => {
      const text = findingsMarkdown(plan.diagnostics, ["1 error"]);
      expectInert(`<!-- oss-policy: x -->\n\n${text}`, undefined);
      expect(text.length).toBeLessThanOrEqual(maxUnits);
    }),
    { numRuns: runs(5) },
  );
});

test("a value of usual length is shown whole", () => {
  const shown = (text: string) => printable(text).replaceAll(/`{9,}/g, (run) => "\\u{60}".repeat(run.length));
  const usual = hostile.filter((text) => shown(text).length <= 600);
  fc.assert(
    fc.property(usual, (text) => {
      expect(parseMarkdown(`- x ${code(text)} y`).codes).toEqual([shown(text)]);
      expect(parseMarkdown(code(text)).codes).toEqual([shown(text)]);
      const table = parseMarkdown(`| a | b |\n| --- | --- |\n| ${codeInTable(text)} | x |`);
      expect([table.codes, table.rows]).toEqual([[shown(text.replaceAll("|", "\\u{7c}"))], [2, 2]]);
      const block = parseMarkdown(
        ["<details>", "", ...fenced("diff", [`+ ${text}`]), "", "</details>"].join("\n"),
      );
      expect(block.blocks).toEqual([`${shown(`+ ${text}`)}\n`]);
      expect(parseMarkdown(`<!-- ${commentWord(text)} -->`).html).toEqual([`<!-- ${commentWord(text)} -->`]);
    }),
    { numRuns: runs(40) },
  );
});

test.each([
  ["empty", "", "(empty)"],
  ["back-ticks inside", "a `b` ``c``", "``` a `b` ``c`` ```"],
  ["back-ticks at an end", "`a", "`` `a ``"],
  ["a run that no fence outdoes", "`".repeat(9), `\`${"\\u{60}".repeat(9)}\``],
  ["spaces at both ends", " a ", "`  a  `"],
  ["control and bidirectional characters", "a\n\u202eb", "`a\\u{a}\\u{202e}b`"],
  ["what a runner takes for a command", "x##[error]y", "`x##\\u{5b}error]y`"],
  [
    "4,000 characters",
    `${"a".repeat(2_000)}${"b".repeat(2_000)}`,
    `\`${"a".repeat(300)} ...(3400 characters left out)... ${"b".repeat(300)}\``,
  ],
])("a code span of %s", (_, text, expected) => {
  expect(code(text)).toBe(expected);
});

test("a line of a block never begins as a command of a runner", () => {
  expect(fenced("diff", ["::error::x", "   ::error::y", ": z"])).toEqual([
    "```diff",
    "\\u{3a}:error::x",
    "   \\u{3a}:error::y",
    ": z",
    "```",
  ]);
});

test("the fence of a block is longer than any run of back-ticks inside", () => {
  const block = fenced("diff", ["````", "x"]);
  expect(block).toEqual(["`````diff", "````", "x", "`````"]);
  expect(parseMarkdown(block.join("\n")).blocks).toEqual(["````\nx\n"]);
});

test("a path too long for a comment stands there as its hash", () => {
  expect(commentWord("x".repeat(601))).toMatch(/^sha256-[0-9a-f]{64}$/);
});

test.each([
  ["policies/a-b_c.d", "policies/a-b_c.d"],
  ["a--><b>", "a-%2D%3E%3Cb%3E"],
  ["a b/语", "a%20b/%E8%AF%AD"],
])("%s as a word of a comment", (text, expected) => {
  expect(commentWord(text)).toBe(expected);
});
