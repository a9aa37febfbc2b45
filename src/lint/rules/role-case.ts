import { parseRoleSession } from "../../policy/principal.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const roleCase: Rule = {
  code: "role-case",
  severity: "error",
  summary: "a role name with upper case letters, which may match nobody",
  explanation: `OSS's documentation contradicts itself: the page on bucket policies calls role names
case-sensitive, and the page on replication across accounts asks for the role name in lower case. A
principal with upper case letters in its role may therefore match nobody. Which of the two holds is not
documented any further.

Mend: write the role in lower case, and try with one request that the role has access.`,
  check: ({ statements }) =>
    statements
      .flatMap(({ principals }) => principals)
      .flatMap((word) => {
        const { text, span } = word;
        const role = parseRoleSession(text)?.role;
        if (role === undefined || role === role.toLowerCase()) return [];
        const message = `the role \`${role}\` has upper case letters, with which it may match nobody`;
        const meant = text.replace(`/${role}/`, `/${role.toLowerCase()}/`);
        return [{ message, span, help: `write \`${meant}\``, ...replacing(word, meant) }];
      }),
};
