import { describe, expect, test } from "vitest";
import { verdictLevels, type Change, type Plan } from "../../src/plan/plan.ts";
import type { PlanDocument } from "../../src/plan/plan-schema.ts";
import { htmlReport } from "../../src/report/html/index.ts";
import { planDocument } from "../../src/report/json/plan.ts";
import { planMarkdown } from "../../src/report/markdown/plan.ts";
import { renderPlan } from "../../src/report/text/plan.ts";
import { plainText } from "../../src/report/text/style.ts";
import { accountVerdicts, verdictOf } from "../../src/report/verdict.ts";
import { parseHtml } from "../support/html.ts";
import { largePlan } from "../support/large-plan.ts";

const context = { version: "1.0.0", policies: "policies", scope: "policies", isErrored: false };

/** Each in a folder of its own account: changes that are widened, narrowed and rewritten, and weaker guards of one. */
function twoAccounts(): Plan {
  const { changes, base, ...plan } = largePlan(8);
  const inFolder = (change: Change, account: string): Change => ({
    ...change,
    account,
    file: change.file.replace("policies/", `policies/${account}/`),
  });
  const [widened, narrowed] = [changes[0], changes[1]].flatMap((change) => change ?? []);
  if (widened === undefined || narrowed === undefined || base === undefined) throw new Error("no changes");
  const loosened = base.loosened.map((one) => ({ ...one, file: "policies/222/account.yaml" }));
  return {
    ...plan,
    changes: [inFolder(widened, "111"), inFolder(narrowed, "222"), inFolder(narrowed, "333")],
    base: { ...base, loosened, abandoned: [] },
    accounts: [{ uid: "111", name: "production" }, { uid: "222" }, { uid: "333" }],
    limits: [
      { account: "222", message: "a limit" },
      { account: "333", message: "a limit, at main" },
    ],
  };
}

describe("the verdict is the first line that a reader sees", () => {
  const plans = [1, 8, 16].map((count) => [`${count} changes`, largePlan(count)] as const);

  test.each([...plans, ["several accounts", twoAccounts()] as const])("%s", (_, plan) => {
    const { text } = verdictOf(plan, context);
    expect(renderPlan(plan, plainText).split("\n")[0]).toBe(text);
    expect(planMarkdown(plan, context).split("\n")[2]).toBe(`## oss-policy: ${text}`);
    const { elements } = parseHtml(htmlReport(plan, context));
    expect(elements.find(({ name }) => name === "h1")?.text.trim()).toBe(text);
    expect(elements.find(({ name }) => name === "title")?.text).toBe(`oss-policy: ${text}`);
  });
});

describe("several accounts", () => {
  const plan = twoAccounts();
  const verdicts = accountVerdicts(plan, context);

  test("each has its verdict, with the guards that are weaker for it, and the plan has the worst", () => {
    expect(verdicts.map(({ account, level }) => [account, level])).toEqual([
      ["111", "review"],
      ["222", "blocked"],
      ["333", "blocked"],
    ]);
    expect(verdicts.slice(1).map(({ text }) => text)).toEqual([
      "Blocked: a limit",
      "Blocked: a limit, at main",
    ]);
    const unlimited = accountVerdicts({ ...plan, limits: [] }, context);
    expect(unlimited.map(({ level }) => level)).toEqual(["review", "review", "narrowing"]);
    expect(unlimited[1]?.text).toBe("Review: 1 guard or consent is weaker, changed or new");
    const levels = verdicts.map(({ level }) => verdictLevels.indexOf(level));
    expect(verdictLevels.indexOf(verdictOf(plan, context).level)).toBe(Math.min(...levels));
  });

  test("are listed below the plan's verdict", () => {
    expect(renderPlan(plan, plainText).split("\n")[1]).toBe(
      `  account production (111): ${verdicts[0]?.text}`,
    );
    const { text } = verdicts[2]!;
    expect(renderPlan(plan, plainText).split("\n")[3]).toBe(`  account 333: ${text}`);
    expect(planMarkdown(plan, context)).toContain(`\n- account \`333\`: ${text}\n`);
    expect(htmlReport(plan, context)).toContain("account <code>333</code>: ");
    const { verdict } = JSON.parse([...planDocument(plan, context)].join("")) as PlanDocument;
    expect(verdict.accounts?.map(({ account, level }) => [account, level])).toEqual(
      verdicts.map(({ account, level }) => [account, level]),
    );
    expect(verdict.accounts?.[2]?.text).toBe(text);
  });

  test("one account needs no line of its own", () => {
    expect(accountVerdicts(largePlan(8), context)).toEqual([]);
  });
});

test("buckets that change for the same reason are one entry, in every report", () => {
  const [first] = largePlan(1).changes;
  if (first === undefined) throw new Error("no change");
  const changes = ["a", "b", "c"].map((bucket) => ({ ...first, bucket, file: `policies/${bucket}.yaml` }));
  const plan: Plan = { changes, unmanaged: [], diagnostics: [] };
  expect(renderPlan(plan, plainText)).toMatch(
    /^~ update 3 buckets {2}policies\/a\.yaml:\d+ and 2 more .*\n {4}a, b, c\n/m,
  );
  expect(planMarkdown(plan, context).match(/^### .*/gm)).toEqual(["### update 3 buckets (risk: note)"]);
  const articles = parseHtml(htmlReport(plan, context)).elements.filter(({ name }) => name === "article");
  expect(articles).toHaveLength(1);
  expect(articles[0]?.text).toContain("Buckets: 3");
});
