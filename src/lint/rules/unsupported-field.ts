import type { MapNode } from "../../desired/node.ts";
import type { Finding, Rule } from "../rule.ts";
import { fieldsOfOtherLanguages } from "./unknown-field.ts";

const mends: Readonly<Record<string, string>> = {
  Id: "remove it; a comment above the policy can hold its name",
  Sid: "remove it; a comment above the statement can hold its name",
  NotPrincipal: "name the principals that are meant",
  NotAction: "name the actions that are meant, or add a Deny for the others",
  NotResource: "name the resources that are meant, or add a Deny for the others",
};

export const unsupportedField: Rule = {
  code: "unsupported-field",
  severity: "error",
  summary: "Sid, Id, NotPrincipal, NotAction or NotResource, which bucket policies do not have",
  explanation: `Other policy languages know these fields, and OSS's documentation of bucket policies does not
(OSS docs: policy syntax). What OSS does with them is not documented. A statement with NotPrincipal, if OSS
takes no notice of the field, has no Principal at all and speaks of everyone.

Mend: say what is meant with Principal, Action and Resource; keep names in comments.`,
  check: ({ node, statements }) =>
    [node, ...statements.map((statement) => statement.node)].flatMap(unsupported),
};

function unsupported(node: MapNode): readonly Finding[] {
  return node.entries
    .filter(({ name }) => fieldsOfOtherLanguages.includes(name))
    .map(({ name, nameSpan }) => ({
      message: `OSS does not document \`${name}\` for bucket policies`,
      span: nameSpan,
      help: mends[name] ?? "remove it",
    }));
}
