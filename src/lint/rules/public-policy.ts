import { emptyPrincipalSpan, everyoneSpan } from "../everyone.ts";
import { isWideAllow } from "../public.ts";
import type { Rule } from "../rule.ts";

export const publicPolicy: Rule = {
  code: "public-policy",
  severity: "warning",
  follows: "empty-principal",
  summary: "an Allow for everyone that makes the policy public in the sense of Block Public Access",
  explanation: `OSS calls a policy public if one of its Allow statements has a principal with a * (or no principal) and no
Condition that narrows it: acs:SourceVpc, acs:SourceVpcId or acs:AccessId with values without *, or acs:SourceIp or
acs:SourceVpcIp with IPv4 ranges of /8 and narrower and IPv6 ranges of /32 and narrower. Action and Resource
do not matter (OSS docs: Block Public Access). While Block Public Access is on, as it is by default on new buckets,
OSS refuses to store such a policy, and ignores the public statements of a policy that is already stored.

Not documented, and counted as public here: a negated operator such as NotIpAddress, and an address with a wildcard.

Fix: name the principals, or add one of these conditions.`,
  check: ({ statements }) =>
    statements.filter(isWideAllow).flatMap((statement) => {
      const span = everyoneSpan(statement);
      if (span === undefined) return [];
      const principal = emptyPrincipalSpan(statement) === undefined ? "for everyone" : "without a principal";
      const message = `this Allow ${principal} makes the policy public`;
      return [{ message, span, help: "name the principals, or test `acs:SourceVpc` for fixed ids" }];
    }),
};
