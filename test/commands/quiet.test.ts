import { describe, expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

/** It has a note (a statement that another makes needless), a warning and an error. */
const tree = {
  "account.yaml": accountFile,
  "one.yaml": `bucket: one
policy:
  Version: "1"
  Statement:
    - { Effect: Deny, Principal: ["7"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*"] }
    - { Effect: Deny, Principal: ["7"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/a"] }
expect:
  - { can: "7", do: oss:GetObject, to: a }
accept:
  - { hazard: refused-by-oss, reason: r, until: 2020-01-01 }
`,
};

const run = (...words: readonly string[]) => runCli([...words, "--policies", writeTree(tree)]);

describe("--quiet", () => {
  test("leaves the warnings and errors of validate, and the counts", async () => {
    const loud = await run("validate");
    const { code, stdout } = await run("validate", "--quiet");
    expect(loud.stdout).toContain("note: ");
    expect(stdout).not.toContain("note: ");
    expect(stdout).toContain("[expired-accept]");
    expect(stdout).toContain("[expect]");
    expect(stdout).toContain("1 error, 1 warning, 1 note.");
    expect(code).toBe(1);
  });

  test("does not take notes out of a report", async () => {
    const { stdout } = await run("validate", "--quiet", "--json", "-");
    expect(stdout).toContain('"severity": "note"');
  });

  test.each([
    ["plan", "--sandbox"],
    ["apply", "--sandbox", "--yes"],
    ["import", "--sandbox"],
  ])("leaves no note of %s", async (...words) => {
    const { stdout, stderr } = await run(...words, "--quiet");
    expect(stdout + stderr).not.toContain("note: ");
    expect(stdout).toMatch(/^Exit \d/m);
  });
});
