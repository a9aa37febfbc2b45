import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { allCodes } from "../../src/codes/index.ts";
import { hazardCodes } from "../../src/plan/hazard.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const policies = {
  "policies/account.yaml": `${accountFile}name: production\nidentities:\n  alice: "202147604049350001"\n`,
  "policies/app.yaml": "bucket: app-one # the first\npolicy: none\n",
  "policies/several.yaml": "buckets: [web-one, web-two]\npolicy: none\n",
  "policies/quoted.yaml": '"bucket": "quoted"\npolicy: none\n',
};

/** The answer to a script: the kind, and the words without their descriptions. */
async function complete(typed: readonly string[], files: Readonly<Record<string, string>> = policies) {
  const folder = writeTree(files);
  const { code, stdout, stderr } = await runCli(["complete", "zsh", "--", ...typed], { folder });
  expect([code, stderr]).toEqual([0, ""]);
  const [kind, ...lines] = stdout.trimEnd().split("\n");
  return { kind, words: lines.map((line) => line.split("\t")[0] ?? "") };
}

const wordsOf = async (...typed: readonly string[]) => (await complete(typed)).words;

describe("what is suggested", () => {
  test("verbs, each with its summary, and no hidden one", async () => {
    const verbs = await wordsOf("");
    expect(verbs).toEqual(expect.arrayContaining(["plan", "apply", "completion", "help", "version"]));
    expect(verbs).not.toContain("complete");
    expect(await wordsOf("pl")).toEqual(["plan"]);
    expect(await wordsOf("help", "exp")).toEqual(["explain"]);
    expect((await runCli(["complete", "fish", "--", "pl"])).stdout).toBe(
      "words\nplan\tshow what apply would do\n",
    );
  });

  test("options of the verb, once unless they may be repeated", async () => {
    expect(await wordsOf("plan", "--ba")).toEqual(["--base"]);
    expect(await wordsOf("schema", "-")).toEqual(["--help"]);
    const left = await wordsOf("plan", "--bucket", "a", "--base", "main", "--json=x", "--");
    expect(left).toContain("--bucket");
    expect(left.filter((word) => /^--(base|json)$/.test(word))).toEqual([]);
    expect(await wordsOf("plan", "--no-")).toEqual(["--no-color"]);
  });

  test.each<[string, readonly string[], readonly string[]]>([
    ["buckets", ["plan", "--bucket", ""], ["app-one", "quoted", "web-one", "web-two"]],
    ["buckets behind a =", ["plan", "--exclude=we"], ["--exclude=web-one", "--exclude=web-two"]],
    ["a bucket to replace", ["apply", "--replace-unparseable", "a"], ["app-one"]],
    ["accounts", ["validate", "--account", ""], ["production"]],
    ["places of a hazard", ["apply", "--accept", "widens-access@app"], ["widens-access@app-one"]],
    ["places of limits", ["apply", "--accept", "limits@"], ["limits@production"]],
    ["questions", ["access", "wh"], ["who-can", "what-can"].filter((name) => name.startsWith("wh"))],
    ["principals", ["access", "what-can", ""], ["alice", "anonymous", "owner"]],
    ["actions", ["access", "who-can", "oss:GetObjectA"], ["oss:GetObjectAcl"]],
    ["resources", ["access", "can", "--live", "alice", "oss:GetObject", "w"], ["web-one", "web-two"]],
    ["words behind an option and its value", ["access", "--with", "a=b", "who"], ["who-can"]],
    ["nothing after the last word", ["access", "who-can", "a", "b", ""], []],
    ["who is granted something", ["grant", ""], ["alice"]],
    ["what is revoked", ["revoke", "alice", "oss:PutObjectA"], ["oss:PutObjectAcl"]],
    ["where it is revoked", ["revoke", "--deny", "alice", "oss:GetObject", "web"], ["web-one", "web-two"]],
    ["codes", ["explain", "level-"], ["level-mismatch"]],
    ["shells", ["completion", ""], ["bash", "zsh", "fish"]],
    ["a number", ["plan", "--concurrency", ""], []],
    ["a verb that is none", ["plam", "--"], []],
  ])("%s", async (_, typed, expected) => {
    expect(await complete(typed)).toEqual({ kind: "words", words: expected });
  });

  test("every question that access knows", async () => {
    const { stdout } = await runCli(["help", "access"]);
    const [, list = ""] = /^Questions:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
    const listed = list.split("\n").flatMap((line) => /^ {2}([a-z-]+)/.exec(line)?.[1] ?? []);
    expect((await wordsOf("access", "")).sort()).toEqual([...new Set(listed)].sort());
  });

  test("every hazard that can be accepted, and every code", async () => {
    expect(await wordsOf("plan", "--accept", "")).toEqual([
      ...hazardCodes.map((code) => `${code}@`),
      ...(hazardCodes.includes("limits" as never) ? [] : ["limits@"]),
    ]);
    expect(await wordsOf("explain", "")).toEqual(allCodes.map(({ code }) => code));
  });

  test.each<[readonly string[], string]>([
    [["plan", "--json", ""], "files"],
    [["apply", "--plan=p"], "files"],
    [["restore", "--journal", "j"], "files"],
    [["access", "diff", "a.json", ""], "files"],
    [["validate", "--fix", "policies/"], "files"],
    [["plan", "--policies", ""], "folders"],
    [["sandbox", "--state", ""], "folders"],
  ])("%s: %s", async (typed, kind) => {
    expect(await complete(typed)).toEqual({ kind, words: [] });
  });

  test("names of the folder that is named on the line, or by a file with defaults", async () => {
    const others = { "rules/account.yaml": accountFile, "rules/x.yaml": "bucket: other\npolicy: none\n" };
    const words = ["plan", "--policies", "rules", "--bucket", ""];
    expect((await complete(words, { ...policies, ...others })).words).toEqual(["other"]);
    const defaults = { ".oss-policyrc.yaml": "policies: rules\n" };
    const found = await complete(["plan", "--bucket", ""], { ...policies, ...others, ...defaults });
    expect(found.words).toEqual(["other"]);
  });
});

describe("a tree that is wrong ends nothing", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ["no folder", {}, []],
    ["no YAML", { "policies/account.yaml": "a: [", "policies/x.yaml": "- [" }, []],
    ["one file of two with an error", { ...policies, "policies/y.yaml": "bucket: [\n" }, ["app-one"]],
    ["defaults that cannot be taken", { ...policies, ".oss-policyrc.yaml": "base: x\n" }, ["app-one"]],
  ])("%s", async (_, files, expected) => {
    expect(await complete(["plan", "--bucket", "app"], files)).toEqual({ kind: "words", words: expected });
    expect(await complete(["validate", "--account", "x"], files)).toEqual({ kind: "words", words: [] });
  });

  test("a name that a shell would take for a command is not suggested", async () => {
    const hostile = ["$(id)", "a;id", "`id`", "a b", "-x", "x\ny", "x\ty", "\u001b[2J", "*"];
    const files = {
      "policies/account.yaml": `${accountFile}name: "$(id)"\n`,
      "policies/x.yaml": `buckets: ${JSON.stringify([...hostile, "fine"])}\npolicy: none\n`,
    };
    expect((await complete(["plan", "--bucket", ""], files)).words).toEqual(["fine"]);
    expect((await complete(["plan", "--account", ""], files)).words).toEqual([]);
  });

  test("a hidden verb without words is quiet too", async () => {
    expect(await runCli(["complete"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("3,000 files are read in a moment", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [
        `policies/${index}.yaml`,
        `bucket: bucket-${index}\npolicy:\n  Version: "1"\n  Statement: []\n`,
      ]),
    );
    const folder = writeTree({ "policies/account.yaml": accountFile, ...files });
    const start = performance.now();
    const { stdout } = await runCli(["complete", "zsh", "--", "plan", "--bucket", "bucket-29"], { folder });
    expect(stdout.split("\n")).toHaveLength(113);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe("completion", () => {
  test.each(["bash", "zsh", "fish"])("%s prints a script and nothing else", async (shell) => {
    const { code, stdout, stderr } = await runCli(["completion", shell]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(` complete ${shell} -- `);
    expect(stdout).not.toContain("Exit 0");
  });

  test("of another shell names the nearest", async () => {
    expect(await runCli(["completion", "bsh"])).toMatchObject({
      code: 1,
      stderr: "error: there is no completion for the shell `bsh` [no-match]\n  help: did you mean `bash`?\n",
    });
    expect((await runCli(["completion", "tcsh"])).stderr).toContain("allowed here: `bash`, `zsh`, `fish`");
  });
});

/** Splits a line as bash does for COMP_WORDS: at spaces, and before and after runs of `=`, `:` and `@`. */
function bashWords(line: string): readonly string[] {
  const parts = line.match(/"[^"]*"|[=:@]+|[^\s=:@]+/g) ?? [];
  return line.endsWith(" ") ? [...parts, ""] : parts;
}

/** Reports what bash would put in place of the part of the word at the cursor, for each line. */
async function inBash(lines: readonly string[], files: Readonly<Record<string, string>>) {
  const { stdout: script } = await runCli(["completion", "bash"]);
  const program = `#!/bin/sh\nexec ${process.execPath} ${resolve("dist/cli.js")} "$@"\n`;
  const folder = writeTree({ ...files, "bin/oss-policy": program, "script.bash": script });
  const calls = lines.map((line) => {
    const words = bashWords(line).map((word) => `'${word}'`);
    return `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_CWORD=${words.length - 1}
COMP_WORDS=(${words.join(" ")})
_oss_policy
printf '%s|' "\${COMPREPLY[@]}"; echo`;
  });
  const text = ["chmod +x bin/oss-policy", "PATH=$PWD/bin:$PATH", "source ./script.bash", ...calls].join(
    "\n",
  );
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", text], { cwd: folder, encoding: "utf8" });
  // Outside of readline there is no completion that compopt could change.
  expect(stderr.replaceAll(/.*compopt: not currently executing.*\n/g, "")).toBe("");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("|").filter((word) => word !== ""));
}

test("bash puts the words in place, whatever marks it splits them at", async () => {
  const cases: readonly (readonly [line: string, expected: readonly string[]])[] = [
    ["oss-policy val", ["validate"]],
    ["oss-policy plan --bucket we", ["web-one", "web-two"]],
    ["oss-policy plan --bucket=ap", ["app-one"]],
    ["oss-policy plan --bucket=", ["=app-one", "=quoted", "=web-one", "=web-two"].map((w) => w.slice(1))],
    ["oss-policy apply --accept widens-access@ap", ["@app-one"]],
    ["oss-policy access who-can oss:GetObjectA", ["GetObjectAcl"]],
    ['oss-policy plan --policies "a folder" --bucket ', ["elsewhere"]],
    ["oss-policy plan --json re", ["report one.json", "reports"]],
    ["oss-policy plan --json=report", ["report one.json", "reports"]],
    ["oss-policy plan --policies re", ["reports"]],
    ["oss-policy access unknown ", []],
  ];
  const files = {
    ...policies,
    "a folder/account.yaml": accountFile,
    "a folder/x.yaml": "bucket: elsewhere\npolicy: none\n",
    "report one.json": "{}",
    "reports/x.json": "{}",
  };
  const found = await inBash(
    cases.map(([line]) => line),
    files,
  );
  expect(found.map((words) => [...words].sort())).toEqual(cases.map(([, expected]) => [...expected].sort()));
});
