import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PrincipalWord } from "../../src/access/describe/describe.ts";
import type { Term } from "../../src/access/describe/set-cover.ts";
import { planFrom } from "../../src/plan/plan-from-json.ts";
import { parsePlanDocument } from "../../src/plan/saved-plan.ts";
import type { Change, Plan } from "../../src/plan/plan.ts";
import { renderAnnotations } from "../../src/report/github/annotations.ts";
import { driftBody, driftStateOf, driftTitleOf } from "../../src/report/github/drift-issue.ts";
import { reportNames } from "../../src/report/forms.ts";
import { loadReport } from "../../src/report/index.ts";
import { planDocument } from "../../src/report/json/plan.ts";
import { planFindings } from "../../src/report/plan-findings.ts";
import { renderPlan } from "../../src/report/text/plan.ts";
import { colouredText } from "../../src/report/text/style.ts";
import { toolVersion } from "../../src/run/version.ts";
import { largePlan } from "../support/large-plan.ts";
import { planWith } from "../support/plans.ts";
import { runs } from "../support/runs.ts";

const context = { version: toolVersion, policies: "policies", scope: "policies", isErrored: false };

/** Every report of a plan. */
async function reportsOf(plan: Plan): Promise<readonly string[]> {
  const rendered = await Promise.all(
    reportNames.map(async (name) => [...(await loadReport[name]())(plan, context)].join("")),
  );
  return [
    ...rendered,
    renderPlan(plan, colouredText),
    renderAnnotations(planFindings(plan), (file) => file),
    driftBody(plan, { scope: "policies" }),
    driftTitleOf(plan),
    driftStateOf(plan),
  ];
}

function readBack(plan: Plan): Plan {
  const document = parsePlanDocument([...planDocument(plan, context)].join(""), toolVersion);
  if ("problem" in document) throw new Error(document.problem);
  return planFrom(document);
}

async function expectSame(plan: Plan): Promise<void> {
  const [before, after] = await Promise.all([plan, readBack(plan)].map(reportsOf));
  expect(after).toEqual(before);
}

test("every report of a plan that was read back is that of the plan that was written", async () => {
  await expectSame(largePlan(64));
});

test("what was observed of OSS decides the matrix of a plan that was read back, too", async () => {
  const plan = largePlan(8);
  const observed = new Map([
    ["namedRegion", { position: "matches", region: "cn-hangzhou", date: "2026-11-28" }] as const,
  ]);
  const after = policyInRegion;
  const changes = plan.changes.map((change): Change => {
    const isWriting = change.action === "create" || change.action === "update";
    return isWriting ? { ...change, observed, after, access: { verdict: "undecided", cause: "" } } : change;
  });
  const seen = { ...plan, changes };
  expect([...(await loadReport.html())(seen, context)].join("")).toContain("as observed");
  await expectSame(seen);
});

const policyInRegion = {
  Version: "1",
  Statement: [
    {
      Effect: "Allow",
      Principal: ["202147604049351234"],
      Action: ["oss:GetObject"],
      Resource: ["acs:oss:cn-hangzhou:*:*/*"],
    },
  ],
};

/** A UID has digits only, and the principals of an account have its names: no plan has others. */
function possible(plan: Plan): Plan {
  const names = new Map(plan.changes.map((change) => [change.account, change.names]));
  return {
    ...plan,
    changes: plan.changes.map((change): Change => {
      const named = { ...change, names: names.get(change.account) ?? change.names };
      if (named.action === "unreadable" || named.access.verdict !== "different") return named;
      const regions = named.access.regions.map((region) => ({
        ...region,
        principals: region.principals.map(withUids),
      }));
      return { ...named, access: { ...named.access, regions } };
    }),
  };
}

function withUids({ all, except }: Term<PrincipalWord>): Term<PrincipalWord> {
  const asUid = (word: PrincipalWord): PrincipalWord =>
    word.kind === "UID" ? { kind: "UID", uid: String(word.uid.length) } : word;
  return { all: all.map(asUid), except: except.map(asUid) };
}

const text = fc
  .oneof(
    fc.string({ maxLength: 6 }),
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.constantFrom("owner", "2", "a*"),
  )
  .filter((one) => one !== "__proto__");

test("so it is for any text in every place", async () => {
  await fc.assert(
    fc.asyncProperty(planWith(text), (plan) => expectSame(possible(plan))),
    { numRuns: runs(100, 2_000) },
  );
});

describe("a plan of a shard", () => {
  test("has what merge needs", () => {
    const unmerged = {
      files: "sha256:0",
      selected: 7,
      options: {
        policies: "policies",
        bucket: ["a*"],
        exclude: [],
        account: [],
        accept: ["limits@1"],
        forbid: "gains",
        replaceUnparseable: ["b"],
      },
      limiting: {
        accounts: [
          {
            uid: "1",
            name: "one",
            file: "account.yaml",
            limits: { change: { count: 3 }, abandon: { percent: 2 } },
            managed: 7,
            managedBefore: 0,
          },
        ],
        base: { word: "main", accounts: [{ uid: "1", file: "a", limits: {}, managed: 1, managedBefore: 2 }] },
      },
      known: ["2"],
      live: ["3"],
    };
    const shard = { index: 2, count: 3, unmerged };
    expect(readBack({ ...largePlan(1), shard }).shard).toEqual({
      ...shard,
      unmerged: {
        ...unmerged,
        limiting: { ...unmerged.limiting, base: { ...unmerged.limiting.base, word: "main" } },
      },
    });
  });
});
