import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { actionsStep, runnerCommands, stepOutputs } from "../support/actions.ts";
import { githubServer } from "../support/github.ts";
import { grants, oneBucket, planIn } from "../support/github-plan.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

describe("the step", () => {
  test("shows findings and hazards at their lines, with paths from the top of the checkout", async () => {
    const github = await githubServer();
    const top = writeTree({
      "policies/account.yaml": accountFile,
      "policies/open, sesame.yaml": grants("one").replace(/"\d{9,}"/, '"*"'),
    });
    const { code, stdout } = await planIn(github, { folder: join(top, "policies"), workspace: top });
    expect(code).toBe(3);
    const commands = runnerCommands(stdout);
    expect(commands.map(({ name, properties }) => [name, properties["title"]])).toEqual([
      ["error", "oss-policy: grants-public-access"],
      ["warning", "oss-policy: public-policy"],
      ["notice", "oss-policy: widens-access"],
    ]);
    for (const { properties } of commands)
      expect(properties).toMatchObject({ file: "policies/open, sesame.yaml", line: "2" });
    expect(commands[0]?.data).toBe(
      "`one`: everyone can read all objects (oss:GetObject); it blocks this bucket",
    );
    expect(stdout.indexOf("::error")).toBeGreaterThan(stdout.indexOf("Plan: 1 to create"));
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^Exit 3/);
  });

  test("tells in the text where a finding is in a file outside of the checkout", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const { stdout } = await planIn(github, { folder, workspace: join(folder, "elsewhere") });
    expect(runnerCommands(stdout)).toMatchObject([
      { name: "notice", properties: { title: "oss-policy: widens-access" } },
    ]);
    expect(runnerCommands(stdout)[0]?.properties).not.toHaveProperty("file");
    expect(runnerCommands(stdout)[0]?.data).toMatch(new RegExp(`^${folder}/one.yaml:2\n`));
  });

  test("gives outputs, the path of the plan among them", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const { step } = await planIn(github, { folder, words: ["--json", join(folder, "a\n=<<END\nb.json")] });
    expect(stepOutputs(step.output())).toEqual({
      verdict: "review",
      risk: "note",
      changes: "1",
      blocked: "0",
      drift: "",
      unreadable: "0",
      exitcode: "0",
      plan_path: join(folder, "a\n=<<END\nb.json"),
    });
  });

  test("speaks on stderr where stdout is a report", async () => {
    const github = await githubServer();
    const { stdout, stderr } = await planIn(github, { words: ["--json", "-"] });
    expect(JSON.parse(stdout)).toHaveProperty("formatVersion");
    expect(runnerCommands(stderr)).toHaveLength(1);
  });

  test("of apply tells what became of the buckets", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const step = actionsStep(github.url, { event: "push", workspace: folder });
    const { code } = await runCli(["apply", "--sandbox", "--policies", folder, "--github"], {
      env: step.env,
    });
    expect(code).toBe(0);
    expect(step.summary()).toContain(" Apply: 1 applied.");
    expect(github.calls).toEqual([]);
  });

  test("of validate has findings, and talks to nobody", async () => {
    const github = await githubServer();
    const folder = writeTree({ ...oneBucket, "x.yaml": "bukcet: `@everyone`\n" });
    const step = actionsStep(github.url, { workspace: folder });
    const { code, stdout } = await runCli(["validate", "--policies", folder, "--github"], { env: step.env });
    expect(code).toBe(1);
    expect(runnerCommands(stdout).map(({ properties }) => properties["file"])).toEqual(["x.yaml"]);
    expect(step.summary()).toMatch(/^## oss-policy: 1 error, 0 warnings, 0 notes\n\n- \*\*error\*\*/);
    expect(stepOutputs(step.output())).toEqual({ errors: "1", warnings: "0", exitcode: "1" });
    expect(github.calls).toEqual([]);
  });

  test("without --github does none of this", async () => {
    const github = await githubServer();
    const folder = writeTree(oneBucket);
    const step = actionsStep(github.url, { workspace: folder });
    const { stdout } = await runCli(["plan", "--sandbox", "--policies", folder], { env: step.env });
    expect([runnerCommands(stdout), github.calls, step.summary(), step.output()]).toEqual([[], [], "", ""]);
  });
});
