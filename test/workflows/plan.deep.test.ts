import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { githubServer } from "../support/github.ts";
import { readWorkflow, runWorkflow } from "../support/github-runner.ts";
import { pullRequest, toolRepository, root, type Files } from "../support/tool-repository.ts";
import { writeTree } from "../support/run-cli.ts";
import {
  alice,
  bob,
  bucketFile,
  livePolicy,
  ossOfTree,
  planRole,
  pullRequestScene,
  roleVariables,
  tree,
  type PullRequestOptions,
} from "./scenes.ts";

const workflow = readWorkflow(join(root, ".github/workflows/plan.yml"));

/** A pull request with these changes, over an OSS that is as main asks for it. */
async function runOn(changes: Files, options: PullRequestOptions = {}) {
  const origin = toolRepository(tree);
  const request = pullRequest(origin, changes);
  const [sandbox, github] = [await ossOfTree(), await githubServer()];
  const run = await runWorkflow(workflow, pullRequestScene(origin, request, sandbox, { github, ...options }));
  return { ...run, origin, sandbox, github };
}

const letsBobRead = { "policies/reports.yaml": bucketFile("reports", alice, bob) };
const letsAnybodyRead = { "policies/reports.yaml": bucketFile("reports", alice, "*") };
const isMistaken = {
  "policies/reports.yaml": bucketFile("reports", alice).replace("GetObject", "GetObjekt"),
};

describe("without credentials", () => {
  test("a fork is validated, told what its files give, and told why it is not planned", async () => {
    const { jobs, sandbox, github } = await runOn(letsBobRead, { from: "mallory/policies" });
    const validate = jobs["validate"];
    expect(validate?.result).toBe("success");
    expect(validate?.log).toContain("Validate: 2 buckets, 0 errors");
    expect(validate?.log).toContain(`gains         ${bob} can read all objects (oss:GetObject)`);
    expect(validate?.log).toMatch(
      /^::notice::Pull requests from forks and from Dependabot get no credentials/m,
    );
    expect(validate?.summary).toContain("Pull requests from forks");
    expect(jobs["plan"]?.result).toBe("skipped");
    expect([validate?.roles, sandbox.requests, github.calls]).toEqual([[], [], []]);
  });

  test("Dependabot, whose token can only read, is no reason for red", async () => {
    const { jobs } = await runOn({ "package.json": "{}" }, { actor: "dependabot[bot]" });
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["success", "skipped"]);
  });

  test("a repository without the variables stays green and says which are missing", async () => {
    const { jobs, sandbox } = await runOn(letsBobRead, { vars: {} });
    const validate = jobs["validate"];
    expect([validate?.result, jobs["plan"]?.result]).toEqual(["success", "skipped"]);
    const names = "OSS_POLICY_PLAN_ROLE_ARN, OSS_POLICY_OIDC_PROVIDER_ARN";
    for (const text of [validate?.log, validate?.summary])
      expect(text).toContain(`Nothing was compared with OSS: the repository variables ${names} are not set.`);
    expect(sandbox.requests).toEqual([]);
  });

  test("variables that are half set are a mistake", async () => {
    const { OSS_POLICY_PLAN_ROLE_ARN } = roleVariables;
    const { jobs } = await runOn({}, { vars: { OSS_POLICY_PLAN_ROLE_ARN } });
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["failure", "skipped"]);
    expect(jobs["validate"]?.log).toContain("half set: OSS_POLICY_OIDC_PROVIDER_ARN missing");
  });

  test("a mistake in a policy file is red, and stands on its line", async () => {
    const { jobs } = await runOn(isMistaken, { vars: {} });
    expect(jobs["validate"]?.result).toBe("failure");
    expect(jobs["validate"]?.log).toMatch(/^::error file=policies\/reports\.yaml,line=7/m);
    expect(jobs["validate"]?.summary).toContain("GetObjekt");
  });
});

describe("with the role that can only read", () => {
  test("the plan is a comment, a summary, annotations, findings and artifacts", async () => {
    const { jobs, artifacts, sandbox, github } = await runOn(letsBobRead);
    const plan = jobs["plan"];
    expect([plan?.result, plan?.roles]).toEqual(["success", [planRole]]);
    expect(plan?.log).toContain("Plan: 0 to create, 1 to update, 0 to delete, 1 unchanged");
    expect(plan?.log).not.toContain("unknown");
    expect(github.comments.map(({ issue, body }) => [issue, body.includes(bob)])).toEqual([[1, true]]);
    expect(plan?.summary).toContain(bob);
    expect(Object.keys(artifacts["plan"] ?? {}).sort()).toEqual([
      "plan.html",
      "plan.json",
      "plan.md",
      "plan.sarif",
    ]);
    expect(JSON.parse(plan?.sarif ?? "")).toHaveProperty("version", "2.1.0");
    expect(JSON.parse(artifacts["plan"]?.["plan.json"] ?? "")).toMatchObject({
      changes: [{ bucket: "logs" }, { bucket: "reports", action: "update", cause: "edit" }],
    });
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
  });

  test("what a guard blocks is red, and all reports are there", async () => {
    const { jobs, artifacts, github } = await runOn(letsAnybodyRead);
    expect(jobs["plan"]?.result).toBe("failure");
    expect(jobs["plan"]?.log).toContain("--- code 3");
    expect(Object.keys(artifacts["plan"] ?? {})).toContain("plan.html");
    expect([jobs["plan"]?.sarif, github.comments[0]?.body]).toEqual([
      expect.stringContaining("grants-public-access"),
      expect.stringContaining("grants-public-access"),
    ]);
  });

  test("a bucket that drifted is told apart from one that is edited", async () => {
    const origin = toolRepository(tree);
    const request = pullRequest(origin, letsBobRead);
    const [sandbox, github] = [await ossOfTree(), await githubServer()];
    sandbox.setPolicy("logs", livePolicy("logs", alice, bob));
    const { artifacts } = await runWorkflow(workflow, pullRequestScene(origin, request, sandbox, { github }));
    expect(JSON.parse(artifacts["plan"]?.["plan.json"] ?? "")).toMatchObject({
      changes: [
        { bucket: "logs", cause: "drift" },
        { bucket: "reports", cause: "edit" },
      ],
    });
  });
});

describe("a pull request that brings its own tool", () => {
  /** Everything that could run, each of which makes the file `marker`. */
  function evil(marker: string): Files {
    const touch = `touch ${marker}`;
    const writes = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");\n`;
    const program = `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(marker)}, "");\n`;
    const scripts = ["preinstall", "prepare", "build", "plan", "validate"].map((name) => [name, touch]);
    return {
      ...letsBobRead,
      "package.json": JSON.stringify({ name: "evil", type: "module", scripts: Object.fromEntries(scripts) }),
      "package-lock.json": null,
      ".npmrc": "node-options=--require=./evil.cjs\n",
      "evil.cjs": writes,
      "src/cli.ts": program,
      "dist/cli.js": program,
      "tool/dist/cli.js": program,
      "node_modules/ali-oss/package.json": '{ "main": "index.js" }',
      "node_modules/ali-oss/index.js": writes,
      ".github/notice.sh": touch,
      ".github/require-variables.sh": touch,
      "action.yml": "",
    };
  }

  test("is planned without running any of it", async () => {
    const marker = join(writeTree({}), "was-run");
    const { jobs, sandbox } = await runOn(evil(marker), { marker });
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["success", "success"]);
    expect(jobs["plan"]?.log).toContain("1 to update");
    expect(sandbox.requests.length).toBeGreaterThan(0);
    expect(existsSync(marker)).toBe(false);
  });

  test.each([
    "node dist/cli.js plan",
    "npm run plan",
    "npm install",
    "node -e 'require(\"ali-oss\")'",
    "bash .github/notice.sh",
  ])("and would have shown: %s in its checkout does run it", (command) => {
    const marker = join(writeTree({}), "was-run");
    const origin = toolRepository(tree);
    pullRequest(origin, evil(marker));
    origin.git("checkout", "-q", "topic");
    spawnSync("bash", ["-c", command], { cwd: origin.folder });
    expect(existsSync(marker)).toBe(true);
  });
});
