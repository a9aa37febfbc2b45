import { everyoneSpan } from "../everyone.ts";
import { isWideAllow } from "../public.ts";
import type { Rule } from "../rule.ts";

export const roleMaybePublic: Rule = {
  code: "role-maybe-public",
  severity: "note",
  summary: "an Allow for a role session with a wildcard, which Block Public Access may count as public",
  explanation: `By the wording of its definition, OSS calls an Allow public unless every principal is fixed, without a *, or a
Condition narrows it (OSS docs: Block Public Access). A role gets access through its sessions, as in
assumed-role/reader/*, so its principal has a *. Whether OSS counts that as public is not documented.

Fix: nothing is needed while Block Public Access is off. If it is on and OSS refuses the policy, name the session, or
test acs:SourceVpc for fixed ids.`,
  check: ({ statements }) =>
    statements
      .filter((statement) => isWideAllow(statement) && everyoneSpan(statement) === undefined)
      .flatMap(({ principals }) => {
        // OSS refuses a UID masked with `****`, and double-wildcard reports it.
        const pattern = principals.find(({ text }) => text.includes("*") && !text.includes("**"));
        if (pattern === undefined) return [];
        const message = `whether OSS counts \`${pattern.text}\` as public is not documented`;
        return [
          {
            message,
            span: pattern.span,
            help: "name the session, if Block Public Access refuses the policy",
          },
        ];
      }),
};
