import { describe, expect, test } from "vitest";
import { runCli, writeTree } from "../support/run-cli.ts";

const file = `bucket: one
policy:
  Version: "1"
  Statement:
    - { Effect: Deny, Principal: ["202147604049350001"], Action: ["oss:*"], Resource: ["acs:oss:*:*:one"] }
`;

/** A tree whose account.yaml goes on as given. */
function tree(more: string): string {
  return writeTree({
    "account.yaml": `account: "1746495857600001"\nregion: cn-hangzhou\n${more}`,
    "one.yaml": file,
  });
}

describe("an operator that no request can come from switches no check off", () => {
  test.each([
    ["a name that is none", "dta-team"],
    ["the ARN of a RAM user", '"acs:ram::1746495857600001:user/ops"'],
    ["a role without a session", '"arn:sts::1746495857600001:assumed-role/ops"'],
  ])("%s", async (_, principal) => {
    const folder = tree(`operators: [{ principal: ${principal} }]\n`);
    const validated = await runCli(["validate", "--policies", folder]);
    expect([validated.code, validated.stdout]).toEqual([1, expect.stringContaining("[question]")]);
    const planned = await runCli(["plan", "--sandbox", "--policies", folder]);
    expect(planned.code).not.toBe(0);
    expect(planned.stdout).toContain("locks-out-operator");
  });

  test.each([
    '{ "acs:SourceIp": "10.0.0.1/99" }',
    '{ "acs:SecureTransport": "yes" }',
    '{ "acs:SourceVpc": "vpce-1" }',
    '{ "oss:Prefix": "a" }',
  ])("a value that no request has: %s", async (given) => {
    const folder = tree(`operators: [{ principal: "202147604049350009", with: ${given} }]\n`);
    const planned = await runCli(["plan", "--sandbox", "--policies", folder]);
    expect(planned.code).not.toBe(0);
    expect(planned.stdout).toContain("locks-out-operator");
  });

  test("the owner, with a VPC that is none", async () => {
    const folder = writeTree({
      "account.yaml": `account: "1746495857600001"
region: cn-hangzhou
operators: [{ principal: owner, with: { "acs:SourceVpc": vpce-1 } }]
`,
      "one.yaml": `bucket: one
policy:
  Version: "1"
  Statement:
    - Effect: Deny
      Principal: ["*"]
      Action: ["oss:*"]
      Resource: ["acs:oss:*:*:one", "acs:oss:*:*:one/*"]
      Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-t4nlw426y44rd3iq4xxxx"] } }
`,
    });
    const validated = await runCli(["validate", "--policies", folder]);
    expect(validated.stdout).toContain("no request is like this, so nothing would be proved");
    const planned = await runCli(["plan", "--sandbox", "--policies", folder]);
    expect([planned.code, planned.stdout]).toEqual([1, expect.stringContaining("locks-out-owner")]);
  });

  test("anonymous callers", async () => {
    const folder = tree("operators: [{ principal: anonymous }]\n");
    const { code, stdout } = await runCli(["validate", "--policies", folder]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("an anonymous caller cannot be an operator")]);
  });

  test("one that a policy does not deny is no finding", async () => {
    const folder = tree('operators: [{ principal: "202147604049350009" }]\n');
    const planned = await runCli(["plan", "--sandbox", "--policies", folder]);
    expect([planned.code, planned.stdout]).toEqual([0, expect.not.stringContaining("locks-out")]);
  });
});

describe("a guardrail that no request can break is an error", () => {
  const guardrail = (fields: string) =>
    `guardrails:\n  - { name: no writes, Principal: ["anonymous"], ${fields} }\n`;

  test.each([
    ["an action that is none", 'Action: ["oss:PutObjct"], Resource: ["*"]', "did you mean `oss:PutObject`?"],
    ["a resource of no form", 'Action: ["oss:PutObject"], Resource: ["web/*"]', "the resource `web/*`"],
    [
      "a key that its actions do not have",
      'Action: ["oss:PutObject"], Resource: ["*"], Condition: { StringEquals: { "oss:Prefix": ["x"] } }',
      "matches no request",
    ],
    [
      "actions on objects, and a resource that is a bucket",
      'Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:web"]',
      "matches no request",
    ],
    [
      "actions on buckets, and resources that are objects",
      'Action: ["oss:PutBucketPolicy"], Resource: ["acs:oss:*:*:web/*"]',
      "matches no request",
    ],
    [
      "an action on buckets beside one on objects, and resources that are objects",
      'Action: ["oss:PutObject", "oss:PutBucketPolicy"], Resource: ["acs:oss:*:*:web/*"]',
      "matches no request of `oss:PutBucketPolicy`",
    ],
    [
      "a key that one of its actions does not have",
      'Action: ["oss:ListObjects", "oss:GetObject"], Resource: ["*"], Condition: { StringEquals: { "oss:Prefix": ["x"] } }',
      "matches no request of `oss:GetObject`",
    ],
  ])("%s", async (_, fields, message) => {
    const { code, stdout } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each([
    'Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:prod-*/*"]',
    'Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:prod-*"]',
    'Action: ["oss:PutBucketPolicy"], Resource: ["acs:oss:*:*:prod-?"]',
    'Action: ["oss:*"], Resource: ["acs:oss:*:*:prod"]',
    'Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:prod", "acs:oss:*:*:prod/a"]',
  ])("one about other buckets is none: %s", async (fields) => {
    const { code } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
    expect(code).toBe(0);
  });

  test.each([
    ['["*"]', "guards nothing: its `except` leaves out every bucket"],
    ['["o*", "x"]', "guards nothing: its `except` leaves out every bucket"],
    ['["wbe"]', "no file of the account is about a bucket `wbe`"],
  ])(
    "one that leaves out all buckets, or a bucket without a file, is a warning: %s",
    async (except, message) => {
      const fields = `Action: ["oss:PutObject"], Resource: ["*"], except: ${except}`;
      const { code, stdout } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
      expect([code, stdout]).toEqual([0, expect.stringContaining(message)]);
    },
  );

  test("one that leaves out buckets to come by a pattern is none", async () => {
    const fields = 'Action: ["oss:PutObject"], Resource: ["*"], except: ["prod-*"]';
    const { stdout } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
    expect(stdout).not.toContain("except");
  });

  test("two of one name are an error: an accept would cover both", async () => {
    const fields = 'Action: ["oss:PutObject"], Resource: ["*"]';
    const second = guardrail(fields).replace("guardrails:\n", "");
    const { code, stdout } = await runCli(["validate", "--policies", tree(guardrail(fields) + second)]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("another guardrail has the name `no writes`"),
    ]);
  });
});

describe("an expectation that speaks of no request, or of a key that no object has", () => {
  const open = `bucket: one
expect:
  - EXPECTATION
policy:
  Version: "1"
  Statement:
    - { Effect: Allow, Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:one/secret/*"] }
`;
  const validated = (expectation: string) =>
    runCli([
      "validate",
      "--policies",
      writeTree({
        "account.yaml": 'account: "1746495857600001"\nregion: cn-hangzhou\n',
        "one.yaml": open.replace("EXPECTATION", expectation),
      }),
    ]);

  test.each([
    [
      '{ denied: anonymous, do: oss:GetObject, to: "*", with: { "acs:SourceVpc": "vpce-1" } }',
      "no request is like",
    ],
    [
      '{ cannot: anonymous, do: oss:GetObject, to: "a", with: { "oss:Prefix": "x" } }',
      "correct `oss:Prefix`",
    ],
    ['{ cannot: anonymous, do: oss:GetObject, to: "/secret/*" }', "begins with a slash"],
    [
      '{ cannot: anonymous, do: [oss:GetObject, oss:ListObjects], with: { "oss:Prefix": "x" } }',
      "no request of `oss:GetObject` is like this",
    ],
    [
      "{ cannot: anonymous, do: [oss:GetObject, oss:PutBucketPolicy] }",
      "no request of `oss:GetObject` is like this",
    ],
    ['{ cannot: anonymous, do: oss:GetObject, to: "" }', "no object has an empty key"],
  ])("%s is an error", async (expectation, message) => {
    const { code, stdout } = await validated(expectation);
    expect([code, stdout]).toEqual([1, expect.stringContaining(message)]);
  });

  test.each([
    ["acs:oss:*:*:one/secret/*", "contains another address", "write `secret/*`"],
    ["oss://one/secret/*", "contains another address", "write `secret/*`"],
    ["one/secret/*", "begins with the name of the bucket", "write `secret/*`"],
    ["one/", "begins with the name of the bucket", "name the key"],
  ])("`to: %s` is a warning", async (to, message, help) => {
    const { code, stdout } = await validated(`{ cannot: anonymous, do: oss:GetObject, to: "${to}" }`);
    expect(stdout).toContain(message);
    expect(stdout).toContain(help);
    expect(code).toBe(0);
  });
});

test.each(["# \u202e hidden", "reason: \u2066x"])(
  "a bidirectional character is refused: %j",
  async (line) => {
    const { code, stdout } = await runCli(["validate", "--policies", tree(`${line}\n`)]);
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining("makes the line look different from what it says"),
    ]);
  },
);
