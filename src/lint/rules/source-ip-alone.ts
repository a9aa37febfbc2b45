import type { Rule } from "../rule.ts";

export const sourceIpAlone: Rule = {
  code: "source-ip-alone",
  severity: "error",
  summary: "acs:SourceIp without acs:SourceVpc in the same statement, which OSS refuses",
  explanation: `An address alone does not distinguish a caller on the Internet from one in a VPC that uses the same range. Since early
2026 OSS refuses a policy in which a statement tests acs:SourceIp and not acs:SourceVpc (OSS docs: EC 0030-00000008).
Policies stored before stay in force, but OSS refuses the next change to such a policy, wherever in it the change is. No
exemption is documented for Deny.

Fix: for public addresses add StringNotLike with acs:SourceVpc and vpc-*; for addresses in a VPC add
StringEquals with acs:SourceVpc and the id of the VPC.`,
  check: ({ statements }) =>
    statements.flatMap(({ effect, tests }) => {
      const keys = tests.map(({ key }) => key);
      const sourceIp = keys.find(({ text }) => text === "acs:SourceIp");
      if (sourceIp === undefined || keys.some(({ text }) => text === "acs:SourceVpc")) return [];
      return [
        {
          message: "OSS refuses `acs:SourceIp` without `acs:SourceVpc` in the same statement",
          span: sourceIp.span,
          help: effect === "Deny" ? denyHelp : allowHelp,
        },
      ];
    }),
};

const allowHelp =
  'for addresses of the Internet add `StringNotLike: { "acs:SourceVpc": ["vpc-*"] }`; for private ones, such as 10.0.0.0/8, add the id of their VPC under StringEquals';
/** Another test in the same statement would narrow a Deny, so it needs two statements. */
const denyHelp =
  "deny callers from the Internet (acs:SourceVpc StringNotLike vpc-*) and callers in a VPC (StringLike vpc-*) in two statements";
