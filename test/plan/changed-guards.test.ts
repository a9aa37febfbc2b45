import { expect, test } from "vitest";
import { file, planned, policy, reads, tree } from "../support/base-plans.ts";
import { newRepository } from "../support/repository.ts";
import { accountFile } from "../support/run-cli.ts";

interface Guards {
  readonly account?: string;
  readonly bucket?: string;
}

/** Messages on the guards that may be weaker than at the base. */
async function loosened(before: Guards, now: Guards): Promise<readonly string[]> {
  const treeOf = ({ account = "", bucket = "" }: Guards) =>
    tree(file(reads) + bucket, { "policies/account.yaml": accountFile + account });
  const repository = newRepository(treeOf(before));
  repository.write(treeOf(now));
  const { document } = await planned({ repository, live: policy(reads) });
  return (document.loosened ?? []).map(({ message }) => message);
}

const guardrail = (actions: string, more = "") =>
  `guardrails: [{ name: g, Principal: ["*"], Action: [${actions}], Resource: ["*"]${more} }]\n`;
const puts = guardrail('"oss:PutObject"');
const operators = (more: string) => `identities: { ops: "7" }\noperators: ${more}\n`;
const expects = (actions: string) => `expect: [{ cannot: anonymous, do: [${actions}], to: "logs/*" }]\n`;
const accept = (more: string) => `accept: [{ hazard: grants-public-access, reason: web${more} }]\n`;

test.each<[name: string, before: Guards, now: Guards]>([
  ["one more action", { account: puts }, { account: guardrail('"oss:PutObject", "oss:GetObject"') }],
  ["fewer exceptions", { account: guardrail('"oss:PutObject"', ", except: [data]") }, { account: puts }],
  ["an earlier end", { bucket: accept(", until: 2027-01-01") }, { bucket: accept(", until: 2026-12-01") }],
  ["an end at all", { bucket: accept("") }, { bucket: accept(", until: 2026-12-01") }],
  [
    "a broader expectation",
    { bucket: expects("oss:GetObject") },
    { bucket: expects("oss:GetObject, oss:PutObject") },
  ],
])("%s is not weaker", async (_, before, now) => {
  expect(await loosened(before, now)).toEqual([]);
});

test.each<[name: string, before: Guards, now: Guards, message: string]>([
  [
    "another action",
    { account: puts },
    { account: guardrail('"oss:GetObject"') },
    "guardrail `g` is changed: `Action` no longer has `oss:PutObject`; `Action` now has `oss:GetObject`",
  ],
  [
    "an exception",
    { account: puts },
    { account: guardrail('"oss:PutObject"', ", except: [data]") },
    "guardrail `g` is changed: `except` now has `data`",
  ],
  [
    "a condition",
    { account: puts },
    { account: guardrail('"oss:PutObject"', ', Condition: { Bool: { "acs:SecureTransport": "false" } }') },
    "guardrail `g` is changed: `Condition` is changed",
  ],
  [
    "an operator",
    { account: operators('[{ principal: "7" }]') },
    { account: operators("[]") },
    "operator `ops (7)` is gone",
  ],
  [
    "the context of an operator",
    { account: operators('[{ principal: "7" }]') },
    { account: operators('[{ principal: "7", with: { "acs:SourceVpc": vpc-1 } }]') },
    "the `with` of operator `ops (7)` is changed",
  ],
  [
    "an expectation",
    { bucket: expects("oss:GetObject, oss:PutObject") },
    { bucket: expects("oss:GetObject") },
    "bucket `data` has lost the expectation `cannot anonymous oss:GetObject, oss:PutObject on logs/*`",
  ],
])("%s may be weaker", async (_, before, now, message) => {
  expect(await loosened(before, now)).toContain(message);
});
