import { printable } from "../../src/report/printable.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isWriting, type Change, type Plan } from "../../src/plan/plan.ts";
import type { ReportContext } from "../../src/report/context.ts";
import { htmlReport } from "../../src/report/html/index.ts";
import { html, message } from "../../src/report/html/escape.ts";
import { worstHazard } from "../../src/report/vocabulary.ts";

import { parseHtml } from "../support/html.ts";
import { expectHarmless, hostileHtml as hostile, marker } from "../support/hostile-html.ts";
import { planWith } from "../support/plans.ts";
import { runs } from "../support/runs.ts";

/** The documents hold the text too, as names and as values. */
const withDocuments = (change: Change, text: string): Change => {
  if (change.action === "unreadable") return change;
  const statement = {
    Effect: "Allow",
    Principal: [text],
    Action: text,
    Resource: [text],
    [text]: { [text]: text },
  };
  return { ...change, before: { Version: "1", Statement: [statement, text], [text]: [text] } };
};

const told = fc
  .record({ plan: planWith(hostile), policies: hostile, message: hostile, document: hostile })
  .map(({ plan, policies, message, document }) => {
    const outcomes = plan.changes.map(
      ({ bucket }) => ({ bucket, action: "update", result: "failed", message }) as const,
    );
    const changes = plan.changes.map((change) => withDocuments(change, document));
    const options: ReportContext = {
      version: "1.0.0",
      policies,
      scope: policies,
      isErrored: false,
      outcomes,
    };
    return { plan: { ...plan, changes } satisfies Plan, options, message, document };
  });

/** The elements of a page, but for those that mark words between backticks, which texts from outside can have. */
function shapeOf(page: string) {
  return parseHtml(page)
    .elements.filter(({ name }) => name !== "code")
    .map(({ name, attributes }) => [name, attributes]);
}

/** A text as an element shows it: backticks mark words as code. */
const shownTexts = (text: string) => [
  printable(text),
  parseHtml(message(text).text).elements.find(({ name }) => name === "bdi")?.text ?? "",
];
const isShownIn = (texts: ReadonlySet<string>, text: string) =>
  shownTexts(text).some((shown) => texts.has(shown));

test("text from outside makes no element and no attribute, wherever it stands in a plan", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(told, ({ plan, options, message, document }) => {
      const page = htmlReport(plan, options);
      const elements = expectHarmless(page);
      const texts = new Set(elements.flatMap(({ name, text }) => (isWord.test(name) ? [text] : [])));
      for (const text of textsOf(plan, options)) expect([text, isShownIn(texts, text)]).toEqual([text, true]);
      if (plan.changes.some(isWriting)) {
        expect(
          [...texts].filter((text) => text.includes(printable(JSON.stringify(document)))).length,
        ).toBeGreaterThan(0);
        expect(isShownIn(texts, message)).toBe(true);
        seen.add("a document and an outcome");
      }
    }),
    { numRuns: runs(20) },
  );
  expect(seen.size).toBe(1);
});

const isWord = /^(code|bdi|ins|del|span)$/;

/** Texts of a plan that a page shows whole and as they are. */
function textsOf(
  { changes, unmanaged, diagnostics, base }: Plan,
  { policies }: ReportContext,
): readonly string[] {
  const ofHazards = (change: Change) =>
    change.action === "unreadable"
      ? [change.problem.message]
      : [worstHazard(change.hazards)?.message ?? change.bucket];
  return [
    policies,
    ...changes
      .filter((change) => change.action !== "none" || change.hazards.length > 0)
      .flatMap((change) => [
        change.bucket,
        change.region,
        change.account,
        `${change.file}:${change.line}`,
        ...ofHazards(change),
      ]),
    ...unmanaged.flatMap(({ bucket, region, problem }) => [
      bucket,
      region,
      ...(problem === null ? [] : [problem.message]),
    ]),
    ...diagnostics.flatMap(({ code, message, help }) => [code, message, help ?? code]),
    ...(base?.loosened ?? []).flatMap(({ message, file, line }) => [message, `${file}:${line}`]),
    ...(base?.abandoned ?? []).flatMap(({ bucket, region, file }) => [bucket, region, file]),
  ];
}

test("the page of hostile texts has the shape of that of harmless ones", () => {
  fc.assert(
    fc.property(fc.integer(), hostile, (seed, text) => {
      const planOf = (word: string) =>
        fc.sample(planWith(fc.constant(word)), { seed, numRuns: 1 })[0] ?? {
          changes: [],
          unmanaged: [],
          diagnostics: [],
        };
      const page = (word: string) =>
        htmlReport(planOf(word), { version: "1.0.0", policies: word, scope: word, isErrored: false });
      const shape = (word: string) =>
        shapeOf(page(word))
          .map((one) => JSON.stringify(one))
          .join("\n");
      expect(shape(text)).toBe(shape(marker));
    }),
    { numRuns: runs(15) },
  );
});

test("a text reads back as it is printed, in an element and in an attribute", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { elements } = parseHtml(
        html`<!doctype html><title>x</title>
          <p title="${text}">${text}</p>`.text,
      );
      const shown = elements.find(({ name }) => name === "p");
      expect([shown?.text, shown?.attributes["title"]]).toEqual([printable(text), printable(text)]);
    }),
    { numRuns: runs(30) },
  );
});

test("words between backticks are code, and nothing in them is markup", () => {
  const { elements } = parseHtml(
    message("the key `<b>x</b>&amp;` is not `<i>`; a ` alone, and `` are text").text,
  );
  const texts = (tag: string) => elements.flatMap(({ name, text }) => (name === tag ? [text] : []));
  expect(texts("code")).toEqual(["<b>x</b>&amp;", "<i>"]);
  expect(texts("bdi")).toEqual(["the key <b>x</b>&amp; is not <i>; a ` alone, and `` are text"]);
  expect([...texts("b"), ...texts("i")]).toEqual([]);
});

test("a word between backticks may begin or end with a blank, where a word of a sentence can be", () => {
  const codes = (text: string) =>
    parseHtml(message(text).text).elements.flatMap(({ name, text: shown }) =>
      name === "code" ? [shown] : [],
    );
  expect(codes("`etl` oss:PutObject under ` /`: 1 of its 2 requests")).toEqual(["etl", " /"]);
  expect(codes("under `a /`, ` b/`; and (` c `)")).toEqual(["a /", " b/", " c "]);
  expect(codes("x` y `z` and ` ` or `a`s")).toEqual(["z", "a"]);
});
