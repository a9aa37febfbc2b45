import { scalarText } from "../../policy/policy.ts";
import { membersOf, type Rule } from "../rule.ts";

export const unquotedUid: Rule = {
  code: "unquoted-uid",
  severity: "error",
  summary: "a UID that is a number, since it is not in quotes",
  explanation: `A UID is text. Without quotes YAML and JSON read a number, and most tools round a number of 18 digits, so that the
statement names another user. This tool reads every digit, but whether OSS accepts a number as principal is not
documented.

Fix: write the UID in quotes.`,
  check: ({ statements }) =>
    statements
      .flatMap((statement) => membersOf(statement.entry("Principal")?.value))
      .flatMap((member) => {
        if (member.kind !== "scalar" || typeof member.value === "string" || member.value === null) return [];
        const text = member.source ?? scalarText(member.value);
        const message = `the principal ${text} is not in quotes`;
        const fix = { edits: [{ span: member.span, text: JSON.stringify(text) }] };
        return [{ message, span: member.span, help: `write it as \`"${text}"\``, fix }];
      }),
};
