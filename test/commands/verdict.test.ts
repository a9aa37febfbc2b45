import { describe, expect, test } from "vitest";
import type { PlanDocument } from "../../src/plan/plan-schema.ts";
import { findAction } from "../../src/policy/actions.ts";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const file = (bucket: string, statement: string, rest = "") =>
  `bucket: ${bucket}\n${rest}policy:\n  Version: "1"\n  Statement:\n    - { Effect: Allow, Resource: "acs:oss:*:*:${bucket}/*", ${statement} }\n`;
const reading = 'Action: "oss:GetObject"';
const everyone = `Principal: ["*"], ${reading}`;
const someone = (uid: string) => `Principal: ["${uid}"], ${reading}`;
const accept = (hazard: string) => `accept: [{ hazard: ${hazard}, reason: A public site. }]\n`;

/** First line of a plan of these files. */
async function verdictOf(
  files: Readonly<Record<string, string>>,
  ...words: readonly string[]
): Promise<string> {
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const { stdout } = await runCli(["plan", "--sandbox", "--policies", tree, ...words]);
  return stdout.split("\n")[0] ?? "";
}

const site = { "site.yaml": file("site", everyone, accept("grants-public-access")) };

describe("the first line of a plan", () => {
  test("says an accepted danger first, and does not give it to the other changes", async () => {
    expect(await verdictOf(site)).toBe("Review: 1 change opens data to everyone (accepted)");
    const others = { "data.yaml": file("data", someone("2021")), "logs.yaml": file("logs", someone("2021")) };
    expect(await verdictOf({ ...site, ...others })).toBe(
      "Review: 1 of 3 changes opens data to everyone (accepted); 2 more give access to 1 caller, which is not public",
    );
    const admin = file("admin", 'Principal: ["2022"], Action: "oss:*"', accept("grants-administration"));
    expect(await verdictOf({ ...site, "admin.yaml": admin })).toBe(
      "Review: 1 of 2 changes opens data to everyone (accepted); 1 more gives administration (accepted)",
    );
  });

  test("never says everyone where a network confines the anonymous callers", async () => {
    const confined = `${everyone}, Condition: { StringEquals: { "acs:SourceVpc": "vpc-bp1example0001" } }`;
    expect(
      await verdictOf({ "data.yaml": file("data", confined), "logs.yaml": file("logs", someone("2021")) }),
    ).toBe(
      "Review: 1 of 2 changes gives access to anonymous callers; 1 more gives access to 1 caller, which is not public",
    );
  });

  test("never counts callers of any account, or a pattern, as one caller", async () => {
    const roles = (pattern: string) => file("data", someone(`arn:sts::${pattern}`));
    for (const pattern of [
      "*:assumed-role/etl/*",
      "*:assumed-role/*/*",
      "12345678901234??:assumed-role/etl/*",
    ])
      expect(await verdictOf({ "data.yaml": roles(pattern) })).toBe(
        "Review: 1 change gives access to any Alibaba Cloud account",
      );
    const keys = `${everyone}, Condition: { StringLike: { "acs:AccessId": "LTAI*" } }`;
    expect(await verdictOf({ "data.yaml": file("data", keys) })).toBe(
      "Review: 1 change gives access to any Alibaba Cloud account",
    );
    expect(await verdictOf({ "data.yaml": roles("1746495857600001:assumed-role/ci-*/*") })).toBe(
      "Review: 1 change gives access to roles by a pattern, none of them public",
    );
    expect(await verdictOf({ "data.yaml": roles("1746495857600001:assumed-role/ci/*") })).toBe(
      "Review: 1 change gives access to 1 caller, which is not public",
    );
  });

  test("says `may` of what could not be decided", async () => {
    const odd = `${everyone}, Condition: { StringLik: { "acs:UserAgent": "x" } }`;
    const found = await verdictOf(
      { "data.yaml": file("data", odd), "logs.yaml": file("logs", everyone) },
      "--forbid",
      "gains",
    );
    expect(found).toContain("1 may open data to everyone");
    expect(found).toContain("1 of 2 changes opens data to everyone");
  });
});

describe("a Deny that goes away beside a grant that has a hazard of its own", () => {
  const partner = (range: string) =>
    `{ Effect: Allow, Principal: ["2021"], Action: "oss:GetObject", Resource: "acs:oss:*:*:data/open/*", Condition: { IpAddress: { "acs:SourceIp": "${range}" }, StringNotLike: { "acs:SourceVpc": "vpc-*" } } }`;
  const deny = '{ Effect: Deny, Principal: ["2022"], Action: "oss:*", Resource: "acs:oss:*:*:data/*" }';
  const policyOf = (...statements: readonly string[]) =>
    `{ Version: "1", Statement: [${statements.join(", ")}] }`;
  const seed = `buckets: [{ name: data, region: cn-hangzhou, policy: ${policyOf(partner("203.0.113.0/24"), deny)} }]\n`;
  const planned = (more: string) => {
    const tree = writeTree({
      "account.yaml": `${accountFile}${more}`,
      "data.yaml": `bucket: data\npolicy: ${policyOf(partner("203.0.112.0/23"))}\n`,
    });
    const file = writeTree({ "seed.yaml": seed });
    return runCli(["plan", "--sandbox", "--seed", `${file}/seed.yaml`, "--policies", tree]);
  };

  test("is warned of, and is in the first line", async () => {
    const { code, stdout } = await planned("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Review: 1 change gives access to 1 caller.*; 1 removes a Deny as well\n/);
    expect(stdout).toContain("warning removes-deny");
  });

  test("blocks where the account says so", async () => {
    const { code, stdout } = await planned("hazards: { removes-deny: block }\n");
    expect([code, stdout]).toEqual([3, expect.stringContaining("blocked by removes-deny")]);
  });
});

test("an error in a set blocks the changes that use it, as one in their own file does", async () => {
  const statement = `{ Effect: Allow, Principal: ["2021"], Action: "oss:GetObjct", Resource: "acs:oss:*:*:data/*" }`;
  const own = await verdictOf({
    "data.yaml": `bucket: data\npolicy: { Version: "1", Statement: [${statement}] }\n`,
  });
  const inSet = await verdictOf({
    "_sets/reads.yaml": `Statement: [${statement}]\n`,
    "data.yaml": 'bucket: data\nuse: [reads]\npolicy: { Version: "1", Statement: [] }\n',
  });
  expect([own, inSet]).toEqual([expect.stringMatching(/^Blocked: /), own]);
});

test("access of any account is warned of, whether or not the account names identities", async () => {
  const keys =
    'Principal: ["*"], Action: "oss:PutObject", Condition: { StringLike: { "acs:AccessId": "LTAI*" } }';
  for (const more of ["", 'identities: { etl: "202147604049351234" }\n']) {
    const tree = writeTree({ "account.yaml": `${accountFile}${more}`, "data.yaml": file("data", keys) });
    const { stdout } = await runCli(["plan", "--sandbox", "--policies", tree, "--json", "-"]);
    const [change] = (JSON.parse(stdout) as PlanDocument).changes;
    const found = change?.hazards?.find(({ code }) => code === "grants-wildcard-principal");
    expect(found?.message).toContain("the callers may be of any account of Alibaba Cloud");
    expect(change?.risk).toBe("warn");
  }
});

test("what everyone may write is said to be written", async () => {
  const open = file("data", 'Principal: ["*"], Action: "oss:PutObject"');
  expect(await verdictOf({ "data.yaml": open })).toBe("Blocked: 1 of 1 change lets everyone write or delete");
  const accepted = file("data", 'Principal: ["*"], Action: "oss:PutObject"', accept("grants-public-access"));
  expect(await verdictOf({ "data.yaml": accepted })).toBe(
    "Review: 1 change lets everyone write or delete (accepted)",
  );
});

test("the example of gained administration is administration", async () => {
  const admin = file("admin", 'Principal: ["2022"], Action: "oss:*"');
  const tree = writeTree({ "account.yaml": accountFile, "admin.yaml": admin });
  const { stdout } = await runCli(["plan", "--sandbox", "--policies", tree, "--json", "-"]);
  const { changes } = JSON.parse(stdout) as PlanDocument;
  const found = changes
    .flatMap(({ hazards }) => hazards ?? [])
    .find(({ code }) => code === "grants-administration");
  expect(found).toBeDefined();
  expect(findAction(found?.witness?.action ?? "oss:PutObjectAcl")?.access).toBe("admin");
});
