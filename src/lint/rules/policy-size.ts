import type { Rule } from "../rule.ts";

/** Size in bytes from which OSS refuses a policy (OSS docs: EC 0030-00000001; 16 KB taken as 16384 bytes). */
export const policyLimitBytes = 16_384;

export const policySize: Rule = {
  code: "policy-size",
  severity: "error",
  summary: "a policy of 16 KB or more, which OSS refuses",
  explanation: `OSS refuses a policy that reaches 16 KB (OSS docs: EC 0030-00000001). The documentation does not say whether that is
16384 or 16000 bytes; this tool takes 16384. It counts the JSON that is sent, in UTF-8 and without spaces, not the file.

Fix: join statements that differ in one list only, and use wildcards where they mean the same.`,
  check: ({ bucket, bytes }) => {
    if (bytes < policyLimitBytes) return [];
    const message = `the policy has ${bytes} bytes, and OSS accepts less than ${policyLimitBytes}`;
    return [{ message, span: bucket.policySpan, help: "join statements that differ in one list only" }];
  },
};
