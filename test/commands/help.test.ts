import { describe, expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";

describe("what many tools know is known here", () => {
  test.each([["help"], ["--help"], ["-h"]])("%s lists the verbs", async (word) => {
    const { code, stdout } = await runCli([word]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: oss-policy .*\n[^]*\n {2}restore /);
  });

  test.each([["version"], ["-v"], ["-V"], ["--version"]])("%s prints the version", async (word) => {
    expect(await runCli([word])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
    });
  });

  test("help of a verb is that verb's own", async () => {
    const { code, stdout } = await runCli(["help", "access"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: oss-policy access [options] <question> [words...]\n");
  });

  test("help of what is no verb names the nearest", async () => {
    const { code, stderr } = await runCli(["help", "plna"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("Did you mean plan?") as string]);
  });

  test("a word that is missing is named as the help names it", async () => {
    expect((await runCli(["access"])).stderr).toContain("missing required argument 'question'");
  });

  test.each<[readonly string[], string]>([
    [["plna"], "(Did you mean plan?)"],
    [["help", "complet"], "(Did you mean completion?)"],
    [["plan", "--exlude", "a"], "(Did you mean --exclude?)"],
    [["restore", "--dryrun"], "(Did you mean --dry-run?)"],
    [["access", "who-cann", "oss:GetObject", "a"], "help: did you mean `who-can`?"],
    [["access", "reprot"], "help: did you mean `report`?"],
    [["explain", "action-csae"], "help: did you mean `action-case`?"],
    [["completion", "zhs"], "help: did you mean `zsh`?"],
  ])("%s: the nearest word is named, and nothing is done", async (words, nearest) => {
    const { code, stdout, stderr } = await runCli(words);
    expect([code, stderr]).toEqual([1, expect.stringContaining(nearest)]);
    expect(stdout).toMatch(/^Exit 1, error: .*\.\n$/);
  });

  test("a verb that is for scripts alone is in no list", async () => {
    expect((await runCli(["help"])).stdout).not.toMatch(/^ {2}complete /m);
  });
});
