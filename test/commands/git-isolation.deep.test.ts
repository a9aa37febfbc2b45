import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deletes, file, inFolder, planned, policy, reads, tree, writes } from "../support/base-plans.ts";
import { newRepository, repositoryIn, type Repository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const guarded = `${accountFile}guardrails:
  - { name: nobody deletes, Principal: ["*"], Action: ["oss:Delete*"], Resource: ["*"] }
`;
const base = tree(file(reads), { "policies/account.yaml": guarded });
/** What a hostile pull request writes: without its guard, and with what the guard forbids. */
const hostile = { "policies/account.yaml": accountFile, "policies/data.yaml": file(deletes) };
const weak = tree(file(reads), { "policies/account.yaml": accountFile });

/** A program that leaves a file where it ran. */
function trap(): { readonly program: string; readonly hasRun: () => boolean } {
  const folder = writeTree({});
  const [program, ran] = [join(folder, "trap.sh"), join(folder, "RAN")];
  writeFileSync(program, `#!/bin/sh\necho "$0 $*" >> ${ran}\nexit 1\n`);
  chmodSync(program, 0o755);
  return { program, hasRun: () => existsSync(ran) };
}

/** Settings that run a program wherever git can be brought to it. */
function trappedConfig(program: string): string {
  return `[core]
	repositoryformatversion = 1
	bare = false
	worktree = ..
	fsmonitor = ${program}
	sshCommand = ${program}
	hooksPath = ${program}.hooks
	pager = ${program}
	alternateRefsCommand = ${program}
[diff]
	external = ${program}
[diff "x"]
	textconv = ${program}
	command = ${program}
[filter "x"]
	clean = ${program}
	smudge = ${program}
	process = ${program}
[protocol]
	allow = always
[protocol "file"]
	allow = always
[protocol "ext"]
	allow = always
[extensions]
	partialClone = origin
[remote "origin"]
	url = .
	promisor = true
	uploadpack = ${program}
`;
}

/** Lays a repository without a working tree into a folder: its two commits have no guard at all. */
function layRepository(folder: string, program: string): void {
  const other = newRepository(weak);
  other.commit(hostile);
  mkdirSync(folder, { recursive: true });
  for (const name of ["objects", "refs", "HEAD"])
    cpSync(join(other.folder, ".git", name), join(folder, name), { recursive: true });
  writeFileSync(join(folder, "config"), trappedConfig(program));
  mkdirSync(join(folder, "objects/info"), { recursive: true });
  writeFileSync(join(folder, "objects/info/alternates"), `${join(other.folder, ".git/objects")}\n`);
  mkdirSync(join(folder, "hooks"), { recursive: true });
  for (const hook of ["post-checkout", "reference-transaction", "fsmonitor-watchman"])
    cpSync(program, join(folder, "hooks", hook));
}

async function expectGuarded(situation: Parameters<typeof planned>[0]): Promise<void> {
  const { code, hazards, document, stderr } = await planned({ live: policy(reads), ...situation });
  expect({ code, hazards, stderr }).toMatchObject({
    code: 3,
    hazards: expect.arrayContaining(["guardrail-broken"]) as unknown,
  });
  const word = situation.base ?? "HEAD";
  expect(document.base).toBe(situation.repository.git("rev-parse", `${word}^{commit}`));
}

async function accessDiff(folder: string, range: string) {
  return inFolder(folder, () => runCli(["access", "diff", range]));
}

describe("a repository that a pull request lays into the tree is none", () => {
  test.each(["policies", "policies/sub", "other", "."])("in %s", async (place) => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    layRepository(join(repository.folder, place), program);
    repository.commit(hostile);
    await expectGuarded({ repository, base: "HEAD^1" });
    const { code, stdout } = await accessDiff(repository.folder, "HEAD^1..HEAD");
    expect([code, stdout]).toEqual([0, expect.stringContaining("oss:DeleteObject")]);
    expect(hasRun()).toBe(false);
  });

  test("also where the run stands in that folder", async () => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    layRepository(join(repository.folder, "policies"), program);
    repository.commit(hostile);
    const inside: Repository = { ...repository, folder: join(repository.folder, "policies") };
    await expectGuarded({ repository: inside, policies: ".", base: "HEAD^1" });
    expect(hasRun()).toBe(false);
  });

  test.each([
    ["a file", (inner: string, text: string) => writeFileSync(join(inner, ".git"), text)],
    ["a folder", (inner: string) => mkdirSync(join(inner, ".git"))],
  ])("and a `.git` in it, be it %s, is a problem", async (_, lay) => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    layRepository(join(repository.folder, "laid"), program);
    repository.commit(hostile);
    lay(join(repository.folder, "policies"), `gitdir: ${join(repository.folder, "laid")}\n`);
    const { code, stderr, sandbox } = await planned({ repository, base: "HEAD^1" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("another repository inside the checkout")]);
    expect(sandbox.requests).toEqual([]);
    expect((await accessDiff(repository.folder, "HEAD^1..HEAD")).code).toBe(1);
    expect(hasRun()).toBe(false);
  });

  test("a `.git` at the top that leads to it is a problem", async () => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    layRepository(join(repository.folder, "laid"), program);
    repository.commit(hostile);
    renameSync(join(repository.folder, ".git"), join(writeTree({}), "git"));
    writeFileSync(join(repository.folder, ".git"), "gitdir: laid\n");
    const { code, stderr } = await planned({ repository, base: "HEAD^1" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not lead to a repository outside")]);
    expect(hasRun()).toBe(false);
  });

  test("a `.git` that is broken does not make git look further", async () => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    layRepository(repository.folder, program);
    writeFileSync(join(repository.folder, ".git/HEAD"), "");
    const { code, stderr } = await planned({ repository });
    expect([code, stderr]).toEqual([1, expect.stringContaining("git cannot read the repository of")]);
    expect(hasRun()).toBe(false);
  });
});

test("a worktree and a submodule in which the run stands are repositories as any other", async () => {
  const repository = newRepository(base);
  const folder = join(writeTree({}), "worktree");
  repository.git("worktree", "add", "-q", "-b", "topic", folder);
  const worktree = repositoryIn(folder);
  worktree.write(hostile);
  await expectGuarded({ repository: worktree });
  const outer = newRepository({ "README.md": "x\n" });
  outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repository.folder, "inner");
  const inner = repositoryIn(join(outer.folder, "inner"));
  inner.write(hostile);
  await expectGuarded({ repository: inner });
});

describe("nothing that the tree brings is run or followed", () => {
  /** The settings are those of the repository itself, as where it includes a file of the tree. */
  test("attributes, filters, text conversions, hooks and monitors of an included file", async () => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    const attributes = "* filter=x diff=x merge=x\n";
    const config = trappedConfig(program)
      .replace("\tworktree = ..\n", "")
      .replaceAll(/\[(extensions|remote).*/gs, "");
    repository.write({
      ".gitattributes": attributes,
      "policies/.gitattributes": attributes,
      ".gitconfig": config,
    });
    repository.commit(hostile);
    mkdirSync(`${program}.hooks`);
    for (const hook of ["post-index-change", "reference-transaction", "pre-auto-gc"])
      cpSync(program, join(`${program}.hooks`, hook));
    repository.git("config", "include.path", "../.gitconfig");
    await expectGuarded({ repository, base: "HEAD^1" });
    expect((await accessDiff(repository.folder, "HEAD^1..HEAD")).code).toBe(0);
    expect(hasRun()).toBe(false);
  });

  test("what a clone left out is not fetched, whatever its remote would run", async () => {
    const { program, hasRun } = trap();
    const origin = newRepository(base);
    origin.git("config", "uploadpack.allowFilter", "true");
    origin.commit({ "policies/data.yaml": file(writes) });
    const folder = join(writeTree({}), "clone");
    origin.git("clone", "-q", "--filter=blob:none", `file://${origin.folder}`, folder);
    const repository = repositoryIn(folder);
    repository.git("config", "remote.origin.url", ".");
    repository.git("config", "remote.origin.uploadpack", program);
    repository.git("config", "protocol.file.allow", "always");
    const { code, stderr } = await planned({ repository, base: "HEAD^", live: policy(reads) });
    expect([code, stderr]).toEqual([1, expect.stringContaining("git cannot read what `policies` held at")]);
    expect((await accessDiff(folder, "HEAD^..HEAD")).code).toBe(1);
    expect(hasRun()).toBe(false);
  });

  test("a replacement of a commit or a file does not count", async () => {
    const repository = newRepository(base);
    const guardedCommit = repository.git("rev-parse", "HEAD");
    const weakCommit = repository.commit({ "policies/account.yaml": accountFile });
    repository.git("replace", guardedCommit, weakCommit);
    repository.git(
      "replace",
      `${guardedCommit}:policies/account.yaml`,
      `${weakCommit}:policies/account.yaml`,
    );
    repository.write(hostile);
    const { code, hazards } = await planned({ repository, base: guardedCommit, live: policy(reads) });
    expect([code, hazards]).toEqual([3, expect.arrayContaining(["guardrail-broken"])]);
  });

  test("a program named git in the checkout is not the one that is run", async () => {
    const { program, hasRun } = trap();
    const repository = newRepository(base);
    mkdirSync(join(repository.folder, "node_modules/.bin"), { recursive: true });
    cpSync(program, join(repository.folder, "node_modules/.bin/git"));
    cpSync(program, join(repository.folder, "git"));
    repository.write(hostile);
    const own = process.env["PATH"] ?? "";
    const folders = [join(repository.folder, "node_modules/.bin"), ".", "node_modules/.bin", "", own];
    await expectGuarded({ repository, env: { PATH: folders.join(":") } });
    expect(hasRun()).toBe(false);
  });
});

test("variables of git in the environment have no effect", async () => {
  const { program, hasRun } = trap();
  const repository = newRepository(base);
  const other = newRepository(weak);
  repository.write(hostile);
  const config = writeTree({ config: trappedConfig(program).replace("\tworktree = ..\n", "") });
  const env = {
    GIT_DIR: join(other.folder, ".git"),
    GIT_WORK_TREE: other.folder,
    GIT_COMMON_DIR: join(other.folder, ".git"),
    GIT_OBJECT_DIRECTORY: join(other.folder, ".git/objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(other.folder, ".git/objects"),
    GIT_NAMESPACE: "other",
    GIT_CONFIG_GLOBAL: join(config, "config"),
    GIT_CONFIG_SYSTEM: join(config, "config"),
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.fsmonitor",
    GIT_CONFIG_VALUE_0: program,
    GIT_CONFIG_PARAMETERS: `'core.pager=${program}'`,
    GIT_EXTERNAL_DIFF: program,
    GIT_SSH_COMMAND: program,
    GIT_ASKPASS: program,
    GIT_PAGER: program,
    GIT_TRACE: join(config, "trace"),
    GIT_LITERAL_PATHSPECS: "0",
    GIT_REPLACE_REF_BASE: "refs/heads",
  };
  await expectGuarded({ repository, env });
  expect([hasRun(), existsSync(join(config, "trace"))]).toEqual([false, false]);
});

test("git gets no credential of the run", async () => {
  const folder = writeTree({});
  const seen = join(folder, "seen");
  writeFileSync(
    join(folder, "git"),
    `#!/bin/sh\nenv >> ${seen}\nexec /usr/bin/env -i PATH=/usr/bin:/bin git "$@"\n`,
  );
  chmodSync(join(folder, "git"), 0o755);
  const repository = newRepository(base);
  await planned({ repository, live: policy(reads), env: { PATH: `${folder}:${process.env["PATH"] ?? ""}` } });
  expect(readFileSync(seen, "utf8")).not.toMatch(/^OSS_|sandbox/m);
});
