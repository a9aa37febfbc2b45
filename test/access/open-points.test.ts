import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { accessDifference } from "../../src/access/difference.ts";
import { pointTexts, positionText, type OpenQuestion } from "../../src/access/interpretation-texts.ts";
import { openQuestionsIn } from "../../src/access/interpretations.ts";
import { openQuestions } from "../../src/access/request.ts";
import { unsupported } from "../../src/access/unsupported.ts";
import { allCodes } from "../../src/codes/index.ts";
import { runCli, writeTree } from "../support/run-cli.ts";
import { policyOf } from "./worlds.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/open-points.md", import.meta.url)), "utf8");
const bucket = { name: "one", owner: "1746495857600001" };

const statement = (fields: object) => ({
  Effect: "Allow",
  Principal: ["202147604049351234"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:*:one/*"],
  ...fields,
});

const inVpc = { StringEquals: { "acs:SourceVpc": ["vpc-1"] } };

/** For each point a statement that depends on it, and the rule that says so; none where no file can avoid it. */
const points: Readonly<
  Record<Exclude<OpenQuestion, "accountUid">, { readonly fields: object; readonly code: string | undefined }>
> = {
  absentKey: { fields: { Condition: { StringNotEquals: { "acs:UserAgent": ["a"] } } }, code: undefined },
  absentText: { fields: { Condition: { StringLike: { "acs:UserAgent": ["*"] } } }, code: undefined },
  emptyCondition: { fields: { Principal: ["*"], Effect: "Deny", Condition: {} }, code: "empty-condition" },
  mixedPrincipals: {
    fields: { Principal: ["*", "202147604049351234"], Effect: "Deny" },
    code: "mixed-principals",
  },
  ownerNamed: { fields: { Principal: ["1746495857600001"], Effect: "Deny" }, code: undefined },
  actionCase: { fields: { Action: ["oss:getobject"] }, code: "action-case" },
  roleCase: { fields: { Principal: ["arn:sts::1:assumed-role/Ops/*"] }, code: "role-case" },
  boolCase: {
    fields: { Condition: { Bool: { "acs:SecureTransport": ["True"] } } },
    code: "condition-value",
  },
  hostBits: {
    fields: { Condition: { IpAddress: { "acs:SourceIp": ["10.0.0.7/24"] }, ...inVpc } },
    code: "host-bits",
  },
  unquotedValue: {
    fields: { Condition: { Bool: { "acs:SecureTransport": [true] } } },
    code: "unquoted-value",
  },
  namedRegion: { fields: { Resource: ["acs:oss:cn-hangzhou:*:one/*"] }, code: "resource-region" },
  foreignOwner: { fields: { Resource: ["acs:oss:*:99:one/*"] }, code: "resource-owner" },
};

/** What is never decided, with the rule that says so. */
const undecided: readonly (readonly [name: string, fields: object, code: string])[] = [
  ["an empty list of actions", { Action: [] }, "policy-shape"],
  ["an empty list of resources", { Resource: [] }, "policy-shape"],
  ["an empty list of values", { Condition: { StringEquals: { "acs:UserAgent": [] } } }, "never-true"],
  ["a resource of another form", { Resource: ["one/*"] }, "resource-form"],
  [
    "an IPv4 address written as an IPv6 one",
    { Condition: { IpAddress: { "acs:SourceIp": ["::ffff:a00:1"] }, ...inVpc } },
    "undecided-value",
  ],
  [
    "a date without a time",
    { Condition: { DateLessThan: { "acs:CurrentTime": ["2026-12-31"] } } },
    "undecided-value",
  ],
  [
    "another spelling of a number",
    { Condition: { NumericEquals: { "oss:object-remaining-retention-days": ["1e3"] } } },
    "undecided-value",
  ],
  ["a policy variable", { Resource: ["acs:oss:*:*:one/$${ram:UserName}/*"] }, "policy-variable"],
  [
    "acs:PrincipalArn",
    { Condition: { StringLike: { "acs:PrincipalArn": ["acs:ram::1:role/ops"] } } },
    "unknown-condition-key",
  ],
  [
    "an operator without a documented meaning",
    { Condition: { IpAddressIncludeBorder: { "acs:SourceIp": ["10.0.0.1"] } } },
    "undocumented-operator",
  ],
];

async function codesOf(fields: object): Promise<readonly string[]> {
  const folder = writeTree({
    "account.yaml": `account: "${bucket.owner}"\nregion: cn-hangzhou\n`,
    "one.yaml": `bucket: one\npolicy: ${JSON.stringify({ Version: "1", Statement: [statement(fields)] })}\n`,
  });
  const { stdout } = await runCli(["validate", "--policies", folder]);
  return [...stdout.matchAll(/\[([a-z-]+)\]$/gm)].map(([, code = ""]) => code);
}

function explanationOf(code: string): string {
  return allCodes.find((one) => one.code === code)?.explanation ?? "";
}

describe.each(Object.entries(points))("the open point %s", (name, { fields, code }) => {
  const point = name as OpenQuestion;

  test("is one to the analysis, and to the page about them", () => {
    expect(openQuestionsIn([policyOf([statement(fields)])], bucket)).toContain(point);
    expect(page).toContain(pointTexts[point].question);
    for (const position of openQuestions[point])
      expect(page).toContain(positionText({ name: point, position }));
  });

  if (code === undefined) return;
  test("has a finding and an explanation that say so", async () => {
    expect(await codesOf(fields)).toContain(code);
    expect(explanationOf(code)).toMatch(/document/);
    expect(page).toContain(`\`${code}\``);
  });
});

test.each(undecided)("%s is never decided, and has a finding", async (_, fields, code) => {
  const policy = policyOf(
    [JSON.parse(JSON.stringify(statement(fields)).replace("$$", "$")) as object].map((one) => ({ ...one })),
  );
  expect(unsupported(policy)).not.toEqual([]);
  expect(accessDifference("none", policy, bucket).verdict).toBe("undecided");
  expect(await codesOf(fields)).toContain(code);
  expect(page).toContain(`\`${code}\``);
});
