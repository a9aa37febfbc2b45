import { existsSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { readWorkflow, runWorkflow, type Scene } from "../support/github-runner.ts";
import { githubServer } from "../support/github.ts";
import { repositoryIn, type Repository } from "../support/repository.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { executable, pullRequest, root, type Files } from "../support/tool-repository.ts";
import { checkOut, runScript } from "./ci-job.ts";
import {
  alice,
  applyRole,
  bob,
  bucketFile,
  livePolicy,
  ossOfTree,
  planRole,
  pullRequestScene,
  pushScene,
  scheduleScene,
  tree,
} from "./scenes.ts";

/** A folder whose name a script must quote. */
const policies = "my policies/策略";
const inFolder = (files: Files) =>
  Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path.replace("policies/", `${policies}/`), text]),
  );

/** Stands for npm: what it would fetch is this build, as the published package holds it. Any other call is refused. */
const npmStandIn = `#!/usr/bin/env bash
if [ "$*" = "ci --ignore-scripts --no-audit --no-fund" ] && [ -f package-lock.json ]; then
  mkdir -p node_modules && exec ln -s "${root}" node_modules/oss-policy
fi
echo "npm $*: not the form that is known" >&2
exit 1
`;

/** A repository that only holds policies, with the pipelines that `init` writes. */
async function policyRepository(): Promise<Repository> {
  const folder = writeTree({});
  const repository = repositoryIn(folder);
  repository.git("init", "-q", "-b", "main");
  repository.git("config", "uploadpack.allowAnySHA1InWant", "true");
  repository.write(inFolder(tree));
  const made = await runCli(["init", "--policies", policies, "--github", "--gitlab"], { folder });
  expect([made.code, made.stdout]).toEqual([0, expect.stringContaining("Init: 6 files written, 1 kept.")]);
  repository.commit({
    "package.json": '{ "private": true, "devDependencies": { "oss-policy": "1.0.0" } }',
    "package-lock.json": "{}",
  });
  return repository;
}

const path = () => [executable("npm", npmStandIn), process.env["PATH"] ?? ""].join(delimiter);
const withNpm = (scene: Scene): Scene => ({ ...scene, env: { ...scene.env, PATH: path() } });
const workflowOf = (origin: Repository, name: string) =>
  readWorkflow(join(origin.folder, `.github/workflows/oss-policy-${name}.yml`));

const letsBobRead = inFolder({ "policies/reports.yaml": bucketFile("reports", alice, bob) });

/** Everything of a pull request that could run, each of which makes the file `marker`. */
function evil(marker: string): Files {
  const writes = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "");\n`;
  return {
    ...letsBobRead,
    "package.json": JSON.stringify({
      scripts: { preinstall: `touch ${marker}`, prepare: `touch ${marker}` },
    }),
    "package-lock.json": null,
    ".npmrc": "node-options=--require=./evil.cjs\n",
    "evil.cjs": writes,
    "node_modules/oss-policy/dist/cli.js": writes,
    "tool/node_modules/oss-policy/dist/cli.js": writes,
  };
}

describe("on GitHub", () => {
  test("a pull request is validated and planned, with the tool that the base branch names", async () => {
    const origin = await policyRepository();
    const marker = join(writeTree({}), "was-run");
    const request = pullRequest(origin, evil(marker));
    const [sandbox, github] = [await ossOfTree(), await githubServer()];
    const scene = withNpm(pullRequestScene(origin, request, sandbox, { github, marker }));
    const { jobs, artifacts } = await runWorkflow(workflowOf(origin, "plan"), scene);
    const { validate, plan } = jobs;
    expect([validate?.result, plan?.result, plan?.roles], `${validate?.log ?? ""}${plan?.log ?? ""}`).toEqual(
      ["success", "success", [planRole]],
    );
    expect(validate?.log).toContain("Validate: 2 buckets, 0 errors");
    expect(plan?.log).toContain("Plan: 0 to create, 1 to update, 0 to delete, 1 unchanged");
    expect(github.comments.map(({ body }) => body.includes(bob))).toEqual([true]);
    expect(Object.keys(artifacts["plan"] ?? {}).sort()).toEqual(["plan.html", "plan.json", "plan.md"]);
    expect(new Set(sandbox.requests.map(({ method }) => method))).toEqual(new Set(["GET"]));
    expect(existsSync(marker)).toBe(false);
  });

  test("a fork is validated, without a role", async () => {
    const origin = await policyRepository();
    const request = pullRequest(origin, letsBobRead);
    const sandbox = await ossOfTree();
    const scene = withNpm(pullRequestScene(origin, request, sandbox, { from: "mallory/policies" }));
    const { jobs } = await runWorkflow(workflowOf(origin, "plan"), scene);
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["success", "skipped"]);
    expect(jobs["validate"]?.log).toContain(`gains         ${bob} can read all objects (oss:GetObject)`);
    expect(jobs["validate"]?.summary).toContain("Pull requests from forks");
    expect(sandbox.requests).toEqual([]);
  });

  test("a pull request whose defaults name another folder is planned all the same", async () => {
    const origin = await policyRepository();
    const request = pullRequest(origin, {
      ...letsBobRead,
      ".oss-policyrc.yaml": "policies: decoy\n",
      "decoy/account.yaml": tree["policies/account.yaml"],
    });
    const [sandbox, github] = [await ossOfTree(), await githubServer()];
    const scene = withNpm(pullRequestScene(origin, request, sandbox, { github }));
    const { jobs } = await runWorkflow(workflowOf(origin, "plan"), scene);
    expect([jobs["validate"]?.result, jobs["plan"]?.result]).toEqual(["success", "success"]);
    expect(jobs["plan"]?.log).toContain("Plan: 0 to create, 1 to update");
  });

  test("main is applied as it was planned, with a journal", async () => {
    const origin = await policyRepository();
    const before = origin.git("rev-parse", "HEAD");
    const sha = origin.commit(letsBobRead);
    const sandbox = await ossOfTree();
    const scene = withNpm(pushScene(origin, { before, sha }, sandbox));
    const { jobs, artifacts } = await runWorkflow(workflowOf(origin, "apply"), scene);
    expect([jobs["unset"]?.result, jobs["plan"]?.result, jobs["apply"]?.result]).toEqual([
      "skipped",
      "success",
      "success",
    ]);
    expect([jobs["plan"]?.roles, jobs["apply"]?.roles]).toEqual([[planRole], [applyRole]]);
    expect(jobs["apply"]?.log).toContain("Apply: 1 applied, 1 unchanged.");
    expect(sandbox.policyOf("reports")).toContain(bob);
    expect(artifacts["journal-1"]?.["journal.jsonl"]).toContain(alice);
  });

  test("drift is an issue", async () => {
    const origin = await policyRepository();
    const [sandbox, github] = [await ossOfTree(), await githubServer()];
    sandbox.setPolicy("reports", livePolicy("reports", alice, bob));
    const scene = withNpm(scheduleScene(origin, origin.git("rev-parse", "HEAD"), sandbox, { github }));
    const { jobs } = await runWorkflow(workflowOf(origin, "drift"), scene);
    expect([jobs["drift"]?.result, github.issues.map(({ state }) => state)]).toEqual(["success", ["open"]]);
  });

  test.each(["plan", "apply", "drift"])(
    "without variables %s stays green and says so; half set is an error",
    async (name) => {
      const origin = await policyRepository();
      const request = pullRequest(origin, letsBobRead);
      const sandbox = await ossOfTree();
      const sceneWith = (vars: Readonly<Record<string, string>>) =>
        name === "plan"
          ? pullRequestScene(origin, request, sandbox, { vars })
          : name === "apply"
            ? pushScene(origin, { before: request.base, sha: request.base }, sandbox, vars)
            : scheduleScene(origin, request.base, sandbox, { vars });
      const job = name === "plan" ? "validate" : "unset";
      const none = await runWorkflow(workflowOf(origin, name), withNpm(sceneWith({})));
      expect([none.jobs[job]?.result, none.jobs[job]?.log, none.jobs[job]?.summary]).toEqual([
        "success",
        expect.stringMatching(/^::notice::Nothing was .*: the repository variables .* are not set\.$/m),
        expect.stringContaining("Nothing was"),
      ]);
      const half = await runWorkflow(
        workflowOf(origin, name),
        withNpm(sceneWith({ OSS_POLICY_PLAN_ROLE_ARN: planRole })),
      );
      expect([half.jobs[job]?.result, half.jobs[job]?.log]).toEqual([
        "failure",
        expect.stringContaining("half set: "),
      ]);
      expect(sandbox.requests).toEqual([]);
    },
  );
});

describe("on GitLab", () => {
  interface GitlabJob {
    readonly script: readonly string[];
    readonly artifacts: { readonly paths: readonly string[] };
    readonly environment: string | { readonly name: string };
  }

  function runJob(
    name: string,
    checkout: string,
    sandbox: Sandbox,
    variables: Readonly<Record<string, string>>,
  ) {
    const pipeline = parse(readFileSync(join(checkout, ".gitlab-ci.yml"), "utf8")) as Record<
      string,
      GitlabJob
    >;
    const { script = [], environment = "" } = pipeline[name] ?? {};
    const role = environment === "production" ? applyRole : planRole;
    const given = { PATH: path(), GITLAB_CI: "true", CI_DEFAULT_BRANCH: "main", ...variables };
    return runScript(script.join("\n"), { checkout, sandbox, role, variables: given });
  }

  test("a merge request is planned with the tool that its base revision names, as often as it is run", async () => {
    const origin = await policyRepository();
    const marker = join(writeTree({}), "was-run");
    const { "tool/node_modules/oss-policy/dist/cli.js": inPlaceOfTool, ...changes } = evil(marker);
    const { base, head } = pullRequest(origin, changes);
    const sandbox = await ossOfTree();
    const checkout = writeTree({});
    for (let run = 1; run <= 2; run += 1) {
      checkOut(checkout, origin, head);
      const { code, log } = await runJob("plan", checkout, sandbox, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
      expect([code, log]).toEqual([0, expect.stringContaining("Plan: 0 to create, 1 to update")]);
      expect(existsSync(join(checkout, "plan.html"))).toBe(true);
    }
    // What stands in place of the tool ends the job before it runs.
    const inPlace = pullRequest(origin, { "tool/node_modules/oss-policy/dist/cli.js": inPlaceOfTool ?? "" });
    checkOut(checkout, origin, inPlace.head);
    const { code } = await runJob("plan", checkout, sandbox, { CI_MERGE_REQUEST_DIFF_BASE_SHA: base });
    expect([code, existsSync(marker)]).toEqual([128, false]);
  });

  test("main is planned, and that plan is applied; then a schedule finds drift", async () => {
    const origin = await policyRepository();
    const was = origin.git("rev-parse", "HEAD");
    const sha = origin.commit(letsBobRead);
    const sandbox = await ossOfTree();
    const checkout = writeTree({});
    checkOut(checkout, origin, sha);
    const variables = { CI_COMMIT_SHA: sha, CI_COMMIT_BEFORE_SHA: was };
    expect(await runJob("plan-main", checkout, sandbox, variables)).toMatchObject({ code: 0 });
    expect(sandbox.policyOf("reports")).toBe(livePolicy("reports", alice));
    // GitLab brings the artifacts of plan-main into a clean checkout.
    rmSync(join(checkout, "node_modules"), { recursive: true });
    const { code, log } = await runJob("apply", checkout, sandbox, { ...variables, CI: "true" });
    expect([code, log]).toEqual([0, expect.stringContaining("Apply: 1 applied")]);
    expect(readFileSync(join(checkout, "journal.jsonl"), "utf8")).toContain(alice);
    const drift = async () => {
      checkOut(checkout, origin, sha);
      return (await runJob("drift", checkout, sandbox, variables)).code;
    };
    expect(await drift()).toBe(0);
    sandbox.setPolicy("logs", livePolicy("logs", bob));
    expect([2, 3]).toContain(await drift());
  });
});
