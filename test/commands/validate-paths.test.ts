import { accessSync, chmodSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const statement = (principal: string) =>
  `    - { Effect: Allow, Principal: ["${principal}"], Action: ["oss:GetObjct"], Resource: ["acs:oss:*:*:\${bucket}/*"] }\n`;
const bucketFile = (bucket: string, principal = "202147604049350001") =>
  `bucket: ${bucket}\npolicy:\n  Version: "1"\n  Statement:\n${statement(principal)}`;

const tree = {
  "policies/account.yaml": accountFile,
  "policies/_sets/shared.yaml": `Statement:\n${statement("${reader}").replaceAll("    -", "  -")}`,
  "policies/a.yaml": `${bucketFile("aaa")}vars: { reader: "202147604049350001" }\nuse: [shared]\n`,
  "policies/team/b.yaml": bucketFile("bbb"),
  "policies/team/c.yaml": bucketFile("ccc"),
  "policies/notes.json": "{}",
};

/** The same files, one folder down. */
const inFolder = (files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`in/${name}`, text]));

async function placesOf(folder: string, ...words: readonly string[]) {
  const { stdout, stderr, code } = await runCli(["validate", ...words], { folder });
  const places = [...stdout.matchAll(/^([^\s:]+):\d+:\d+: error/gm)].map(([, file = ""]) => file);
  return { places, stdout, stderr, code };
}

const readText = (folder: string, file: string) => readFileSync(join(folder, file), "utf8");

/** Root may write to a folder whatever its mode is. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

describe("validate PATH", () => {
  test("checks one file with the account and the variables of its tree, and shows nothing of the others", async () => {
    const { places, stdout, code } = await placesOf(writeTree(tree), "policies/team/b.yaml");
    expect([places, code]).toEqual([["policies/team/b.yaml"], 1]);
    expect(stdout).toContain("Validate: 1 bucket, 1 error, 0 warnings, 0 notes.");
  });

  test.each([
    ["a folder", ["policies/team"], ["policies/team/b.yaml", "policies/team/c.yaml"]],
    ["a folder with a slash", ["policies/team/"], ["policies/team/b.yaml", "policies/team/c.yaml"]],
    [
      "two files",
      ["policies/a.yaml", "policies/team/c.yaml"],
      ["policies/_sets/shared.yaml", "policies/a.yaml", "policies/team/c.yaml"],
    ],
    [
      "a statement set, with the buckets that use it",
      ["policies/_sets/shared.yaml"],
      ["policies/_sets/shared.yaml"],
    ],
    [
      "the tree",
      ["policies"],
      ["policies/_sets/shared.yaml", "policies/a.yaml", "policies/team/b.yaml", "policies/team/c.yaml"],
    ],
  ])("checks %s", async (_, words, expected) => {
    expect((await placesOf(writeTree(tree), ...words)).places).toEqual(expected);
  });

  test("notes files that are not read only where the whole tree is checked", async () => {
    const folder = writeTree(tree);
    expect((await placesOf(folder)).stdout).toContain("[not-read]");
    expect((await placesOf(folder, "policies")).stdout).toContain("[not-read]");
    expect((await placesOf(folder, "policies/team")).stdout).not.toContain("[not-read]");
  });

  test("finds the tree of a path that is not below --policies, by its account.yaml", async () => {
    const folder = writeTree({
      ...tree,
      "other tree/文件/b.yaml": bucketFile("zzz"),
      "other tree/account.yaml": accountFile,
    });
    expect((await placesOf(folder, "other tree/文件/b.yaml")).stdout).toContain("other tree/文件/b.yaml:5:");
    const { stdout } = await placesOf(folder, "other tree/文件/b.yaml", "policies/team/b.yaml");
    expect(stdout).toContain("Validate: 2 buckets, 2 errors");
  });

  test("shows a second file for a bucket, whichever of the two is named", async () => {
    const folder = writeTree({ ...tree, "policies/team/d.yaml": bucketFile("bbb") });
    for (const file of ["policies/team/b.yaml", "policies/team/d.yaml"])
      expect((await placesOf(folder, file)).stdout).toContain("[duplicate-bucket]");
  });

  test("shows that the account file cannot be read, also where only a bucket file is named", async () => {
    const folder = writeTree({ ...tree, "policies/account.yaml": "account: [\n" });
    const { stdout, code } = await placesOf(folder, "policies/team/b.yaml");
    expect(code).toBe(1);
    expect(stdout).not.toContain("0 errors");
  });

  test.each([
    ["a file of no tree", ["../x/alone.yaml"], "is in no policy tree"],
    ["a text of no tree", ["-", "--stdin-path", "../x/alone.yaml"], "is in no policy tree"],
    ["no file", ["nope.yaml"], "`nope.yaml` cannot be read (ENOENT)"],
    ["JSON", ["policies/notes.json"], "`policies/notes.json` is not a policy file"],
    ["stdin and a file", ["-", "policies/a.yaml"], "`-` is stdin, and takes no other paths"],
    [
      "--stdin-path without stdin",
      ["--stdin-path", "policies/a.yaml"],
      "--stdin-path is for a text on stdin",
    ],
    [
      "a place on stdin that is no YAML file",
      ["-", "--stdin-path", "a.txt"],
      "--stdin-path `a.txt` is not a policy file",
    ],
  ])("refuses %s in one message", async (_, words, message) => {
    const folder = join(
      writeTree({ ...inFolder(tree), "x/alone.yaml": "bucket: alone\npolicy: none\n" }),
      "in",
    );
    const { code, stderr, stdout } = await placesOf(folder, ...words);
    expect([code, stderr.match(/^error: /gm)?.length]).toEqual([1, 1]);
    expect(stderr).toContain(message);
    expect(stdout).toContain("nothing was checked");
  });
});

describe("validate -", () => {
  const check = (folder: string, input: string | Uint8Array, ...words: readonly string[]) =>
    runCli(["validate", "-", ...words], { folder, input });

  test("checks a text as if it stood at its path, in place of the file there", async () => {
    const folder = writeTree(tree);
    const text = bucketFile("bbb").replace("GetObjct", "GetObject");
    const { code, stdout } = await check(folder, text, "--stdin-path", "policies/team/b.yaml");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Validate: 1 bucket, 0 errors")]);
    const wrong = await check(folder, text.replace("Allow", "Alow"), "--stdin-path", "policies/team/b.yaml");
    expect(wrong.stdout).toMatch(/^policies\/team\/b\.yaml:5:\d+: error/);
  });

  test("without a path is one more file of the tree", async () => {
    const { code, stdout } = await check(writeTree(tree), bucketFile("new-one"));
    expect(code).toBe(1);
    expect(stdout).toMatch(/^policies\/<stdin>\.yaml:5:/);
    expect(stdout).toContain("Validate: 1 bucket, 1 error");
  });

  test.each([
    ["nothing", "", "the file is empty"],
    ["a text of 20 MB", "x".repeat(20_000_000), "stdin is larger than 4000000 bytes"],
    ["bytes that are not UTF-8", Uint8Array.from([0x62, 0xff, 0xfe]), "stdin is not UTF-8 text"],
  ])("of %s is one clear error", async (_, input, message) => {
    const { code, stdout, stderr } = await check(writeTree(tree), input);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(message);
  });
});

describe("validate --fix", () => {
  test("corrects the named files only, shows each correction, and leaves a clean tree", async () => {
    const folder = writeTree(tree);
    const { code, stdout } = await runCli(["validate", "--fix", "policies/team"], { folder });
    expect(code).toBe(0);
    expect(stdout).toContain('  fixed  policies/team/b.yaml:5:68: unknown-action: "oss:GetObject"');
    expect(stdout).toContain("Fix: 2 findings in 2 files.");
    expect((await placesOf(folder)).places).toEqual(["policies/_sets/shared.yaml", "policies/a.yaml"]);
    expect((await runCli(["validate", "--fix"], { folder })).code).toBe(0);
    expect((await runCli(["validate", "--fix"], { folder })).stdout).toContain("Fix: 0 findings in 0 files.");
  });

  test("is named where it corrects something, and not where it does not", async () => {
    const folder = writeTree(tree);
    const { stderr } = await placesOf(folder, "policies/team");
    expect(stderr).toContain("validate --fix corrects 2 of these findings");
    await runCli(["validate", "--fix", "policies/team"], { folder });
    expect((await placesOf(folder, "policies/team")).stderr).not.toContain("--fix");
  });

  test("keeps a byte order mark, CRLF and comments", async () => {
    const text = `\ufeff${bucketFile("bbb").replace("\n", " # why\n").replaceAll("\n", "\r\n")}`;
    const folder = writeTree({ ...tree, "policies/team/b.yaml": text });
    await runCli(["validate", "--fix", "policies/team/b.yaml"], { folder });
    expect(readText(folder, "policies/team/b.yaml")).toBe(text.replace("GetObjct", "GetObject"));
  });

  test("--dry-run shows the difference, and writes nothing", async () => {
    const folder = writeTree(tree);
    const { stdout } = await runCli(["validate", "--fix", "--dry-run", "policies/team/b.yaml"], { folder });
    await expect(stdout).toMatchFileSnapshot("../golden/fix-dry-run.txt");
    expect(readText(folder, "policies/team/b.yaml")).toBe(tree["policies/team/b.yaml"]);
  });

  test("of a text on stdin is shown, and never written", async () => {
    const folder = writeTree(tree);
    const words = ["validate", "-", "--stdin-path", "policies/team/b.yaml", "--fix"];
    const input = tree["policies/team/b.yaml"];
    const refused = await runCli(words, { folder, input });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("a text on stdin cannot be written"),
    ]);
    const shown = await runCli([...words, "--dry-run"], { folder, input });
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('"oss:GetObject"')]);
    expect(readText(folder, "policies/team/b.yaml")).toBe(input);
  });

  test("says which file it could not write, and ends with an error", async ({ skip }) => {
    const folder = writeTree(tree);
    chmodSync(join(folder, "policies/team"), 0o555);
    if (isWritable(join(folder, "policies/team"))) skip("this user may write everywhere");
    const { code, stderr } = await runCli(["validate", "--fix", "policies/team/b.yaml"], { folder });
    expect([code, stderr]).toEqual([1, expect.stringContaining("`policies/team/b.yaml` cannot be written")]);
  });
});
