import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { toolVersion } from "../../src/run/version.ts";
import { runCli, writeTree, type CliOptions } from "../support/run-cli.ts";

const uid = "1746495857600001";
const account = ["--account", uid, "--region", "cn-hangzhou"];

async function init(folder: string, words: readonly string[] = account, options: CliOptions = {}) {
  return runCli(["init", ...words], { folder, ...options });
}

const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");

describe("from nothing", () => {
  test.each(["policies", "my policies/权限 策略", "./a//b"])(
    "to a green validate and a plan, in %s",
    async (policies) => {
      const folder = writeTree({});
      const named = policies === "policies" ? [] : ["--policies", policies];
      const { code, stdout } = await init(folder, [...account, ...named]);
      expect([code, stdout]).toEqual([
        0,
        expect.stringContaining("Init: 4 files written, 0 kept.\nExit 0, success.\n"),
      ]);
      const validated = await runCli(["validate", ...named], { folder });
      expect(validated.stdout).toBe("Validate: 1 bucket, 0 errors, 0 warnings, 0 notes.\nExit 0, success.\n");
      const planned = await runCli(["plan", "--sandbox", ...named], { folder });
      expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining("+ create examplebucket")]);
      const applied = await runCli(["apply", "--sandbox", "--yes", ...named], { folder });
      expect([applied.code, applied.stdout]).toEqual([0, expect.stringContaining("Apply: 1 applied.")]);
    },
  );

  test("with the schema that editors find, and nothing that gives anyone access", async () => {
    const folder = writeTree({});
    await init(folder);
    const { stdout: schema } = await runCli(["schema"]);
    expect(read(folder, "policies/schema.json")).toBe(schema);
    expect(read(folder, "policies/account.yaml")).toBe(`account: "${uid}"\nregion: cn-hangzhou\n`);
    expect(read(folder, "policies/examplebucket.yaml")).toMatch(
      /^# yaml-language-server: \$schema=\.\/schema\.json\n/,
    );
    expect(read(folder, ".gitignore")).toBe("node_modules/\n.oss-policy/\n");
    const { stdout } = await runCli(["access", "who-can", "oss:*", "examplebucket"], { folder });
    expect(stdout.match(/\d{10,}/g) ?? []).toEqual([]);
    expect((await runCli(["access", "public", "--exit-code"], { folder })).code).toBe(0);
  });

  test("says what to do next, but not with --quiet", async () => {
    const next = (await init(writeTree({}), [...account, "--policies", "a b"])).stderr;
    expect(next).toContain('npx oss-policy validate --policies "a b"');
    expect((await init(writeTree({}), [...account, "--quiet"])).stderr).toBe("");
  });

  test("in the folder that a file with defaults names", async () => {
    const folder = writeTree({ ".oss-policyrc.yaml": "policies: rules\n" });
    expect((await init(folder)).code).toBe(0);
    expect(existsSync(join(folder, "rules/account.yaml"))).toBe(true);
  });
});

describe("at a terminal", () => {
  test("asks for folder, account and region, each with its default", async () => {
    const folder = writeTree({});
    const { code, stderr } = await init(folder, [], { answers: ["", uid, ""] });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^Folder of the policy files \(policies\): UID of the account: Region of its buckets \(cn-hangzhou\): /,
    );
    expect(read(folder, "policies/account.yaml")).toBe(`account: "${uid}"\nregion: cn-hangzhou\n`);
  });

  test("asks only for what no option gives", async () => {
    const { stderr } = await init(writeTree({}), ["--policies", "rules", "--account", uid], {
      answers: ["cn-shanghai"],
    });
    expect(stderr).toMatch(/^Region of its buckets \(cn-hangzhou\): /);
    expect(stderr).not.toContain("UID");
  });

  test("says what is wrong with an answer, and asks again", async () => {
    const folder = writeTree({});
    const { code, stderr } = await init(folder, [], {
      answers: ["rules", "alice", "", uid, "china", "cn-beijing"],
    });
    expect(code).toBe(0);
    expect(stderr).toContain(
      'UID of the account:   an account is a UID, all digits, such as `"1746495857600001"`\n',
    );
    expect(stderr).toContain("  an answer is needed\n");
    expect(stderr).toContain("  not the shape of a region");
    expect(read(folder, "rules/account.yaml")).toBe(`account: "${uid}"\nregion: cn-beijing\n`);
  });

  test.each<[string, readonly (string | undefined)[]]>([
    ["at the first question", [undefined]],
    ["at the second", ["", undefined]],
    ["at the last", ["", uid, undefined]],
    ["after three wrong answers", ["", "a", "b", "c", uid, ""]],
  ])("Ctrl-C writes nothing: %s", async (_, answers) => {
    const folder = writeTree({});
    expect(await init(folder, [], { answers })).toMatchObject({
      code: 1,
      stdout: "Exit 1, error: nothing was written.\n",
      stderr: expect.stringContaining("init was not answered [init]") as string,
    });
    expect(existsSync(join(folder, "policies"))).toBe(false);
  });

  test("asks nothing in a pipeline", async () => {
    const { stderr } = await init(writeTree({}), [], { answers: [uid], env: { CI: "true" } });
    expect(stderr).toContain("there is no terminal to ask");
  });
});

describe("without a terminal, what is missing or wrong is one error, and nothing is written", () => {
  test.each<[readonly string[], string]>([
    [
      [],
      "init needs the UID of the account and its region, and there is no terminal to ask [init]\n  help: add `--account UID` and `--region cn-hangzhou`\n",
    ],
    [
      ["--account", uid],
      "init needs its region, and there is no terminal to ask [init]\n  help: add `--region cn-hangzhou`\n",
    ],
    [["--region", "cn-hangzhou"], "init needs the UID of the account, and there"],
    [["--account", "alice", "--region", "cn-hangzhou"], "--account `alice`: an account is a UID, all digits"],
    [["--account", "12", "--region", "cn-hangzhou"], "--account `12`: too short for the UID of an account"],
    [
      ["--account", uid, "--region", "oss-cn-hangzhou"],
      "--region `oss-cn-hangzhou`: not the shape of a region",
    ],
    [["--account", uid, "--account", "2", "--region", "cn-hangzhou"], "--account is given more than once"],
    [[...account, "--policies", "a-file"], "`a-file` is not a folder"],
    [[...account, "--github", "--policies", "."], "`.` is not a folder inside of this one"],
    [[...account, "--github", "--policies", "../x"], "`../x` is not a folder inside of this one"],
    [[...account, "--gitlab", "--policies", "/tmp"], "`/tmp` is not a folder inside of this one"],
    [
      [...account, "--github", "--policies", "a$(id)"],
      "`a$(id)` has characters that a script of a pipeline would not take",
    ],
    [[...account, "--gitlab", "--policies", 'a"b'], "has characters that a script"],
    [[...account, "--gitlab", "--policies", "${{ x }}"], "has characters that a script"],
  ])("%s", async (words, message) => {
    const folder = writeTree({ "a-file": "" });
    const { code, stdout, stderr } = await init(folder, words);
    expect([code, stdout]).toEqual([1, "Exit 1, error: nothing was written.\n"]);
    expect(stderr).toContain(message);
    expect(stderr.match(/error: /g)).toHaveLength(1);
    expect(existsSync(join(folder, "policies"))).toBe(false);
  });
});

describe("a link of the checkout leads no file out of it", () => {
  test("the folder of the policies", async () => {
    const [folder, elsewhere] = [writeTree({}), writeTree({})];
    symlinkSync(elsewhere, join(folder, "policies"));
    for (const policies of ["policies", "policies/team"]) {
      const { code, stderr } = await init(folder, [...account, "--policies", policies]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("leads out of this folder by a link")]);
    }
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("the folder of a pipeline, and .gitignore", async () => {
    const [folder, elsewhere] = [writeTree({}), writeTree({ ignored: "" })];
    symlinkSync(elsewhere, join(folder, ".github"));
    symlinkSync(join(elsewhere, "ignored"), join(folder, ".gitignore"));
    const { code, stderr } = await init(folder, [...account, "--github"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("`.gitignore` is not written")]);
    expect(readdirSync(elsewhere)).toEqual(["ignored"]);
    expect(readFileSync(join(elsewhere, "ignored"), "utf8")).toBe("");
  });

  test("a link to a folder of the checkout is followed", async () => {
    const folder = writeTree({ "team/README.md": "" });
    symlinkSync("team", join(folder, "policies"));
    expect((await init(folder, account)).code).toBe(0);
    expect(existsSync(join(folder, "team/account.yaml"))).toBe(true);
  });
});

describe("a file that exists is never overwritten", () => {
  test("a second run keeps every file, needs no account, and succeeds", async () => {
    const folder = writeTree({});
    await init(folder, [...account, "--github", "--gitlab"]);
    const { code, stdout } = await init(folder, ["--github", "--gitlab"]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Init: 0 files written, 8 kept.\n")]);
    expect(stdout).not.toContain("differs");
  });

  test("one with another text is kept, and a pipeline gets a hint", async () => {
    const files = {
      "policies/account.yml": 'account: "7"\nregion: cn-beijing\n',
      "policies/schema.json": "{}",
      ".github/workflows/oss-policy-plan.yml": "on: push\n",
      ".gitlab-ci.yml": "x: y\n",
    };
    const folder = writeTree(files);
    const { code, stdout } = await init(folder, ["--github", "--gitlab"]);
    expect(code).toBe(0);
    for (const [name, text] of Object.entries(files)) expect(read(folder, name)).toBe(text);
    expect(stdout).toContain("  kept   policies/account.yml\n");
    expect(stdout).toContain(
      "  kept   policies/schema.json (it differs: `oss-policy schema` prints the one of this version)\n",
    );
    expect(stdout).toContain(
      "  kept   .gitlab-ci.yml (it differs: to compare, run init in an empty folder)\n",
    );
    expect((await runCli(["validate"], { folder })).code).toBe(0);
  });

  test("a tree with bucket files gets no example", async () => {
    const folder = writeTree({ "policies/web.yaml": "bucket: web\npolicy: none\n" });
    expect((await init(folder)).stdout).not.toContain("examplebucket");
    expect((await runCli(["validate"], { folder })).stdout).toContain("Validate: 1 bucket, 0 errors");
  });

  test.each<[string, string, string]>([
    ["with LF", "dist/\n", "dist/\n.oss-policy/\n"],
    ["with CRLF", "dist/\r\nlogs/\r\n", "dist/\r\nlogs/\r\n.oss-policy/\r\n"],
    ["without a line end", "dist/", "dist/\n.oss-policy/\n"],
    ["with CRLF and without a line end", "a\r\nb", "a\r\nb\r\n.oss-policy/\r\n"],
    ["that is empty", "", ".oss-policy/\n"],
    ["with a name that begins alike", "/.oss-policyrc.yaml\n", "/.oss-policyrc.yaml\n.oss-policy/\n"],
  ])("a .gitignore %s gets one line", async (_, before, after) => {
    const folder = writeTree({ ".gitignore": before });
    expect((await init(folder)).stdout).toContain("  added  .oss-policy/ to .gitignore\n");
    expect(read(folder, ".gitignore")).toBe(after);
    expect((await init(folder)).stdout).toContain("  kept   .gitignore\n");
    expect(read(folder, ".gitignore")).toBe(after);
  });

  test.each([".oss-policy\n", "/.oss-policy/\r\n", "x\n.oss-policy/**\n"])(
    "a .gitignore with %j stays",
    async (text) => {
      const folder = writeTree({ ".gitignore": text });
      await init(folder);
      expect(read(folder, ".gitignore")).toBe(text);
    },
  );
});

describe("what cannot be written is an error", () => {
  test.skipIf(process.getuid?.() === 0)("a folder that is read-only", async () => {
    const folder = writeTree({});
    chmodSync(folder, 0o555);
    const { code, stdout, stderr } = await init(folder);
    chmodSync(folder, 0o755);
    expect(stderr).toContain("`policies/account.yaml` cannot be written (EACCES)");
    expect([code, stdout]).toEqual([1, expect.stringContaining("Exit 1, error: 1 file not written.")]);
  });

  test("a folder on a file system that takes no files", async () => {
    const { code, stderr } = await init(writeTree({}), [...account, "--policies", "/proc/oss-policy"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/`\/proc\/oss-policy\/account\.yaml` cannot be written \(E[A-Z]+\)/),
    ]);
  });

  test("a folder in place of a file; the other files are written", async () => {
    const folder = writeTree({});
    mkdirSync(join(folder, "policies/schema.json"), { recursive: true });
    mkdirSync(join(folder, ".gitignore"));
    const { code, stdout, stderr } = await init(folder, [...account, "--gitlab"]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("Init: 3 files written, 0 kept.\nExit 1, error: 2 files not written.\n"),
    ]);
    expect(stderr).toContain("`policies/schema.json` cannot be written (EEXIST)");
    expect(stderr).toContain("`.gitignore` cannot be written (EISDIR)");
  });

  test("a link that leads to no file is left as it is", async () => {
    const folder = writeTree({});
    const elsewhere = join(writeTree({}), "elsewhere");
    symlinkSync(elsewhere, join(folder, ".gitlab-ci.yml"));
    await init(folder, [...account, "--gitlab"]);
    expect(existsSync(elsewhere)).toBe(false);
  });
});

describe("pipelines", () => {
  test("use the package of this version, and say what they need", async () => {
    const { stderr } = await init(writeTree({}), [...account, "--github", "--gitlab"]);
    expect(stderr).toContain(`npm install --save-dev --save-exact oss-policy@${toolVersion}\n`);
    expect(stderr).toContain("Set up GitHub");
    expect(stderr).toContain("This folder is not the top of a git repository");
    const repository = writeTree({ ".git/HEAD": "" });
    expect((await init(repository, [...account, "--github"])).stderr).not.toContain("not the top");
    expect((await init(writeTree({}))).stderr).not.toContain("npm install");
  });

  test("name a folder with blanks and Chinese characters as one word", async () => {
    const folder = writeTree({ "package.json": "{}" });
    const words = ["--policies", "my policies/权限", "--github", "--gitlab"];
    await init(folder, [...account, ...words]);
    const pipeline = parse(read(folder, ".gitlab-ci.yml")) as { plan: { script: string[] } };
    expect(pipeline.plan.script[2]).toBe(
      'node tool/node_modules/oss-policy/dist/cli.js validate --policies "my policies/权限"',
    );
    expect(read(folder, ".github/workflows/oss-policy-plan.yml")).toContain(
      ' --policies "my policies/权限" --base HEAD^1 ',
    );
    expect(read(folder, "package.json")).toBe("{}");
  });
});

test("an account file that was written by hand with an error is kept", async () => {
  const folder = writeTree({});
  mkdirSync(join(folder, "policies"));
  writeFileSync(join(folder, "policies/account.yaml"), "account: [\n");
  expect((await init(folder, [])).code).toBe(0);
  expect(read(folder, "policies/account.yaml")).toBe("account: [\n");
});
