import { lookAlikesIn } from "../../policy/look-alikes.ts";
import { parseRoleSession } from "../../policy/principal.ts";
import type { Finding, Rule, Word } from "../rule.ts";
import { quoted } from "../texts.ts";

export const principalForm: Rule = {
  code: "principal-form",
  severity: "error",
  summary: "a principal that is not a UID, a role session or `*`",
  explanation: `A bucket policy names an account or a RAM user by its UID, digits only, and a role by the ARN of its sessions,
arn:sts::UID:assumed-role/ROLE/SESSION, which may contain * (OSS docs: bucket policy). Names, addresses and the ARNs of
RAM (acs:ram::...) are not documented as principals. OSS seems to store them, and such a statement may match no
principal.

Fix: write the UID, which the RAM console shows, or the role session.`,
  check: ({ statements, bucket: { account } }) =>
    statements.flatMap(({ principals }) => principals.flatMap((word) => judge(word, account.identities))),
};

function judge({ text, span }: Word, identities: ReadonlyMap<string, string>): readonly Finding[] {
  if (text === "*" || /^[0-9]+$/.test(text) || parseRoleSession(text) !== undefined) return [];
  // double-wildcard reports these, masked UIDs among them, and look-alike those of a wildcard.
  if (text.includes("**") || lookAlikesIn(text).length > 0) return [];
  return [
    {
      message: `${quoted(text)} is not a principal that OSS documents`,
      span,
      help: helpOf(text, identities),
    },
  ];
}

function helpOf(text: string, identities: ReadonlyMap<string, string>): string {
  if (identities.has(text)) return `write the identity as a variable: \`"\${${text}}"\``;
  const [, uid = "", kind = "", name = ""] =
    /^acs:ram::([0-9]+):(root|user|role)(?:\/([^/]*))?$/.exec(text) ?? [];
  if (kind === "root") return `write the account as its UID: \`${uid}\``;
  if (kind === "user") return "write the UID of the RAM user, which the RAM console shows";
  if (kind === "role")
    return `write the sessions of the role: \`arn:sts::${uid}:assumed-role/${name.toLowerCase()}/*\``;
  if (/^arn:sts::[^:/]*:assumed-role\/\*$/.test(text))
    return `name the role and the session: \`${text.slice(0, -1)}ROLE/*\` for all sessions of a role`;
  if (/^arn:sts::[^:/]*:assumed-role\/[^/]+$/.test(text))
    return `name the session as well: \`${text}/*\` for all sessions of the role`;
  if (text.trim() !== text && /^[0-9]+$/.test(text.trim()))
    return `write it without the space: \`${text.trim()}\``;
  if (/^[0-9*?]+$/.test(text))
    return "write the whole UID: a wildcard can only be part of the ARN of a role session";
  return "write a UID, or a role session such as arn:sts::UID:assumed-role/ROLE/SESSION";
}
