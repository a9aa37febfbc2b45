import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readPage } from "../support/pages.ts";
import { writeTree } from "../support/run-cli.ts";
import { pullRequest } from "../support/tool-repository.ts";
import { checkOut, runScript } from "./ci-job.ts";
import { evilTool, recipeKinds } from "./recipes.ts";
import { alice, applyRole, bob, bucketFile, ossOfTree, planRole, tree } from "./scenes.ts";

interface Flow {
  readonly stages: Readonly<
    Record<
      string,
      { readonly jobs: Readonly<Record<string, { readonly steps?: Readonly<Record<string, FlowStep>> }>> }
    >
  >;
}

interface FlowStep {
  readonly step: string;
  readonly with: { readonly run?: string };
}

const { fences } = readPage("docs/other-ci.md");
const sectionOf = (name: string) => fences.filter(({ section }) => section.startsWith(name));

/** The scripts of the Command steps of a pipeline of Flow. */
function flowScripts(text: string): readonly string[] {
  return Object.values((parse(text) as Flow).stages)
    .flatMap(({ jobs }) => Object.values(jobs))
    .flatMap(({ steps = {} }) => Object.values(steps))
    .flatMap((step) => (step.step === "Command" ? [step.with.run ?? ""] : []));
}

const [flowPlan = "", flowApply = ""] = sectionOf("Alibaba Cloud DevOps").map(({ text }) => text);
const [jenkinsfile = ""] = sectionOf("Jenkins").map(({ text }) => text);
const [jenkinsPlan = "", jenkinsApply = ""] = [...jenkinsfile.matchAll(/sh '''\n(.*?)'''/gs)].map(
  ([, script = ""]) => script,
);

/** Jenkins gives the key as a user name and a password; the token of the test's keys is beside them. */
const jenkinsKey = (id: string, secret: string) => ({ KEY_USR: id, KEY_PSW: secret });

type Variables = Readonly<Record<string, string>>;

const systems: readonly (readonly [string, string, string, Variables, Variables, string])[] = [
  ["Flow", flowScripts(flowPlan).join("\n"), flowScripts(flowApply).join("\n"), {}, {}, "journal.jsonl"],
  [
    "Jenkins",
    jenkinsPlan,
    jenkinsApply,
    { ...jenkinsKey("STS.plan", "plan"), CHANGE_TARGET: "main" },
    { ...jenkinsKey("STS.apply", "apply"), BUILD_NUMBER: "7" },
    "journal-7.jsonl",
  ],
];

describe.each(recipeKinds.map((kind) => [kind.title, kind] as const))("%s", (_, { adapt, start }) => {
  describe.each(systems)("the scripts of %s", (_, plan, apply, planVariables, applyVariables, journal) => {
    test("plan a change with the tool of its base", async () => {
      const { repository, registry } = await start(tree);
      const marker = join(writeTree({}), "was-run");
      const { head } = pullRequest(repository, {
        "policies/reports.yaml": bucketFile("reports", alice, bob),
        ...evilTool(marker),
      });
      const checkout = writeTree({});
      checkOut(checkout, repository, head);
      const sandbox = await ossOfTree();
      const job = { checkout, sandbox, registry, role: planRole, variables: planVariables };
      const { code, log } = await runScript(adapt(plan), job);
      expect([code, log]).toEqual([0, expect.stringContaining("Plan: 0 to create, 1 to update")]);
      for (const path of ["plan.json", "plan.md", "plan.html"])
        expect(existsSync(join(checkout, path)), path).toBe(true);
      expect(existsSync(marker)).toBe(false);
    });

    test("apply main with a journal", async () => {
      const { repository, registry } = await start(tree);
      const sha = repository.commit({ "policies/reports.yaml": bucketFile("reports", alice, bob) });
      const sandbox = await ossOfTree();
      const checkout = writeTree({});
      checkOut(checkout, repository, sha);
      const job = { checkout, sandbox, registry, role: applyRole, variables: applyVariables };
      const { code, log } = await runScript(adapt(apply), job);
      expect([code, log]).toEqual([0, expect.stringContaining("Apply: 1 applied")]);
      expect(sandbox.policyOf("reports")).toContain(bob);
      expect(readFileSync(join(checkout, journal), "utf8")).toContain(alice);
    });
  });

  test("the apply script of Flow reports the exit code after the journal is kept", async () => {
    const { repository, registry } = await start(tree);
    const open = bucketFile("reports", alice).replace(`["${alice}"]`, '["*"]');
    const sha = repository.commit({ "policies/reports.yaml": open });
    const checkout = writeTree({});
    checkOut(checkout, repository, sha);
    const job = { checkout, sandbox: await ossOfTree(), registry, role: applyRole, variables: {} };
    const [first = "", last = ""] = flowScripts(flowApply);
    expect((await runScript(adapt(first), job)).code).toBe(0);
    expect((await runScript(last, job)).code).toBe(3);
  });
});
