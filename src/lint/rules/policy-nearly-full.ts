import type { Rule } from "../rule.ts";
import { policyLimitBytes } from "./policy-size.ts";

/** Share of the limit at which the rule starts to warn. */
const fullness = 0.8;

export const policyNearlyFull: Rule = {
  code: "policy-nearly-full",
  severity: "warning",
  summary: "a policy that has reached 80 % of the 16 KB that OSS accepts",
  explanation: `OSS refuses a policy that reaches 16 KB (OSS docs: EC 0030-00000001), and a bucket has one policy. At 80 % there is
still space for a few statements, and time to make space before an urgent one does not fit.

Fix: join statements that differ in one list only, and use wildcards where they mean the same.`,
  check: ({ bucket, bytes }) => {
    if (bytes < policyLimitBytes * fullness || bytes >= policyLimitBytes) return [];
    const message = `the policy has ${bytes} bytes, and OSS accepts less than ${policyLimitBytes}`;
    return [{ message, span: bucket.policySpan, help: "join statements that differ in one list only" }];
  },
};
