import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { accessDifference } from "../../src/access/difference.ts";
import { parseDesired } from "../../src/desired/desired.ts";
import { bucketOf, desiredPolicy } from "../../src/desired/desired-policy.ts";
import { fixTexts } from "../../src/edit/fix-texts.ts";
import { lintBuckets } from "../../src/lint/lint.ts";
import { oneOf, picker, type Pick } from "../soak/random.ts";
import { accountFile } from "../support/run-cli.ts";
import { runs } from "../support/runs.ts";

const own = "acs:oss:*:1746495857600001:";
const user = "202147604049351234";

/** Texts whose correction would change what they allow or deny, among those that are right. */
const principals = [
  user,
  "*",
  `${own.replace("acs:oss:*", "arn:sts:")}assumed-role/etl/*`,
  `${own.replace("acs:oss:*", "arn:sts:")}assumed-role/etl/a,b`,
  `${own.replace("acs:oss:*", "arn:sts:")}assumed-role/etl/**`,
  " *",
  "*\u200b",
  "**",
  "****************",
  `${user}, *`,
];
const actions = [
  "oss:GetObject",
  "oss:Get*",
  "oss:*",
  "*",
  "oss:GetObject,*",
  "*; oss:PutObject",
  "oss:**",
  "** ",
  " *",
  "s3:*",
];
const resources = [
  "web",
  "web/*",
  "web/",
  "web/* ",
  "web/a, b",
  "web/a\u200b*",
  "web/logs/**",
  "other/web/*",
  "**",
].map((name) => own + name);
const values: Readonly<Record<string, readonly string[]>> = {
  "acs:SourceVpc": ["vpc-1", "vpc-1,*", "vpc-*;vpc-2", "vpc-**", "*\u200b", "vpc-1*\u200b", "** "],
  "acs:AccessId": ["LTAI1", "LTAI****************", "LTAI1,*", "STS.N****abc"],
  "oss:Prefix": ["a/", "a*,*", "a/,b/", "a/ ", "a\u200b*"],
  "acs:UserAgent": ["curl/* ", "a,*", "a\u200b"],
};
const deniedPrincipals = ["arn:sts::1746495857600001:assumed-role/ETL/*"];
const deniedActions = [
  "oss:HeadObject",
  "oss:GetObjectMeta",
  "oss:GetObject,oss:PutObject",
  "s3:GetObjectAttributes",
];
const deniedVpcs = ["vpc-1,vpc-2", "vpc-1\n", "vpc-1\u200b", " vpc-1"];

function statementBy(pick: Pick) {
  const isDeny = pick(2) === 0;
  const some = (all: readonly string[], denied: readonly string[] = []) => {
    const from = isDeny ? [...all, ...denied] : all;
    return [oneOf(from, pick) ?? "", ...(pick(3) === 0 ? [oneOf(from, pick) ?? ""] : [])];
  };
  const operator = oneOf(["StringEquals", "StringLike", "StringNotEquals", "StringNotLike"], pick) ?? "";
  const key = oneOf(Object.keys(values), pick) ?? "";
  const isOpening = key === "acs:SourceVpc" && (isDeny || operator.includes("Not"));
  const condition = {
    [operator]: { [key]: some([...(values[key] ?? []), ...(isOpening ? deniedVpcs : [])]) },
  };
  return {
    Effect: isDeny ? "Deny" : "Allow",
    Principal: some(principals, deniedPrincipals),
    Action: some(actions, deniedActions),
    Resource: some(resources),
    ...(pick(3) === 0 ? {} : { Condition: condition }),
  };
}

function judge(text: string) {
  const desired = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text },
  ]);
  return {
    desired,
    findings: [...desired.diagnostics, ...[...lintBuckets(desired.buckets).values()].flat()],
  };
}

async function fixOne(text: string): Promise<string> {
  const { texts } = await fixTexts((texts) => {
    const current = texts.get("one.yaml") ?? text;
    return Promise.resolve({ findings: judge(current).findings, sources: new Map([["one.yaml", current]]) });
  });
  return texts.get("one.yaml") ?? text;
}

function effects(before: string, after: string): readonly string[] {
  const [was] = judge(before).desired.buckets;
  const [is] = judge(after).desired.buckets;
  if (was === undefined || is === undefined) return ["no bucket"];
  const found = accessDifference(desiredPolicy(was), desiredPolicy(is), bucketOf(was));
  return found.verdict === "different" ? found.regions.map(({ effect }) => effect) : [];
}

function fileWith(...statements: readonly object[]): string {
  return stringify({ bucket: "web", policy: { Version: "1", Statement: statements } }, { lineWidth: 0 });
}

describe("a correction leaves the access as it is", () => {
  test("for texts that mean something to OSS, or of which only a wildcard would be left", async () => {
    let corrected = 0;
    for (let seed = 1; seed <= runs(300, 3000); seed += 1) {
      const text = fileWith(statementBy(picker(seed)));
      const fixed = await fixOne(text);
      if (fixed === text) continue;
      corrected += 1;
      expect(effects(text, fixed), `${text}\n=>\n${fixed}`).toEqual([]);
    }
    expect(corrected).toBeGreaterThan(5);
  }, 60_000);

  const grant = { Effect: "Allow", Principal: [user], Action: ["oss:GetObject"], Resource: [`${own}web/*`] };
  const deny = { ...grant, Effect: "Deny" };

  test.each([
    [
      "a list with a wildcard in a test",
      { ...grant, Condition: { StringLike: { "acs:SourceVpc": ["vpc-1,*"] } } },
    ],
    [
      "a prefix with a comma",
      {
        ...grant,
        Action: ["oss:ListObjects"],
        Resource: [`${own}web`],
        Condition: { StringLike: { "oss:Prefix": ["a*,*"] } },
      },
    ],
    ["a slash without a key", { ...grant, Action: ["oss:*"], Resource: [`${own}web/`] }],
    [
      "a list in a test that excludes",
      { ...deny, Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1,vpc-2"] } } },
    ],
    ["a list of actions with a wildcard", { ...grant, Action: "oss:GetObject,*" }],
    ["a masked UID", { ...grant, Principal: ["****************"] }],
    ["two asterisks as the principal", { ...grant, Principal: ["**"] }],
    ["a blank before the principal", { ...grant, Principal: [" *"] }],
    ["a list of principals with a wildcard", { ...grant, Principal: `${user}, *` }],
    [
      "a masked id of a key",
      { ...grant, Condition: { StringLike: { "acs:AccessId": ["LTAI****************"] } } },
    ],
    ["an operation in a Deny", { ...deny, Action: ["oss:HeadObject"] }],
    ["a session with a comma", { ...grant, Principal: ["arn:sts::1746495857600001:assumed-role/etl/a,b"] }],
    ["a misspelt action that destroys", { ...grant, Action: ["oss:DeleteBuckt"], Resource: [`${own}web`] }],
    [
      "a misspelt action that changes the policy",
      { ...grant, Action: ["oss:PutBucketPolice"], Resource: [`${own}web`] },
    ],
    ["every action of another cloud", { ...grant, Action: ["s3:*"] }],
  ])("%s is an error without a correction", async (_, statement) => {
    const text = fileWith(statement);
    expect(judge(text).findings.map(({ severity }) => severity)).toContain("error");
    expect(await fixOne(text)).toBe(text);
  });

  test.each([
    ["oss: GetObject", "oss:GetObject"],
    ["oss:Get Object", "oss:GetObject"],
    ["oss:GetObject,oss:PutObject", ["oss:GetObject", "oss:PutObject"]],
    ["oss:GetObject oss:PutObject", ["oss:GetObject", "oss:PutObject"]],
    ["oss:GetObjct", "oss:GetObject"],
    ["oss:HeadObject", "oss:GetObject"],
  ])("the action %s is corrected", async (written, meant) => {
    const after = judge(await fixOne(fileWith({ ...grant, Action: written }))).desired.buckets[0];
    const meantText = fileWith({ ...grant, Action: meant });
    const expected = judge(meantText).desired.buckets[0];
    expect(after?.policy).toEqual(expected?.policy);
  });
});
