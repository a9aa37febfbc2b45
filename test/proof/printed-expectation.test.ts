import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

const owner = "1746495857600001";
const account = `account: "${owner}"
region: cn-hangzhou
identities: { team: "202147604049351234" }
`;

const key = fc.constantFrom("", "/a", "/*", "/logs/*", "/logs/a?", "/$${x}", "/*.gz");
const condition = fc.constantFrom<object | undefined>(
  undefined,
  undefined,
  {},
  { Bool: { "acs:SecureTransport": ["false"] } },
  { Bool: { "acs:SecureTransport": ["true"] } },
  { StringEquals: { "acs:SourceVpc": ["vpc-1"] } },
  { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } },
  { StringLike: { "acs:UserAgent": ["aws-*"] } },
  { StringNotLike: { "acs:UserAgent": ["*"] } },
  { StringNotEquals: { "acs:AccessId": ["", "TMP.a"] } },
  { StringLike: { "oss:Prefix": ["logs/*"] } },
  { DateLessThan: { "acs:CurrentTime": ["2027-01-01T00:00:00Z"] } },
  { IpAddress: { "acs:SourceIp": ["203.0.113.0/24"] }, StringLike: { "acs:SourceVpc": ["*"] } },
);
const statement = fc
  .record({
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    Principal: fc.constantFrom(
      ["*"],
      ["202147604049351234"],
      [owner],
      ["arn:sts::1746495857600001:assumed-role/etl/*"],
      ["*", "7"],
    ),
    Action: fc.constantFrom(["oss:GetObject"], ["oss:*"], ["oss:Get*"], ["oss:ListObjects"], ["oss:put*"]),
    Resource: key.map((text) => [`acs:oss:*:${owner}:one${text}`]),
    Condition: condition,
  })
  .map(({ Condition, ...rest }) => (Condition === undefined ? rest : { ...rest, Condition }));
const statements = fc.array(statement, { minLength: 1, maxLength: 4 });
const question = fc.record({
  principal: fc.constantFrom("*", "owner", owner, "anonymous", "team", "9", "arn:sts::7:assumed-role/etl/x"),
  action: fc.constantFrom("oss:GetObject", "oss:*", "oss:Get*", "oss:ListObjects", "oss:PutBucketPolicy"),
  resource: key.map((text) => `one${text.replace("$$", "$")}`),
  given: fc.subarray([
    "acs:SecureTransport=false",
    "acs:SourceVpc=vpc-1",
    "acs:UserAgent=aws-${x}",
    "acs:SourceIp=203.0.113.7",
  ]),
});

/** A file in JSON, which is YAML too, but for its expectation. */
function fileText(policy: readonly object[], line: string): string {
  const document = JSON.stringify({ Version: "1", Statement: policy });
  return `bucket: one\npolicy: ${document}\n${line === "" ? "" : `expect:\n${line}\n`}`;
}

/** The line, where there is one; undefined where the question is refused or undecided. */
async function printedLine(folder: string, { principal, action, resource, given }: Question) {
  const words = ["access", "can", principal, action, resource, ...given.flatMap((one) => ["--with", one])];
  const { stdout } = await runCli([...words, "--policies", folder]);
  if (!/^(yes|no|partly): /.test(stdout)) return undefined;
  return /as a test beside the policy:\n(.*)\n/.exec(stdout)?.[1] ?? "";
}

type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

test("the line that access prints for `expect` passes validate, whatever the policy and the question", async () => {
  let printed = 0;
  let asked = 0;
  const folder = writeTree({ "account.yaml": account });
  const file = join(folder, "one.yaml");
  await fc.assert(
    fc.asyncProperty(statements, question, async (policy, one) => {
      writeFileSync(file, fileText(policy, ""));
      const line = await printedLine(folder, one);
      if (line === undefined) return;
      asked += 1;
      if (line === "") return;
      printed += 1;
      writeFileSync(file, fileText(policy, line));
      const { stdout } = await runCli(["validate", "--quiet", "--policies", folder]);
      expect(stdout, readFileSync(file, "utf8")).not.toMatch(
        /\[(expect|question|contradiction|yaml|wrong-value|variable|unknown-key)\]/,
      );
    }),
    { numRuns: runs(100) },
  );
  // A property of lines that are never printed would hold nothing.
  expect(asked).toBeGreaterThan(runs(20));
  expect(printed / asked).toBeGreaterThan(0.9);
});
