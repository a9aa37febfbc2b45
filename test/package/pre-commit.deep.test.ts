import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { describeWith } from "../support/describe-with.ts";
import { cleanEnvironment, installTool } from "../support/packed.ts";
import { newRepository, type Repository } from "../support/repository.ts";
import { writeTree } from "../support/run-cli.ts";
import { executable, root, toolRepository } from "../support/tool-repository.ts";

const npm = spawnSync("bash", ["-c", "command -v npm"], { encoding: "utf8" }).stdout.trim();

/**
 * npm, but for the packages that a build needs: they are those of this repository, since a test has no registry.
 * pre-commit before 4.7 installs them itself, before it has the tool packed.
 */
const npmWithPackages = `#!/usr/bin/env bash
case "$*" in
  "ci --ignore-scripts --no-audit --no-fund" | "install --dev --prod --ignore-prepublish "*)
    mkdir -p node_modules && exec ln -sfn "${root}"/node_modules/{,.[a-z]}* node_modules/ ;;
esac
exec "${npm}" "$@"
`;

const good = {
  "policies/account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
  "policies/a.yaml": "bucket: examplebucket\npolicy: none\n",
};
const bad = { "policies/a.yaml": "bukcet: examplebucket\npolicy: none\n" };

/** A repository of policies that has one hook of this repository in its configuration. */
function repositoryWith(id: string, source: Repository, settings = {}): Repository {
  const rev = source.git("rev-parse", "HEAD");
  const config = { repos: [{ repo: `file://${source.folder}`, rev, hooks: [{ id, ...settings }] }] };
  return newRepository({
    ...good,
    "README.md": "words\n",
    ".pre-commit-config.yaml": JSON.stringify(config),
  });
}

test("npm pack prints one name, which pre-commit before 4.7 takes for a path", () => {
  const { folder } = toolRepository({});
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const { stdout, stderr } = spawnSync("npm", ["pack"], {
    cwd: folder,
    env: cleanEnvironment,
    encoding: "utf8",
  });
  expect(stdout, stderr).toMatch(/^oss-policy-[\d.]+\.tgz\n$/);
  expect(existsSync(join(folder, stdout.trim()))).toBe(true);
});

describeWith("pre-commit", "pre-commit", (program) => {
  const home = () => ({ HOME: writeTree({}), PRE_COMMIT_HOME: writeTree({}) });

  /** What a commit of these changes starts. */
  function commit(
    { folder, git, write }: Repository,
    changes: Record<string, string>,
    env: NodeJS.ProcessEnv,
  ) {
    write(changes);
    git("add", "-A", ".");
    const { status, stdout, stderr } = spawnSync(program, ["run"], { cwd: folder, env, encoding: "utf8" });
    return { status, text: stdout + stderr };
  }

  function expectToJudge(repository: Repository, env: NodeJS.ProcessEnv) {
    const other = commit(repository, { "README.md": "other words\n" }, env);
    expect([other.status, other.text]).toEqual([0, expect.stringContaining("no files to check")]);
    const passed = commit(repository, { "policies/a.yaml": `# a line\n${good["policies/a.yaml"]}` }, env);
    expect([passed.status, passed.text]).toEqual([0, expect.stringContaining("Passed")]);
    const failed = commit(repository, bad, env);
    expect([failed.status, failed.text]).toEqual([1, expect.stringContaining("[unknown-key]")]);
    expect(failed.text).toContain("policies/a.yaml:1:1: error");
  }

  test("builds the tool from the repository of the hook, and runs it", () => {
    const path = [executable("npm", npmWithPackages), process.env["PATH"]].join(delimiter);
    const env = { ...cleanEnvironment, ...home(), PATH: path, npm_config_offline: "true" };
    expectToJudge(repositoryWith("oss-policy", toolRepository({})), env);
  });

  test("runs the tool that the repository has as a package", () => {
    const repository = repositoryWith("oss-policy-system", toolRepository({}));
    repository.write({ "package.json": '{ "private": true }', ".gitignore": "node_modules\n" });
    installTool(repository.folder, "--save-dev");
    expectToJudge(repository, { ...cleanEnvironment, ...home(), npm_config_offline: "true" });
  });

  test("runs for another folder where the configuration says so", () => {
    const settings = { files: "^cloud/", args: ["--policies", "cloud"] };
    const repository = repositoryWith("oss-policy-system", toolRepository({}), settings);
    repository.write({ "package.json": '{ "private": true }', ".gitignore": "node_modules\n" });
    installTool(repository.folder, "--save-dev");
    repository.write({ "cloud/account.yaml": good["policies/account.yaml"] });
    const env = { ...cleanEnvironment, ...home(), npm_config_offline: "true" };
    const { status, text } = commit(repository, { "cloud/a.yaml": bad["policies/a.yaml"] }, env);
    expect([status, text]).toEqual([1, expect.stringContaining("cloud/a.yaml:1:1: error")]);
  });

  test("fails where the tool is not installed, and installs none", () => {
    const repository = repositoryWith("oss-policy-system", toolRepository({}));
    const { status, text } = commit(repository, bad, { ...cleanEnvironment, ...home() });
    expect([status, text]).toEqual([1, expect.stringContaining("Failed")]);
    expect(text).not.toContain("unknown-key");
  });
});
