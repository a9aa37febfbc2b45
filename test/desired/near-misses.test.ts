import { expect, test } from "vitest";
import { runCli, accountFile, writeTree } from "../support/run-cli.ts";

/** What validate prints of a bucket file with these lines below its policy. */
async function printedOf(lines: string): Promise<string> {
  const policies = writeTree({
    "account.yaml": accountFile,
    "one.yaml": `bucket: one\npolicy: none\n${lines}\n`,
  });
  return (await runCli(["validate", "--policies", policies])).stdout;
}

test.each([
  ["accept: [{ hazard: grants-pubic-access, reason: a }]", "grants-public-access"],
  ["accept: [{ hazrd: refused-by-oss, reason: a }]", "hazard"],
  ["expect: [{ canot: anonymous, do: oss:GetObject, to: a }]", "cannot"],
  ["expect: [{ can: anonymos, do: oss:GetObject, to: a }]", "anonymous"],
  ["expect: [{ can: anonymous, do: oss:GetObjct, to: a }]", "oss:GetObject"],
  ["expect: [{ can: anonymous, do: HeadBucket }]", "oss:GetBucketInfo"],
  ['expect: [{ can: anonymous, do: oss:GetObject, to: a, with: { "acs:SourceVcp": b } }]', "acs:SourceVpc"],
])("%s", async (lines, meant) => {
  expect(await printedOf(lines)).toContain(`help: did you mean \`${meant}\`?`);
});

test("a hazard of one live policy needs its digest", async () => {
  expect(await printedOf("accept: [{ hazard: reopens-drift, reason: a }]")).toContain(
    "help: write the digest of the live policy as `live`",
  );
});

test("a misspelt code in an ignore comment", async () => {
  const policies = writeTree({
    "account.yaml": accountFile,
    "one.yaml": `bucket: one
policy:
  # oss-policy-ignore look-alikes: a trial
  Version: "1"
  Statement: []
`,
  });
  const { stdout } = await runCli(["validate", "--policies", policies]);
  expect(stdout).toContain("no finding has the code `look-alikes`");
  expect(stdout).toContain("help: did you mean `look-alike`?");
});
