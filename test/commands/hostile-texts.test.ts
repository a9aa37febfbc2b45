import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const bucket = (statement: string, above = "") => `bucket: data
policy:
  Version: "1"
  Statement:
    ${above}
    - { Effect: Allow, Principal: ["202147604049350001"], Action: "oss:GetObject", Resource: ${statement} }
`;
const own = '"acs:oss:*:*:data/*"';
const blanks = " ".repeat(50_000);

/** Texts on which a pattern of blanks or letters takes minutes if it tries all ways to divide them. */
const texts: Readonly<Record<string, readonly [file: string, found: string]>> = {
  "an ignore comment with blanks and a line separator": [
    bucket(own, `# oss-policy-ignore${blanks}\u2028x`),
    "oss-policy-ignore",
  ],
  "a reason with blanks": [
    bucket(own, `# oss-policy-ignore unknown-action: a${blanks}b`),
    "Validate: 1 bucket",
  ],
  "a resource with blanks": [bucket(`"acs:oss:*:*:data/a${blanks}b"`), "Validate: 1 bucket"],
  "variables in one long word": [bucket(`[${"${x}".repeat(20_000)}]`), "in brackets needs quotes"],
  "thousands of unknown keys": [
    `${bucket(own)}${Array.from({ length: 10_000 }, (_, at) => `polic${at}: x\n`).join("")}`,
    "20 errors",
  ],
};

test.each(Object.entries(texts))("%s is read at once", async (_, [file, found]) => {
  const tree = writeTree({ "account.yaml": accountFile, "data.yaml": file });
  const { stdout } = await runCli(["validate", "--policies", tree]);
  expect(stdout.length).toBeLessThan(1_000_000);
  expect(stdout).toContain(found);
});
