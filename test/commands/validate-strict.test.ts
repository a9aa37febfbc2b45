import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const file = (statement: string) =>
  `bucket: data\npolicy:\n  Version: "1"\n  Statement:\n    - { Effect: Allow, ${statement}, Resource: ["acs:oss:*:*:data/*"] }\n`;
const reads = 'Action: ["oss:GetObject"]';

test.each([
  ["a warning", file(`Principal: ["*"], ${reads}`), [0, 1], "1 warning, and --strict fails on warnings"],
  ["no finding", file(`Principal: ["202147604049351234"], ${reads}`), [0, 0], "success"],
  ["an error", file(`Principal: ["me"], ${reads}`), [1, 1], "1 error finding"],
] as const)("--strict fails on warnings as well: %s", async (_, text, codes, reason) => {
  const tree = writeTree({ "account.yaml": accountFile, "data.yaml": text });
  const plain = await runCli(["validate", "--policies", tree]);
  const strict = await runCli(["validate", "--strict", "--policies", tree]);
  expect([plain.code, strict.code]).toEqual(codes);
  expect(strict.stdout).toContain(reason);
});

test("the reason of an offered accept has to be replaced", async () => {
  const pasted = 'accept:\n  - { hazard: grants-public-access, reason: "say why" }\n';
  const tree = writeTree({
    "account.yaml": accountFile,
    "data.yaml": file(`Principal: ["*"], ${reads}`) + pasted,
  });
  const { stdout } = await runCli(["validate", "--policies", tree]);
  expect(stdout).toContain("data.yaml:7:5: warning: the reason of this accept is still `say why`");
});
