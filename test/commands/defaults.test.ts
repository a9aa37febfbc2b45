import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const program = resolve("dist/cli.js");

const tree = (bucket: string) => ({
  "account.yaml": accountFile,
  "one.yaml": `bucket: ${bucket}\npolicy: none\n`,
});
const inFolder = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
const both = { ...inFolder("policies", tree("default")), ...inFolder("rules", tree("other")) };

const plan = (folder: string, ...words: readonly string[]) =>
  runCli(["plan", "--sandbox", "--json", "-", ...words], { folder });

const buckets = (stdout: string) =>
  (JSON.parse(stdout) as { changes: { bucket: string }[] }).changes.map(({ bucket }) => bucket);

const manifest = (defaults: unknown, indent: number | string = 2) =>
  JSON.stringify({ name: "x", dependencies: { "oss-policy": "1" }, "oss-policy": defaults }, null, indent);

describe("defaults for options", () => {
  test.each<[string, string]>([
    [".oss-policyrc.yaml", "policies: rules\n"],
    [".oss-policyrc.json", '{ "policies": "rules" }'],
    ["package.json", manifest({ policies: "rules" })],
    ["package.json", `\uFEFF${manifest({ policies: "rules" }, "\t")}`],
  ])("come from %s", async (file, text) => {
    const folder = writeTree({ ...both, [file]: text });
    expect(buckets((await plan(folder)).stdout)).toEqual(["other"]);
    expect(buckets((await plan(folder, "--policies", "policies")).stdout)).toEqual(["default"]);
  });

  test("come from a package.json of any size", async () => {
    const large = { files: Array.from({ length: 30_000 }, (_, index) => `file-${index}`) };
    const text = JSON.stringify({ ...large, "oss-policy": { policies: "rules" } }, null, 2);
    expect(buckets((await plan(writeTree({ ...both, "package.json": text }))).stdout)).toEqual(["other"]);
    const wrong = JSON.stringify({ ...large, "oss-policy": { base: "main" } }, null, 2);
    const { code, stderr } = await plan(writeTree({ ...both, "package.json": wrong }));
    expect([code, stderr]).toEqual([
      1,
      "error: `package.json`: `base` has no default in a file [defaults]\n" +
        "  help: give --base on the command line; a file may set `policies`, `concurrency`, `color`\n",
    ]);
  });

  test("switch colour off, which nothing else does here", async () => {
    const folder = writeTree(both);
    const explained = () => {
      const env = { PATH: process.env["PATH"], FORCE_COLOR: "1" };
      return spawnSync(process.execPath, [program, "explain"], { cwd: folder, env, encoding: "utf8" }).stdout;
    };
    expect(explained()).toContain("\u001b[");
    writeFileSync(join(folder, ".oss-policyrc.yaml"), "color: false\n");
    expect(explained()).toMatch(/^Lint rules\n/);
  });

  test("limit the calls at once", async () => {
    const folder = writeTree({ ...both, ".oss-policyrc.yaml": "concurrency: 3\n" });
    expect((await plan(folder)).code).toBe(0);
    writeFileSync(join(folder, ".oss-policyrc.yaml"), "concurrency: 0\n");
    expect((await plan(folder, "--concurrency", "2")).stderr).toContain("from 1 to 256");
  });

  test("of an empty file are those of the tool", async () => {
    const folder = writeTree({ ...both, ".oss-policyrc.yaml": "# nothing yet\n" });
    expect(buckets((await plan(folder)).stdout)).toEqual(["default"]);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["no package.json", {}],
    ["one of another tool", { "package.json": '{ "dependencies": { "oss-policy": "1" } }' }],
    ["one that is no JSON, which npm reports", { "package.json": '{ "oss-policy": {' }],
  ])("need no file: %s", async (_, files) => {
    expect(buckets((await plan(writeTree({ ...both, ...files }))).stdout)).toEqual(["default"]);
  });
});

describe("a file that cannot be taken is one error with its place", () => {
  test.each<[string, string, string, string]>([
    [
      "an option that judges",
      ".oss-policyrc.yaml",
      "policies: rules\naccept:\n  - changes-limits@x\n",
      ".oss-policyrc.yaml:2:1: error: `accept` has no default in a file [defaults]\n  2 | accept:\n    | ^^^^^^\n" +
        "  help: give --accept on the command line; a file may set `policies`, `concurrency`, `color`\n",
    ],
    [
      "one in another spelling",
      "package.json",
      manifest({ detailedExitcode: true }),
      "package.json:7:5: error: `detailedExitcode` has no default in a file",
    ],
    [
      "a misspelt key",
      ".oss-policyrc.json",
      '{ "polices": "rules" }',
      ".oss-policyrc.json:1:3: error: `polices` is not a default that a file may set [defaults]\n",
    ],
    [
      "a wrong type",
      ".oss-policyrc.yaml",
      'concurrency: "8"\n',
      ".oss-policyrc.yaml:1:14: error: `concurrency`: concurrency is a whole number from 1 to 256 [defaults]\n",
    ],
    ["a number out of bounds", ".oss-policyrc.yaml", "concurrency: 1000\n", "a whole number from 1 to 256"],
    [
      "a word for a switch",
      ".oss-policyrc.yaml",
      "color: never\n",
      "1:8: error: `color`: color is true or false",
    ],
    ["an empty folder", ".oss-policyrc.yaml", 'policies: ""\n', "policies is the path of a folder"],
    ["a list", "package.json", manifest(["rules"]), "package.json:6:17: error: the defaults must be a map"],
    ["no YAML", ".oss-policyrc.yaml", "policies: [rules\n", ".oss-policyrc.yaml:1:11: error:"],
    [
      "a program",
      ".oss-policyrc.js",
      "module.exports = {}",
      "`.oss-policyrc.js` is not read: defaults are data",
    ],
    ["another ending", ".oss-policyrc.yml", "policies: rules\n", "help: write them in `.oss-policyrc.yaml`"],
  ])("%s", async (_, file, text, message) => {
    const folder = writeTree({ ...both, [file]: text });
    const { code, stdout, stderr } = await runCli(["plan", "--sandbox"], { folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(stderr.match(/error: /g)).toHaveLength(1);
    expect(stdout).toBe("Exit 1, error: invalid command line, nothing was done.\n");
  });

  test("two files at once are an error that names both", async () => {
    const text = manifest({ color: false });
    const folder = writeTree({ ...both, ".oss-policyrc.json": "{}", "package.json": text });
    expect((await plan(folder)).stderr).toBe(
      "error: both `.oss-policyrc.json` and `package.json` set defaults [defaults]\n  help: keep one of the two\n",
    );
    writeFileSync(join(folder, ".oss-policyrc.yaml"), "color: false\n");
    expect((await plan(folder)).stderr).toContain("both `.oss-policyrc.json` and `.oss-policyrc.yaml`");
  });

  test("one that is a folder", async () => {
    const folder = writeTree(both);
    mkdirSync(join(folder, ".oss-policyrc.yaml"));
    expect((await plan(folder)).stderr).toContain("`.oss-policyrc.yaml` is not a file of at most");
  });

  test("one that is a link to a device, which has no end", async () => {
    const folder = writeTree(both);
    symlinkSync("/dev/zero", join(folder, ".oss-policyrc.yaml"));
    expect((await plan(folder)).stderr).toContain("`.oss-policyrc.yaml` is not a file of at most");
  });

  test.skipIf(process.getuid?.() === 0)("one without the right to read it", async () => {
    const folder = writeTree({ ...both, ".oss-policyrc.yaml": "color: false\n" });
    chmodSync(join(folder, ".oss-policyrc.yaml"), 0);
    expect((await plan(folder)).stderr).toContain("`.oss-policyrc.yaml` cannot be read (EACCES)");
  });

  test.each([["--help"], ["help", "plan"], ["plan", "--help"], ["--version"], ["schema"]])(
    "and does not matter to: %s",
    async (...words) => {
      const folder = writeTree({ ".oss-policyrc.yaml": "[", ".oss-policyrc.json": "[" });
      expect((await runCli(words, { folder })).code).toBe(0);
    },
  );
});

describe("a revision does not choose the folder whose guards judge it", () => {
  function repository() {
    const made = newRepository();
    made.commit({ ...both, ".oss-policyrc.yaml": "policies: policies\n" });
    made.commit({ ".oss-policyrc.yaml": "policies: rules\n" });
    return made.folder;
  }

  test.each<[string, readonly string[]]>([
    ["plan --base", ["plan", "--sandbox", "--base", "HEAD^"]],
    ["apply --base", ["apply", "--sandbox", "--yes", "--base", "HEAD^"]],
    ["apply --plan", ["apply", "--sandbox", "--yes", "--plan", "plan.json"]],
    ["access diff", ["access", "diff", "HEAD^..HEAD"]],
  ])("%s", async (_, words) => {
    const folder = repository();
    const { code, stderr } = await runCli(words, { folder });
    expect([code, stderr]).toEqual([
      1,
      ".oss-policyrc.yaml:1:1: error: `policies` in `.oss-policyrc.yaml` does not count where revisions are " +
        "compared: one of them may have changed it [defaults]\n  1 | policies: rules\n    | ^^^^^^^^\n" +
        "  help: name the folder on the command line: `--policies rules`\n",
    ]);
  });

  test("but may be named, and may be the one that is read without a file", async () => {
    const folder = repository();
    const words = ["plan", "--sandbox", "--base", "HEAD^"];
    expect((await runCli([...words, "--policies", "rules"], { folder })).stderr).not.toContain("defaults");
    writeFileSync(join(folder, ".oss-policyrc.yaml"), "policies: policies\n");
    expect((await runCli(words, { folder })).code).toBe(0);
  });
});
