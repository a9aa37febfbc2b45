import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newRepository } from "../support/repository.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const bucket = (statement = "") => `bucket: one
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: ["1"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/logs/*"] }
${statement}`;
const open = `    - { Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/public/*"] }
`;
const odd = `    - { Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*"], Condition: { StringLik: { "acs:UserAgent": ["x"] } } }
`;

describe("access public --exit-code", () => {
  test.each([
    ["nothing is public", "", ["--exit-code"], 0, "(proved).\nExit 0, success.\n"],
    ["a policy is public", open, ["--exit-code"], 3, "Exit 3, found: 1 bucket is public.\n"],
    ["it cannot be decided", odd, ["--exit-code"], 3, "Exit 3, found: 1 bucket is undecided.\n"],
    ["it is not given", open, [], 0, "Exit 0, success.\n"],
  ])("where %s", async (_, statement, options, code, end) => {
    const folder = writeTree({ "account.yaml": accountFile, "one.yaml": bucket(statement) });
    const { code: ended, stdout } = await runCli(["access", "public", ...options, "--policies", folder]);
    expect([ended, stdout]).toEqual([code, expect.stringContaining(end)]);
  });
});

describe("access diff --exit-code", () => {
  test("ends with 3 where two revisions differ, and with 0 where they do not", async () => {
    const { folder, commit } = newRepository({
      "policies/account.yaml": accountFile,
      "policies/one.yaml": bucket(),
    });
    commit({ "policies/one.yaml": bucket(open) });
    const diff = (range: string) => runCli(["access", "diff", range, "--exit-code"], { folder });
    const differs = await diff("HEAD~1..HEAD");
    expect([differs.code, differs.stdout]).toEqual([
      3,
      expect.stringMatching(/\nExit 3, found: 1 bucket has another access\.\n$/),
    ]);
    expect((await diff("HEAD..HEAD")).code).toBe(0);
  });

  test.each([
    ["differ", open, 3],
    ["cannot be compared", odd, 3],
    ["are alike", "", 0],
  ])("judges two files that %s", async (_, statement, code) => {
    const folder = writeTree({ "old.yaml": bucket(), "new.yaml": bucket(statement) });
    const files = [join(folder, "old.yaml"), join(folder, "new.yaml")];
    expect((await runCli(["access", "diff", ...files, "--exit-code"])).code).toBe(code);
  });
});

test("--exit-code of a question that finds nothing is refused", async () => {
  const folder = writeTree({ "account.yaml": accountFile, "one.yaml": bucket() });
  const { code, stderr } = await runCli(["access", "matrix", "--exit-code", "--policies", folder]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("use --exit-code with `public` or `diff`")]);
});
