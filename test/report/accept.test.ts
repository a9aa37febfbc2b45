import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseMarkdown } from "../support/markdown.ts";
import { newRepository } from "../support/repository.ts";
import { runCli } from "../support/run-cli.ts";

const owner = "1746495857600001";
const alice = "202147604049351234";

const statement = (effect: string, principal: string, action: string, more = "") =>
  `{ Effect: ${effect}, Principal: ["${principal}"], Action: ["${action}"], Resource: ["acs:oss:*:${owner}:data", "acs:oss:*:${owner}:data/*"]${more} }`;
const policy = (...statements: readonly string[]) => `Version: "1", Statement: [${statements.join(", ")}]`;
const file = (...statements: readonly string[]) => `bucket: data\npolicy: { ${policy(...statements)} }\n`;

const reads = statement("Allow", alice, "oss:GetObject");
const denied = statement("Deny", alice, "oss:GetObject");
const inVpc = statement(
  "Allow",
  alice,
  "oss:GetObject",
  ', Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } }',
);
const everyone = statement("Allow", "*", "oss:GetObject");
const odd = `it's "a" \${b} `.trim();

const guardrail = `guardrails: [{ name: ${JSON.stringify(odd)}, Principal: ["${alice}"], Action: ["oss:PutObject"], Resource: ["*"] }]\n`;

interface Case {
  readonly account?: string;
  /** Statements at the base, in the head, and live where they differ from the base. */
  readonly base: readonly string[];
  readonly head: readonly string[];
  readonly live?: readonly string[];
}

const cases: readonly (readonly [code: string, Case])[] = [
  ["grants-public-access", { base: [reads], head: [reads, everyone] }],
  ["grants-administration", { base: [reads], head: [reads, statement("Allow", alice, "oss:PutBucketAcl")] }],
  ["overrides-deny", { base: [reads, denied], head: [reads] }],
  ["drops-condition", { base: [inVpc], head: [reads] }],
  ["overwrites-foreign-statements", { base: [reads], head: [reads], live: [reads, denied] }],
  ["reopens-drift", { base: [reads], head: [reads], live: [] }],
  [
    "guardrail-broken",
    { account: guardrail, base: [reads], head: [reads, statement("Allow", alice, "oss:PutObject")] },
  ],
];

/** Plans a case, with what a reviewer pasted below the policy. */
async function planned({ account = "", base, head, live = base }: Case, pasted: string) {
  const repository = newRepository({
    "policies/account.yaml": `account: "${owner}"\nregion: cn-hangzhou\n${account.replace("${", () => "$${")}`,
    "policies/data.yaml": file(...base),
  });
  writeFileSync(
    join(repository.folder, "seed.yaml"),
    `buckets:\n  - { name: data, region: cn-hangzhou, policy: { ${policy(...live)} } }\n`,
  );
  repository.write({ "policies/data.yaml": file(...head) + pasted });
  const words = ["plan", "--base", "HEAD", "--sandbox", "--seed", "seed.yaml", "--markdown", "plan.md"];
  const done = await runCli(words, { folder: repository.folder });
  return { ...done, markdown: readFileSync(join(repository.folder, "plan.md"), "utf8") };
}

describe("the entry that a report gives for a hazard accepts it where it is pasted", () => {
  test.each(cases)("%s", async (code, given) => {
    const before = await planned(given, "");
    expect([before.code, before.stdout + before.stderr]).toEqual([
      3,
      expect.stringContaining(`blocked by ${code}`),
    ]);
    const inText = before.stdout
      .split("\n")
      .filter((line) => /^ {8}(accept:|  - \{)/.test(line))
      .map((line) => `${line.slice(8)}\n`)
      .join("");
    const inMarkdown = parseMarkdown(before.markdown).blocks.find((block) => block.startsWith("accept:"));
    expect(inMarkdown).toBe(inText);
    const after = await planned(given, inText);
    expect([after.code, after.stderr]).toEqual([0, expect.not.stringContaining("error")]);
    expect(after.stdout).toMatch(/accepts .*: say why/);
  });
});
