import { expect } from "vitest";
import { parseDesired } from "../../../src/desired/desired.ts";
import { policyInFile } from "../../../src/lint/rule.ts";
import { rules } from "../../../src/lint/rules/index.ts";
import type { Json } from "../../../src/policy/json.ts";
import { accountFile } from "../../support/run-cli.ts";

/** The codes that the rules find in a policy of these statements; JSON is YAML, too. */
export function codesOf(statements: readonly Json[]): readonly string[] {
  const policy = JSON.stringify({ Version: "1", Statement: statements }).replaceAll("${", "$$${");
  const { buckets, diagnostics } = parseDesired([
    { path: "account.yaml", text: accountFile },
    { path: "one.yaml", text: `bucket: one\npolicy: ${policy}\n` },
  ]);
  expect(diagnostics).toEqual([]);
  return buckets.flatMap((bucket) => {
    const judged = policyInFile(bucket);
    if (judged === undefined) return [];
    return rules.flatMap(({ code, check }) => check(judged).map(() => code));
  });
}

/** A statement against which no rule has anything, with these fields in place of its own. */
export function statement(fields: { readonly [name: string]: Json }): Json {
  return {
    Effect: "Allow",
    Principal: ["202147604049350001"],
    Action: ["oss:GetObject"],
    Resource: ["acs:oss:*:1746495857600001:one/*"],
    ...fields,
  };
}
