import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const file = `bucket: data
policy:
  Version: "1"
  Statement:
    - Effect: Allow
      Principal: ["202147604049350001"]
      Action: ["oss:GetObject"]
      Resource: ["acs:oss:*:*:data/*"]
      # oss-policy-ignore operator-family: found at import
      # oss-policy-ignore unknown-operator: found at import
      Condition: { stringequals: { "acs:UserAgent": ["x"] } }
`;
const asked = (...words: readonly string[]) =>
  runCli(["access", ...words, "--policies", writeTree({ "account.yaml": accountFile, "data.yaml": file })]);

test("a statement without a known meaning leaves nothing open for callers that it does not name", async () => {
  const other = await asked("can", "anonymous", "oss:GetObject", "data/*");
  expect(other.stdout).toMatch(/^no: anonymous oss:GetObject on data\/\*/);
  const all = await asked("public");
  expect(all.stdout).toContain("No policy allows anonymous callers anything (proved).");
  const own = await asked("can", "202147604049350001", "oss:GetObject", "data/*");
  expect(own.stdout).toMatch(/^undecided/);
});
