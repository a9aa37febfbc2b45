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

  test.each(['{ "acs:SourceIp": "10.0.0.1/99" }', '{ "acs:SecureTransport": "yes" }'])(
    "a value that no request has: %s",
    async (given) => {
      const folder = tree(`operators: [{ principal: "202147604049350009", with: ${given} }]\n`);
      const planned = await runCli(["plan", "--sandbox", "--policies", folder]);
      expect(planned.code).not.toBe(0);
      expect(planned.stdout).toContain("locks-out-operator");
    },
  );

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
  ])("%s", async (_, fields, message) => {
    const { code, stdout } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
    expect([code, stdout]).toEqual([1, expect.stringContaining(message)]);
  });

  test("one about other buckets is none", async () => {
    const fields = 'Action: ["oss:PutObject"], Resource: ["acs:oss:*:*:prod-*/*"]';
    const { code } = await runCli(["validate", "--policies", tree(guardrail(fields))]);
    expect(code).toBe(0);
  });
});
