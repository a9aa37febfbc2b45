import type { CodeText } from "./code-text.ts";

/** Text of the hazard that access logs show. */
export const recentRequests: CodeText = {
  code: "refuses-recent-requests",
  severity: "warning",
  summary: "a change that takes access which recent requests used",
  explanation: `The access logs of --requests have requests that OSS would refuse after the change, that would lose the policy's
allow, or whose fate depends on what the log does not have, such as the VPC. A request is refused for certain where a
new Deny matches it, or where nothing but the policy could allow its caller. Where one only loses the policy's allow, a
RAM policy or an ACL may still allow it. The message counts them by caller, action and first path segment.

Fix: keep the access if the requests must go on, or move these callers first. \`hazards:\` in account.yaml can make it block.`,
};
