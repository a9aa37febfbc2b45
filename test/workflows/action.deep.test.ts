import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { githubServer } from "../support/github.ts";
import { runWorkflow, type Scene, type Step, type Workflow } from "../support/github-runner.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { executable, pullRequest, root, type Files } from "../support/tool-repository.ts";
import {
  alice,
  bob,
  bucketFile,
  keys,
  ossOfTree,
  planRole,
  pullRequestScene,
  roleVariables,
  tree,
} from "./scenes.ts";

/** A repository that holds policies and nothing else. */
function policiesAlone(files: Files): Repository {
  const repository = newRepository();
  repository.git("config", "uploadpack.allowAnySHA1InWant", "true");
  repository.commit(files);
  return repository;
}

/** One step that uses the action, in such a repository. */
async function runAction(inputs: Readonly<Record<string, string>>, files: Files = tree) {
  const origin = policiesAlone(files);
  const sha = origin.git("rev-parse", "HEAD");
  const sandbox = await ossOfTree();
  const steps: readonly Step[] = [
    { uses: "actions/checkout@0", with: { "fetch-depth": 0 } },
    {
      uses: "aliyun/configure-aliyun-credentials-action@0",
      with: { "role-to-assume": planRole, "oidc-provider-arn": "provider" },
    },
    { id: "tool", uses: "octocat/oss-policy@0", with: inputs },
  ];
  const job = {
    permissions: { "id-token": "write" },
    outputs: { code: "${{ steps.tool.outputs.exit-code }}" },
    steps,
  };
  const workflow: Workflow = { on: "push", permissions: {}, jobs: { use: job } };
  const event = { name: "push", payload: {} };
  const scene: Scene = {
    origin: origin.folder,
    event,
    ref: "refs/heads/main",
    sha,
    vars: roleVariables,
    keys,
    env: { OSS_ENDPOINT: sandbox.url },
  };
  const { jobs } = await runWorkflow(workflow, scene);
  return jobs["use"]!;
}

/** With a file that an unquoted pattern would match. */
const changed = { ...tree, "repository.txt": "", "policies/reports.yaml": bucketFile("reports", alice, bob) };

test("the workflow of docs/github.md plans the pull request of such a repository, and comments on it", async () => {
  const page = readFileSync(join(root, "docs/github.md"), "utf8");
  const [, text = ""] = /^```yaml\n(jobs:\n.*?)^```/ms.exec(page) ?? [];
  const origin = policiesAlone(tree);
  const request = pullRequest(origin, { "policies/reports.yaml": bucketFile("reports", alice, bob) });
  const [sandbox, github] = [await ossOfTree(), await githubServer()];
  const scene = pullRequestScene(origin, request, sandbox, { github });
  const { jobs } = await runWorkflow(parse(text) as Workflow, scene);
  expect([jobs["plan"]?.result, jobs["plan"]?.roles]).toEqual(["success", [planRole]]);
  expect(github.comments.map(({ body }) => body.includes(bob))).toEqual([true]);

  const fork = pullRequestScene(origin, request, sandbox, { github, from: "mallory/policies" });
  expect((await runWorkflow(parse(text) as Workflow, fork)).jobs["plan"]?.result).toBe("skipped");
});

describe("the action", () => {
  test("builds the tool in its own checkout and runs a command over the policies of another repository", async () => {
    const { result, log, outputs } = await runAction({ command: "validate" });
    expect([result, outputs]).toEqual(["success", { code: "0" }]);
    expect(log).toContain("Validate: 2 buckets, 0 errors");
  });

  test("does not build a checkout that has a build", () => {
    const { runs } = parse(readFileSync(join(root, "action.yml"), "utf8")) as { runs: { steps: Step[] } };
    const script = runs.steps.find(({ name }) => name === "Build the tool")?.run ?? "exit 1";
    const build = (files: Record<string, string>) => {
      const npm = executable("npm", "#!/bin/sh\nexit 7\n");
      const env = { PATH: `${npm}:${process.env["PATH"] ?? ""}`, GITHUB_ACTION_PATH: writeTree(files) };
      return spawnSync("bash", ["-eo", "pipefail", "-c", script], { env }).status;
    };
    expect([build({ "dist/cli.js": "" }), build({})]).toEqual([0, 7]);
  });

  test("builds without the credentials of the job, whichever the tool can use", () => {
    const { runs } = parse(readFileSync(join(root, "action.yml"), "utf8")) as { runs: { steps: Step[] } };
    const script = runs.steps.find(({ name }) => name === "Build the tool")?.run ?? "exit 1";
    const npm = executable(
      "npm",
      "#!/bin/sh\nenv | grep -E '^(OSS_|ALIBABA_|GITHUB_TOKEN=|ACTIONS_ID_)'\nexit 7\n",
    );
    const names = [
      ...["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"],
      ...["ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"].map((name) => `ALIBABA_CLOUD_${name}`),
      ...["ROLE_ARN", "OIDC_PROVIDER_ARN", "OIDC_TOKEN_FILE"].map((name) => `ALIBABA_CLOUD_${name}`),
      ...["GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
    ];
    const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
      encoding: "utf8",
      env: {
        ...Object.fromEntries(names.map((name) => [name, "marker"])),
        PATH: `${npm}:${process.env["PATH"] ?? ""}`,
        GITHUB_ACTION_PATH: writeTree({}),
      },
    });
    expect([status, stdout]).toEqual([7, ""]);
  });

  test("each line of args is one argument, and pending changes are a success that can be told apart", async () => {
    const { result, log, outputs } = await runAction(
      { command: "plan", args: "--detailed-exitcode\n--bucket\nrep*\n" },
      changed,
    );
    expect([result, outputs]).toEqual(["success", { code: "2" }]);
    expect(log).toContain("Plan: 0 to create, 1 to update");
  });

  test("any other exit code fails the step, and is told", async () => {
    const { result, outputs } = await runAction({ command: "validate", policies: "nowhere" });
    expect([result, outputs]).toEqual(["failure", { code: "1" }]);
  });
});
