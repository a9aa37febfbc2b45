import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

/** Findings of validate for one file beside account.yaml. */
async function findingsOf(
  text: string,
): Promise<{ readonly lines: readonly string[]; readonly code: number }> {
  const tree = writeTree({ "account.yaml": accountFile, "one.yaml": text });
  const { code, stdout } = await runCli(["validate", "--policies", tree]);
  return { code, lines: stdout.split("\n").filter((line) => /(error|warning): .*\[[a-z-]+\]$/.test(line)) };
}

const statement =
  '    - { Effect: Allow, Principal: ["1"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/*"] }\n';

test.each([
  [
    "an alias bomb",
    `a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n${Array.from(
      { length: 9 },
      (_, index) =>
        `a${index + 1}: &a${index + 1} [${Array.from({ length: 10 }, () => `*a${index}`).join(", ")}]\n`,
    ).join("")}`,
    /the file has more than 20000 values/,
  ],
  ["16 MB", `bucket: one\npolicy: none\n# ${"x".repeat(16_000_000)}\n`, /is larger than 4000000 bytes/],
  [
    "4,000 statements",
    `bucket: one\npolicy:\n  Version: "1"\n  Statement:\n${statement.repeat(4_000)}`,
    /more than 256000 characters|more than 400 statements/,
  ],
  [
    "401 statements",
    `bucket: one\npolicy:\n  Version: "1"\n  Statement:\n${statement.repeat(401)}`,
    /more than 400 statements/,
  ],
  ["brackets in brackets", `bucket: ${"[".repeat(100_000)}`, /nested too deeply|`\[` is not closed/],
] as const)("%s is one finding", async (_, text, message) => {
  const { code, lines } = await findingsOf(text);
  expect(code).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(message);
});
