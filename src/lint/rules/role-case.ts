import { parseRoleSession } from "../../policy/principal.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const roleCase: Rule = {
  code: "role-case",
  severity: "error",
  summary: "a role name with upper case letters, which may match no session",
  explanation: `OSS's documentation contradicts itself: the page on bucket policies calls role names case-sensitive, and the page on
replication across accounts requires the role name in lower case. A principal with upper case letters in its role may
therefore match no session. Which of the two is right is not documented any further.

Fix: write the role in lower case, and check with one request that the role has access.`,
  check: ({ statements }) =>
    statements.flatMap(({ principals, effect }) =>
      principals.flatMap((word) => {
        const { text, span } = word;
        const role = parseRoleSession(text)?.role;
        if (role === undefined || role === role.toLowerCase()) return [];
        const message = `the role \`${role}\` has upper case letters, so it may match no session`;
        const meant = text.replace(`/${role}/`, `/${role.toLowerCase()}/`);
        if (effect === "Allow")
          return [{ message, span, help: `write \`${meant}\``, ...replacing(word, meant) }];
        // If case matters, the Deny already covers the role of this very name.
        return [{ message, span, help: `add \`${meant}\` beside it, and silence this with its reason` }];
      }),
    ),
};
