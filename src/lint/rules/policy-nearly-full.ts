import type { Rule } from "../rule.ts";
import { policyLimitBytes } from "./policy-size.ts";

/** The part of the limit from which on the rule speaks. */
const fullness = 0.8;

export const policyNearlyFull: Rule = {
  code: "policy-nearly-full",
  severity: "warning",
  summary: "a policy that has come to 80 % of the 16 KB that OSS takes",
  explanation: `OSS refuses a policy that reaches 16 KB (OSS docs: EC 0030-00000001), and there is one policy a bucket. At
80 % there is room for a few statements more, and time to make room before an urgent one does not fit.

Mend: join statements that differ in one list only, and use wildcards where they say the same.`,
  check: ({ bucket, bytes }) => {
    if (bytes < policyLimitBytes * fullness || bytes >= policyLimitBytes) return [];
    const message = `the policy has ${bytes} bytes, and OSS takes less than ${policyLimitBytes}`;
    return [{ message, span: bucket.policySpan, help: "join statements that differ in one list only" }];
  },
};
