import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const account =
  'account: "1746495857600001"\nregion: cn-hangzhou\nidentities: { alice: "202147604049351234" }\n';
const bucket = (more: string) => `bucket: data
${more}policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: ["\${alice}"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:data/*"] }
`;

async function errorsIn(ofAccount: string, ofBucket = "") {
  const tree = writeTree({ "account.yaml": account + ofAccount, "data.yaml": bucket(ofBucket) });
  const { stdout } = await runCli(["validate", "--policies", tree]);
  const errors = stdout
    .split("\n")
    .flatMap((line) => /(\w+\.yaml:\d+:\d+: error: .*) \[/.exec(line)?.[1] ?? []);
  return { errors, stdout, tree };
}

test.each([
  [
    "limits: { changes: { percent: 30 } }\n",
    "4:11: error: `changes` is not a key of `limits`",
    "did you mean `change`?",
  ],
  [
    "limits: { delete: { cuont: 1 } }\n",
    "4:21: error: `cuont` is not a key of `limits.delete`",
    "did you mean `count`?",
  ],
  [
    "operators: [{ principle: alice }]\n",
    "4:15: error: `principle` is not a key of operators",
    "did you mean `principal`?",
  ],
  ["operators: [{ principal: alise }]\n", "4:26: error: `alise` is not a principal", "did you mean `alice`?"],
])(
  "%s is one mistake, at the word that is wrong, with the word that is meant",
  async (more, message, help) => {
    const { errors, stdout } = await errorsIn(more);
    expect(errors).toEqual([`account.yaml:${message}`]);
    expect(stdout).toContain(help);
  },
);

test.each([
  ["{ can: alice, do: oss:GetObjct, to: a }", "2:28: error: `oss:GetObjct` is not an action"],
  ["{ can: alise, do: oss:GetObject, to: a }", "2:17: error: `alise` is not a principal"],
  [
    '{ can: alice, do: oss:GetObject, to: a, with: { "acs:SourceIpp": x } }',
    "2:56: error: `acs:SourceIpp` is not",
  ],
])("a finding on an expectation sits on the value: %s", async (expectation, message) => {
  const { errors } = await errorsIn("", `expect: [${expectation}]\n`);
  expect(errors).toEqual([expect.stringContaining(`data.yaml:${message}`)]);
});

test.each([
  ["expect: [{ can: 202147604049351234, do: oss:GetObject, to: a }]\n", ""],
  ['expect: [{ can: alice, do: oss:GetObject, to: a, with: { "acs:SecureTransport": true } }]\n', ""],
  ["accept: [{ hazard: removes-policy, reason: 123 }]\n", ""],
  ["vars: { team: [202147604049351234] }\n", ""],
  ["", 'guardrails: [{ name: g, Principal: [202147604049351234], Action: "oss:Put*", Resource: "*" }]\n'],
  ["", "operators: [{ principal: 202147604049351234 }]\n"],
])(
  "a value without quotes is reported with the fix, which --fix makes: %s%s",
  async (ofBucket, ofAccount) => {
    const { errors, stdout, tree } = await errorsIn(ofAccount, ofBucket);
    expect(errors).toEqual([expect.stringMatching(/must be a string$/)]);
    expect(stdout).toMatch(/help: write it in quotes: `"\w+"`/);
    await runCli(["validate", "--fix", "--policies", tree]);
    const fixed = readFileSync(join(tree, ofBucket === "" ? "account.yaml" : "data.yaml"), "utf8");
    expect(fixed).toMatch(/"(?:202147604049351234|true|123)"/);
    const after = await runCli(["validate", "--policies", tree]);
    expect([after.code, after.stdout]).toEqual([0, expect.stringContaining("0 errors")]);
  },
);
