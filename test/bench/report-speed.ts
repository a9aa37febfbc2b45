import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import type { Plan } from "../../src/plan/plan.ts";
import { accessMatrix } from "../../src/proof/matrix.ts";
import { allCodes } from "../../src/codes/index.ts";
import { renderAnnotations } from "../../src/report/github/annotations.ts";
import { htmlReport, isComparable } from "../../src/report/html/index.ts";
import { planMarkdown } from "../../src/report/markdown/plan.ts";
import { worstFirst } from "../../src/report/order.ts";
import { planDocument } from "../../src/report/json/plan.ts";
import { planFindings } from "../../src/report/plan-findings.ts";
import { renderPlan } from "../../src/report/text/plan.ts";
import { sarifDocument } from "../../src/report/json/sarif.ts";
import { plainText } from "../../src/report/text/style.ts";
import { openBrowser } from "../support/browser.ts";
import { findProgram } from "../support/programs.ts";
import { largePlan } from "../support/large-plan.ts";
import { medians, row, withFiles } from "./measure.ts";

const rounds = 3;
const options = { version: "1.0.0", policies: "policies", scope: "policies", isErrored: false };

const forms: Readonly<Record<string, (plan: Plan) => string>> = {
  text: (plan) => renderPlan(plan, plainText),
  JSON: (plan) => [...planDocument(plan, options)].join(""),
  Markdown: (plan) => planMarkdown(plan, options),
  HTML: (plan) => htmlReport(plan, options),
  SARIF: (plan) => sarifDocument(planFindings(plan), allCodes, options),
  annotations: (plan) => renderAnnotations(planFindings(plan), (file) => file),
};

/** A plan of many changed buckets in each form, and the page of a larger one in a browser. */
export async function reportSpeed() {
  const [plan, planMs] = timed(() => largePlan(500));
  console.log(`a plan of 500 changed buckets, each with its own policy, in each form, median of ${rounds}`);
  row("to make the plan, without any file or call", planMs);
  for (const [name, render] of Object.entries(forms)) {
    const [ms = 0] = await medians([() => Promise.resolve(timed(() => render(plan))[1])], rounds);
    row(`${name}, ${kilobytes(render(plan))}`, ms, planMs);
  }
  row(
    "of which HTML takes for the access matrix",
    timed(() => accessMatrix(worstFirst(plan.changes).filter(isComparable)))[1],
  );
  await pageSpeed();
}

async function pageSpeed() {
  const browserFile = findProgram("chromium");
  if (browserFile === undefined)
    return console.log("no Chromium, so no page was opened (OSS_POLICY_CHROMIUM may name it)");
  const text = htmlReport(largePlan(1_000), options);
  console.log(`the page of 1000 changes, ${kilobytes(text)}, in Chromium, median of ${rounds}`);
  const browser = await openBrowser(browserFile);
  await withFiles({ "plan.html": text }, async (folder) => {
    const load = async () => {
      const page = await browser.newPage();
      const [, ms] = await timedAsync(() =>
        page.goto(pathToFileURL(join(folder, "plan.html")).href).then(() => frame(page)),
      );
      await page.close();
      return ms;
    };
    const [loadMs = 0] = await medians([load], rounds);
    row("from nothing to the first frame after load", loadMs);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(join(folder, "plan.html")).href);
    row("the first letter of a search", await searchMs(page, "a"));
    const searches = [
      ["a word that few changes have", "deleteobject"],
      ["a word that one change has", "team-0500"],
      ["all of it taken back", ""],
    ] as const;
    const times = await medians(
      searches.map(
        ([, word]) =>
          () =>
            searchMs(page, word),
      ),
      rounds,
    );
    for (const [index, [what]] of searches.entries()) row(`then ${what}`, times[index] ?? 0);
    row("one choice of a filter", await chooseMs(page, "create"));
    row("all that is folded opened", await actMs(page, `document.getElementById("unfold").click()`));
  });
  await browser.close();
}

/** From the keystroke until the frame that shows its result is drawn. */
const searchMs = (page: Page, word: string) => {
  const type = (text: string) =>
    `search.value = ${JSON.stringify(text)}; search.dispatchEvent(new Event("input", { bubbles: true }))`;
  return actMs(page, `const search = document.getElementById("search"); ${type(word)}`);
};

const chooseMs = (page: Page, action: string) =>
  actMs(
    page,
    `const by = document.getElementById("by-action"); by.value = "${action}"; by.dispatchEvent(new Event("input", { bubbles: true }))`,
  );

function actMs(page: Page, script: string): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const start = performance.now();
    (() => { ${script} })();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
  })`);
}

function frame(page: Page): Promise<unknown> {
  return page.evaluate("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))");
}

function timed<T>(act: () => T): readonly [T, number] {
  const start = performance.now();
  const result = act();
  return [result, performance.now() - start];
}

async function timedAsync<T>(act: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await act();
  return [result, performance.now() - start];
}

function kilobytes(text: string): string {
  return `${Math.round(Buffer.byteLength(text) / 1_024).toLocaleString("en")} KB`;
}
