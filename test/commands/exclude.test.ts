import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { accountFile, environmentOf, runCli, writeTree } from "../support/run-cli.ts";
import { sandboxWith } from "../support/store.ts";

const names = ["app-one", "app-two", "web"];

const fileOf = (bucket: string, uid: string) => `bucket: ${bucket}
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: ["${uid}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:${bucket}/*"] }
`;

const files = {
  "account.yaml": accountFile,
  ...Object.fromEntries(names.map((name) => [`${name}.yaml`, fileOf(name, "202147604049350001")])),
};

async function world(others: readonly string[] = [], account = accountFile) {
  const buckets = [...names, ...others].map((name) => ({ name, region: "cn-hangzhou" }));
  const sandbox = await sandboxWith({ buckets });
  const folder = writeTree({ ...files, "account.yaml": account });
  const run = (...words: readonly string[]) =>
    runCli([...words, "--policies", folder], { env: environmentOf(sandbox) });
  return { sandbox, folder, run };
}

describe("--exclude", () => {
  test("leaves buckets out of apply, and says which", async () => {
    const { sandbox, run } = await world();
    const { code, stdout, stderr } = await run("apply", "--exclude", "app-*");
    expect([code, JSON.stringify(sandbox.requests).includes("app-")]).toEqual([0, false]);
    expect(stdout).toContain("Plan: 1 to create");
    expect(stderr).toContain("--exclude leaves out 2 buckets: app-one, app-two\n");
    expect(names.map((name) => sandbox.policyOf(name) !== undefined)).toEqual([false, false, true]);
  });

  test("applies to what --bucket selects, and may be repeated", async () => {
    const { run } = await world();
    const { stdout } = await run("plan", "--bucket", "app-*", "--exclude", "*-two");
    expect(stdout).toContain("Plan: 1 to create");
    expect(stdout).toContain("app-one");
    expect((await run("validate", "--exclude", "app-one", "--exclude", "web")).stdout).toContain(
      "Validate: 1 bucket,",
    );
  });

  test.each<[string, readonly string[], string]>([
    [
      "a glob that matches nothing",
      ["webb"],
      "--exclude `webb` excludes no bucket [no-match]\n  help: did you mean `web`?\n",
    ],
    [
      "one of two that matches nothing",
      ["web", "x-*"],
      "--exclude `x-*` excludes no bucket [no-match]\n  help: see the `bucket:` lines",
    ],
    ["a glob that matches everything", ["*"], "--exclude `*` excludes every selected bucket [no-match]\n"],
    [
      "globs that match everything together",
      ["app-*", "web"],
      "--exclude `app-*`, `web` excludes every selected bucket",
    ],
  ])("%s is an error, and nothing is read", async (_, globs, message) => {
    const { sandbox, run } = await world();
    const words = globs.flatMap((glob) => ["--exclude", glob]);
    for (const verb of ["plan", "apply"]) {
      const { code, stderr } = await run(verb, ...words);
      expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    }
    expect((await run("validate", ...words)).stdout).toContain(message);
    expect(sandbox.requests).toEqual([]);
  });

  test("a glob without effect on what --bucket selects is an error", async () => {
    const { run } = await world();
    expect((await run("plan", "--bucket", "web", "--exclude", "app-*")).stderr).toBe(
      "error: --exclude `app-*` excludes no bucket that --bucket selects [no-match]\n  help: drop it\n",
    );
  });

  test("a --bucket that matches nothing is one mistake", async () => {
    const { run } = await world();
    expect((await run("plan", "--bucket", "webb", "--exclude", "app-*")).stderr).toBe(
      "error: --bucket `webb` matches no bucket [no-match]\n  help: did you mean `web`?\n",
    );
  });

  test("leaves a bucket without a file out of those that are reported", async () => {
    const { sandbox, run } = await world(["app-old", "other"], `${accountFile}scope: all\n`);
    const policy = '{"Version":"1","Statement":[]}';
    for (const name of ["app-old", "other"]) sandbox.setPolicy(name, policy);
    const { stdout } = await run("plan", "--exclude", "app-*");
    expect(stdout).toContain("other");
    expect(stdout).not.toContain("app-old");
  });

  test("leaves buckets out of import", async () => {
    const { sandbox } = await world();
    for (const name of names) sandbox.setPolicy(name, '{"Version":"1","Statement":[]}');
    const folder = writeTree({});
    const words = ["import", "--policies", folder, "--exclude", "app-*"];
    expect((await runCli(words, { env: environmentOf(sandbox) })).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(["account.yaml", "schema.json", "web.yaml"]);
  });

  test("leaves buckets of a journal as they are", async () => {
    const { sandbox, run } = await world();
    const journal = join(writeTree({}), "journal.jsonl");
    await run("apply", "--journal", journal);
    const { code, stderr } = await run("restore", "--journal", journal, "--exclude", "web");
    expect([code, stderr]).toEqual([0, expect.stringContaining("--exclude leaves out 1 bucket: web\n")]);
    expect(names.map((name) => sandbox.policyOf(name) !== undefined)).toEqual([false, false, true]);
  });

  test("leaves buckets out of every question about access", async () => {
    const { run } = await world();
    for (const words of [
      ["who-can", "oss:GetObject", "*"],
      ["what-can", "202147604049350001"],
      ["matrix"],
      ["report"],
    ]) {
      const { code, stdout } = await run("access", ...words, "--exclude", "app-*");
      expect([code, stdout], words.join(" ")).toEqual([0, expect.stringContaining("web")]);
      expect(stdout, words.join(" ")).not.toContain("app-");
    }
  });
});

describe("access diff of revisions", () => {
  async function diff(...words: readonly string[]) {
    const repository = newRepository();
    const inTree = (tree: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(tree).map(([name, text]) => [`policies/${name}`, text]));
    repository.commit(inTree(files));
    repository.commit(
      inTree(Object.fromEntries(names.map((name) => [`${name}.yaml`, fileOf(name, "203000000000000009")]))),
    );
    return runCli(["access", "diff", "HEAD^..HEAD", ...words], { folder: repository.folder });
  }

  test("is about the buckets that are selected", async () => {
    expect((await diff()).stdout).toContain("3 to update");
    const { stdout } = await diff("--bucket", "app-*", "--exclude", "app-one");
    expect(stdout).toContain("1 to update");
    expect(stdout).not.toContain("app-one");
    expect((await diff("--bucket", "webb")).stderr).toContain("did you mean `web`?");
  });

  test("of two files selects nothing", async () => {
    const folder = writeTree({ "a.json": '{"Version":"1","Statement":[]}' });
    const file = join(folder, "a.json");
    const { code, stderr } = await runCli(["access", "diff", file, file, "--exclude", "web"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("help: drop --exclude")]);
  });
});

test.each([
  ["ap*", undefined],
  ["ap-*", "app*"],
  ["wbe*", "web*"],
  ["wbe", "web"],
])("--bucket %s names what is meant", async (glob, meant) => {
  const { run } = await world();
  const { code, stderr } = await run("plan", "--bucket", glob);
  if (meant === undefined) expect(code).toBe(0);
  else expect([code, stderr]).toEqual([1, expect.stringContaining(`did you mean \`${meant}\`?`)]);
});

test("a bucket as a plain word is led to --bucket", async () => {
  const { run } = await world();
  const { code, stderr } = await run("plan", "web");
  expect([code, stderr]).toEqual([1, expect.stringContaining("buckets are selected by `--bucket GLOB`")]);
});
