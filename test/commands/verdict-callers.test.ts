import { expect, test } from "vitest";
import { accountFile, runCli, writeTree } from "../support/run-cli.ts";

const statement = (bucket: string, who: string, more = "") =>
  `{ Effect: Allow, Principal: ["${who}"], Action: "oss:GetObject", Resource: "acs:oss:*:*:${bucket}/*"${more} }`;
const policyOf = (...statements: readonly string[]) =>
  `{ Version: "1", Statement: [${statements.join(", ")}] }`;
const accept = (hazard: string) => `accept: [{ hazard: ${hazard}, reason: x }]\n`;
const staging = "1746495857600002";

/** First line and exit code of a plan of these files, over these live policies. */
async function planned(files: Readonly<Record<string, string>>, live: Readonly<Record<string, string>> = {}) {
  const tree = writeTree({ "account.yaml": accountFile, ...files });
  const buckets = Object.entries(live).map(
    ([name, policy]) => `  - { name: ${name}, region: cn-hangzhou, policy: ${policy} }\n`,
  );
  const seeds = writeTree({ "seed.yaml": `buckets:\n${buckets.join("")}` });
  const seed = buckets.length === 0 ? [] : ["--seed", `${seeds}/seed.yaml`];
  const { code, stdout } = await runCli(["plan", "--sandbox", ...seed, "--policies", tree]);
  return { code, stdout, verdict: stdout.split("\n")[0] };
}

const vpc = ', Condition: { StringEquals: { "acs:SourceVpc": "vpc-bp1example0001" } }';

test("a dropped condition does not hide that everyone gains", async () => {
  const file = `bucket: web\npolicy: ${policyOf(statement("web", "*"))}\n${accept("grants-public-access")}`;
  const { verdict } = await planned({ "web.yaml": file }, { web: policyOf(statement("web", "2021", vpc)) });
  expect(verdict).toBe(
    "Blocked: 1 of 1 change drops a condition; 1 change gives access to anonymous callers",
  );
});

test("a broken guardrail does not hide that everyone gains", async () => {
  const guardrail = 'guardrails: [{ name: g, Principal: ["*"], Action: ["oss:*"], Resource: ["*"] }]\n';
  const file = (name: string, who: string) =>
    `bucket: ${name}\npolicy: ${policyOf(statement(name, who))}\n${accept("grants-public-access")}`;
  const { verdict } = await planned({
    "account.yaml": `${accountFile}${guardrail}`,
    "web.yaml": file("web", "*"),
    "data.yaml": file("data", "2021"),
  });
  expect(verdict).toBe(
    "Blocked: 2 of 2 changes break a guardrail; 1 change gives access to anonymous callers",
  );
});

test("an accepted hazard that is no gain does not hide one", async () => {
  const guardrail = 'guardrails: [{ name: g, Principal: ["*"], Action: ["oss:*"], Resource: ["*"] }]\n';
  const file = `bucket: data\npolicy: ${policyOf(statement("data", "2021"))}\naccept: [{ guardrail: g, reason: x }]\n`;
  const { verdict } = await planned({ "account.yaml": `${accountFile}${guardrail}`, "data.yaml": file });
  expect(verdict).toBe(
    "Review: 1 change breaks a guardrail (accepted); 1 also gives access to 1 caller, which is not public",
  );
});

test("a policy that goes is not called a Deny that goes", async () => {
  const deny = '{ Effect: Deny, Principal: ["2021"], Action: "oss:*", Resource: "acs:oss:*:*:data/*" }';
  const { verdict } = await planned(
    { "data.yaml": "bucket: data\npolicy: none\n" },
    { data: policyOf(deny) },
  );
  expect(verdict).toBe("Review: 1 change removes a policy");
});

test.each([
  [staging, "another Alibaba Cloud account (staging)", "account staging can read all objects"],
  [
    `arn:sts::${staging}:assumed-role/build/*`,
    "roles of another Alibaba Cloud account (staging)",
    `arn:sts::${staging}:assumed-role/build/* can read`,
  ],
  [
    `arn:sts::${staging}:assumed-role/*/*`,
    "roles of another Alibaba Cloud account (staging)",
    "every role of account staging can read all objects",
  ],
  [
    "arn:sts::1746495857600003:assumed-role/build/*",
    "roles of another Alibaba Cloud account (1746495857600003)",
    "build/* can read",
  ],
])("%s is of another account", async (who, called, sentence) => {
  const { verdict, stdout } = await planned({
    "account.yaml": `${accountFile}name: production\n`,
    "data.yaml": `bucket: data\npolicy: ${policyOf(statement("data", who))}\n`,
    "staging/account.yaml": `account: "${staging}"\nname: staging\nregion: cn-hangzhou\n`,
  });
  expect(verdict).toBe(`Review: 1 change gives access to ${called}`);
  expect(stdout).toContain(sentence);
});
