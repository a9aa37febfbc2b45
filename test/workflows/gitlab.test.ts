import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { gitlabFiles } from "../../src/commands/init/gitlab.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { pullRequest, root } from "../support/tool-repository.ts";
import { newRepository } from "../support/repository.ts";
import { isDeep } from "../support/runs.ts";
import { writeTree } from "../support/run-cli.ts";
import { checkOut, runScript, type Ended } from "./ci-job.ts";
import { evilTool, recipeKinds } from "./recipes.ts";
import { alice, bob, bucketFile, livePolicy, applyRole, ossOfTree, planRole, tree } from "./scenes.ts";

interface Job {
  readonly rules: readonly { readonly if: string; readonly when?: string }[];
  readonly script: readonly string[];
  readonly artifacts: {
    readonly when: string;
    readonly paths: readonly string[];
    readonly reports?: { readonly codequality: string };
  };
  readonly environment: string | { readonly name: string };
  readonly resource_group?: string;
}

const page = readFileSync(join(root, "docs/other-ci.md"), "utf8");
const [, text = ""] = /^```yaml\n(# \.gitlab-ci\.yml\n.*?)^```/ms.exec(page) ?? [];
const pipeline = parse(text) as Record<"plan" | "plan-main" | "apply", Job>;
const before = "0000000000000000000000000000000000000000";

/** The variables that GitLab sets for a job. */
type Variables = Readonly<Record<string, string>>;

if (isDeep)
  describe.each(recipeKinds.map((kind) => [kind.title, kind] as const))("%s", (_, { adapt, start }) => {
    /** Runs the lines of one job in the checkout of a runner. */
    function runJob(
      name: keyof typeof pipeline,
      checkout: string,
      { sandbox, registry }: { readonly sandbox: Sandbox; readonly registry: string | undefined },
      variables: Variables,
    ): Promise<Ended> {
      const { script, environment } = pipeline[name];
      const known = { GITLAB_CI: "true", CI_DEFAULT_BRANCH: "main", CI_PROJECT_DIR: checkout };
      return runScript(adapt(script.join("\n")), {
        checkout,
        sandbox,
        registry,
        role: environment === "production" ? applyRole : planRole,
        variables: { ...known, ...variables },
      });
    }

    test("a merge request is planned with the tool of the revision that it starts from, as often as it is run", async () => {
      const { repository, registry } = await start(tree);
      const marker = join(writeTree({}), "was-run");
      const { base, head } = pullRequest(repository, {
        "policies/reports.yaml": bucketFile("reports", alice, bob),
        ...evilTool(marker),
      });
      const sandbox = await ossOfTree();
      const checkout = writeTree({});
      for (let run = 1; run <= 2; run += 1) {
        checkOut(checkout, repository, head);
        const { code, log } = await runJob("plan", checkout, { sandbox, registry }, mergeRequest(base, head));
        expect([code, log]).toEqual([0, expect.stringContaining("Plan: 0 to create, 1 to update")]);
        const { paths, reports } = pipeline.plan.artifacts;
        for (const path of [...paths, reports?.codequality ?? "none"])
          expect(existsSync(join(checkout, path)), path).toBe(true);
      }
      expect(existsSync(marker)).toBe(false);
    });

    test("a finding is in the report where the job fails", async () => {
      const { repository, registry } = await start(tree);
      const mistaken = bucketFile("reports", alice).replace("GetObject", "GetObjekt");
      const { base, head } = pullRequest(repository, { "policies/reports.yaml": mistaken });
      const checkout = writeTree({});
      checkOut(checkout, repository, head);
      const cloud = { sandbox: await ossOfTree(), registry };
      expect((await runJob("plan", checkout, cloud, mergeRequest(base, head))).code).toBe(1);
      const report = JSON.parse(readFileSync(join(checkout, "findings.json"), "utf8")) as object[];
      expect(report).toMatchObject([
        { check_name: "unknown-action", location: { path: "policies/reports.yaml" } },
      ]);
    });

    test("main is planned, and that plan is applied with a journal", async () => {
      const { repository, registry } = await start(tree);
      const was = repository.git("rev-parse", "HEAD");
      const sha = repository.commit({ "policies/reports.yaml": bucketFile("reports", alice, bob) });
      const sandbox = await ossOfTree();
      const checkout = writeTree({});
      const variables = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_SHA: sha, CI_COMMIT_BEFORE_SHA: was };
      checkOut(checkout, repository, sha);
      const cloud = { sandbox, registry };
      expect(await runJob("plan-main", checkout, cloud, variables)).toMatchObject({ code: 0 });
      expect(existsSync(join(checkout, "findings.json"))).toBe(true);
      expect(sandbox.policyOf("reports")).toBe(livePolicy("reports", alice));
      // GitLab brings the artifacts of plan-main into a clean checkout.
      for (const name of ["node_modules", "dist"])
        rmSync(join(checkout, name), { recursive: true, force: true });
      const { code, log } = await runJob("apply", checkout, cloud, variables);
      expect([code, log]).toEqual([0, expect.stringContaining("Apply: 1 applied")]);
      expect(sandbox.policyOf("reports")).toContain(bob);
      expect(readFileSync(join(checkout, "journal.jsonl"), "utf8")).toContain(alice);
    });

    test("a bucket that is blocked does not stop the others, and fails the job where it is alone", async () => {
      const { repository, registry } = await start(tree);
      const was = repository.git("rev-parse", "HEAD");
      const administration = bucketFile("logs", bob)
        .replace("oss:GetObject", "oss:PutBucketAcl")
        .replace("logs/*", "logs");
      const sandbox = await ossOfTree();
      const checkout = writeTree({});
      const cloud = { sandbox, registry };
      const jobAt = (name: keyof typeof pipeline, sha: string, saved?: string) => {
        checkOut(checkout, repository, sha);
        if (saved !== undefined) writeFileSync(join(checkout, "plan.json"), saved);
        const variables = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_SHA: sha, CI_COMMIT_BEFORE_SHA: was };
        return runJob(name, checkout, cloud, variables);
      };
      const alone = repository.commit({ "policies/logs.yaml": administration });
      expect(await jobAt("plan-main", alone)).toMatchObject({ code: 3 });
      const both = repository.commit({ "policies/reports.yaml": bucketFile("reports", alice, bob) });
      expect(await jobAt("plan-main", both)).toMatchObject({ code: 0 });
      const plan = readFileSync(join(checkout, "plan.json"), "utf8");
      expect(await jobAt("apply", both, plan)).toMatchObject({ code: 3 });
      expect(sandbox.policyOf("reports")).toContain(bob);
      expect(sandbox.policyOf("logs")).toBe(livePolicy("logs", alice));
    });

    test("a merge request whose base has no tool is not planned with a tool of its own", async () => {
      const { repository, registry } = await start(tree);
      const without = newRepository(tree);
      without.git("config", "uploadpack.allowAnySHA1InWant", "true");
      const manifest = readFileSync(join(repository.folder, "package.json"), "utf8");
      const lock = readFileSync(join(repository.folder, "package-lock.json"), "utf8");
      const { base, head } = pullRequest(without, { "package.json": manifest, "package-lock.json": lock });
      const checkout = writeTree({});
      checkOut(checkout, without, head);
      const cloud = { sandbox: await ossOfTree(), registry };
      const { code, log } = await runJob("plan", checkout, cloud, mergeRequest(base, head));
      expect([code, log]).toEqual([expect.any(Number), expect.stringContaining("package.json")]);
      expect([code === 0, existsSync(join(checkout, "node_modules"))]).toEqual([false, false]);
      expect(cloud.sandbox.requests).toEqual([]);
    });
  });

function mergeRequest(base: string, head: string): Variables {
  return {
    CI_PIPELINE_SOURCE: "merge_request_event",
    CI_COMMIT_SHA: head,
    CI_COMMIT_BEFORE_SHA: before,
    CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
  };
}

if (isDeep)
  test.each([
    "node dist/cli.js plan",
    "node node_modules/oss-policy/dist/cli.js plan",
    "npm run plan",
    "npm ci",
  ])("the tool of a merge request would have been seen: %s in its checkout runs it", (command) => {
    const marker = join(writeTree({}), "was-run");
    const checkout = writeTree(evilTool(marker));
    spawnSync("npm", ["install", "--package-lock-only", "--ignore-scripts", "--offline"], { cwd: checkout });
    spawnSync("bash", ["-c", command], { cwd: checkout });
    expect(existsSync(marker)).toBe(true);
  });

test("a plan of main with something to apply does not fail, as in the workflow of GitHub", () => {
  const steps = (text: string) =>
    text.match(/pending=\$\(node -p .*\)|if \[ "\$pending" = true \]; then exit 0; fi/g);
  const script = pipeline["plan-main"].script.join("\n");
  expect(steps(script)).toHaveLength(2);
  expect(steps(gitlabFiles("policies")[".gitlab-ci.yml"] ?? "")).toEqual(steps(script));
});

test("the journal is kept where a job fails, one apply runs at a time, and a person starts it", () => {
  expect(pipeline.apply.artifacts).toEqual({ when: "always", paths: ["journal.jsonl"] });
  expect(pipeline.apply.resource_group).toBe("oss-policy");
  expect(pipeline.apply.rules.map(({ when }) => when)).toEqual(["manual"]);
});
