import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { readWorkflow, runWorkflow, type Scene } from "../support/github-runner.ts";
import { writeTree } from "../support/run-cli.ts";
import { executable, npmStandInThatKeeps, root, toolRepository } from "../support/tool-repository.ts";

const script = join(root, ".github/check-release.sh");
const url = "git+https://github.com/octo/oss-policy.git";
const changelog =
  "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- A change.\n\n## 0.1.0\n\n- The first.\n";

interface Release {
  readonly tag?: string;
  readonly version?: string;
  readonly repository?: unknown;
  readonly changelog?: string;
  /** The branch that the tagged commit is on. */
  readonly branch?: string;
}

/** Checks a tag in a repository as checkout leaves it: the tag, and `main` as a branch of the remote. */
function check({ tag = "v0.2.0", version = "0.2.0", branch = "main", ...release }: Release) {
  const { folder, git, commit } = newRepository({ "README.md": "words\n" });
  git("update-ref", "refs/remotes/origin/main", "HEAD");
  const repository = "repository" in release ? release.repository : { type: "git", url };
  commit({
    "package.json": JSON.stringify({ name: "oss-policy", version, repository }),
    "CHANGELOG.md": release.changelog ?? changelog,
  });
  if (branch === "main") git("update-ref", "refs/remotes/origin/main", "HEAD");
  git("tag", "--annotate", "--message", "a version", tag);
  commit({ "later.txt": "" });
  if (branch === "main") git("update-ref", "refs/remotes/origin/main", "HEAD");
  const env = { ...process.env, GITHUB_REPOSITORY: "octo/oss-policy" };
  const { status, stdout } = spawnSync("bash", [script, tag], { cwd: folder, env, encoding: "utf8" });
  return { status, lines: stdout.trim().split("\n") };
}

test("a tag of a commit of main, with its version, its repository and its section, may be published", () => {
  expect(check({})).toEqual({ status: 0, lines: ["v0.2.0 may be published."] });
});

test("the title of a section may have more than the version, and Unreleased need not be there", () => {
  const lines = "# Changelog\n\n## 0.2.0\n\n- A change.\n";
  expect(check({ changelog: lines }).status).toBe(0);
});

const refusals: readonly (readonly [title: string, release: Release, reason: string])[] = [
  ["a tag of another version", { tag: "v0.3.0" }, "tag the commit that sets the version, as v0.2.0"],
  ["a tag without v", { tag: "0.2.0" }, "The tag is 0.2.0, and package.json has version 0.2.0"],
  ["a commit that is not on main", { branch: "topic" }, "The commit of v0.2.0 is not on main"],
  [
    "a package of no repository",
    { repository: undefined },
    `run npm pkg set repository.type=git repository.url=${url}`,
  ],
  [
    "a package of another repository",
    { repository: { type: "git", url: "git+https://github.com/mallory/oss-policy.git" } },
    "package.json does not name this repository",
  ],
  [
    "a changelog without the version",
    { changelog: "## Unreleased\n\n## 0.1.0\n\n- The first.\n" },
    'no section "## 0.2.0"',
  ],
  ["a changelog with a longer version", { changelog: "## 0.2.01\n\n- Another.\n" }, 'no section "## 0.2.0"'],
  [
    "a section without content",
    { changelog: "## 0.2.0\n\n## 0.1.0\n\n- The first.\n" },
    'no section "## 0.2.0" with content',
  ],
  [
    "entries that were not moved",
    { changelog: "## Unreleased\n\n- Not moved.\n\n## 0.2.0\n\n- A change.\n" },
    "still has entries under Unreleased",
  ],
];

describe("is not published:", () => {
  test.each(refusals)("%s", (_, release, reason) => {
    const { status, lines } = check(release);
    expect([status, lines]).toEqual([1, [expect.stringMatching(/^::error::/)]]);
    expect(lines[0]).toContain(reason);
  });

  test("a pre-release", () => {
    const { status, lines } = check({
      tag: "v0.2.0-rc.1",
      version: "0.2.0-rc.1",
      changelog: "## 0.2.0-rc.1\n\n- A.\n",
    });
    expect([status, lines]).toEqual([1, [expect.stringContaining("0.2.0-rc.1 is a pre-release")]]);
  });

  test("anything with several reasons, which are all reported", () => {
    const { status, lines } = check({
      branch: "topic",
      repository: undefined,
      changelog: "## Unreleased\n\n- A.\n",
    });
    expect([status, lines.length]).toEqual([1, 4]);
  });
});

const workflow = readWorkflow(join(root, ".github/workflows/release.yml"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

/** Pushes the tag of the version of this tree, whose tests end with a code, to a repository of its name. */
async function pushTag({ tests = 0, changes = {} }: { tests?: number; changes?: Record<string, string> }) {
  const published = join(writeTree({}), "published");
  const publish = `if [ "$1" = publish ]; then echo "$*" > "${published}"; exit; fi\n`;
  const npm = executable("npm", npmStandInThatKeeps.replace("\n", `\n${publish}`));
  const origin = toolRepository({
    "package.json": JSON.stringify({
      ...manifest,
      repository: { type: "git", url: "git+https://github.com/octo/policies.git" },
    }),
    "CHANGELOG.md": `## ${manifest.version}\n\n- A change.\n`,
    "README.md": "words\n",
    ".ci/run": `#!/bin/sh\nln -s "${root}/node_modules" node_modules\necho all tests\nexit ${tests}\n`,
    ...changes,
  });
  chmodSync(join(origin.folder, ".ci/run"), 0o755);
  const sha = origin.commit({});
  origin.git("tag", `v${manifest.version}`);
  const scene: Scene = {
    origin: origin.folder,
    event: { name: "push", payload: {} },
    ref: `refs/tags/v${manifest.version}`,
    sha,
    vars: {},
    env: { PATH: [npm, process.env["PATH"]].join(delimiter), GITHUB_REPOSITORY: "octo/policies" },
  };
  const { jobs, artifacts } = await runWorkflow(workflow, scene);
  const results = Object.entries(jobs).map(([name, { result }]) => `${name}: ${result}`);
  const words = existsSync(published) ? readFileSync(published, "utf8").trim() : undefined;
  return { results, words, package: Object.keys(artifacts["package"] ?? {}), log: jobs["check"]?.log };
}

describe("the tag of a version", () => {
  const name = `oss-policy-${manifest.version}.tgz`;

  test("is checked, tested, packed and published with its provenance", async () => {
    const { log, ...released } = await pushTag({});
    expect(released, log).toEqual({
      results: ["check: success", "publish: success"],
      words: `publish ./package/${name} --provenance --access public`,
      package: [name],
    });
    expect(log).toContain("all tests");
  });

  test("whose tests fail is not published", async () => {
    expect(await pushTag({ tests: 1 })).toMatchObject({
      results: ["check: failure", "publish: skipped"],
      words: undefined,
    });
  });

  test("that may not be published is not tested either", async () => {
    const { log, ...released } = await pushTag({ changes: { "CHANGELOG.md": "## Unreleased\n\n- A.\n" } });
    expect(released).toMatchObject({ results: ["check: failure", "publish: skipped"], words: undefined });
    expect(log).not.toContain("all tests");
  });
});

test("only a tag starts it, and only the job that publishes can identify itself, without a checkout or a package of others", () => {
  expect(workflow.on).toEqual({ push: { tags: ["v*"] } });
  const publish = workflow.jobs["publish"];
  expect(publish?.environment).toBe("npm");
  expect(publish?.steps.map(({ uses, run }) => uses?.replace(/@.*/, "") ?? run)).toEqual([
    "actions/setup-node",
    "actions/download-artifact",
    "npm publish ./package/*.tgz --provenance --access public",
  ]);
});
