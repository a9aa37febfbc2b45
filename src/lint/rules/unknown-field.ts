import type { MapNode } from "../../desired/node.ts";
import { nearMiss, suggestion } from "../../near-miss.ts";
import { policyFieldNames, statementFieldNames } from "../../policy/field-names.ts";
import type { Finding, Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

/** Fields of other policy languages; the rule unsupported-field reports them. */
export const fieldsOfOtherLanguages: readonly string[] = [
  "Id",
  "Sid",
  "NotPrincipal",
  "NotAction",
  "NotResource",
];

export const unknownField: Rule = {
  code: "unknown-field",
  severity: "error",
  summary: "a field that bucket policies do not have",
  explanation: `OSS documents Version and Statement for a policy, and Effect, Principal, Action, Resource and Condition for a
statement (OSS docs: policy syntax). What OSS does with another field is not documented. It may refuse the policy, or
store the field and ignore it: a misspelt Condition would then leave its statement without one.

Fix: correct the spelling, or remove the field.`,
  check: ({ node, statements }) => [
    ...unknownFields(node, policyFieldNames, "a policy"),
    ...statements.flatMap((statement) => unknownFields(statement.node, statementFieldNames, "a statement")),
  ],
};

function unknownFields(node: MapNode, allowed: readonly string[], owner: string): readonly Finding[] {
  const present = node.entries.map(({ name }) => name);
  return node.entries
    .filter(({ name }) => !allowed.includes(name) && !fieldsOfOtherLanguages.includes(name))
    .map(({ name, nameSpan }) => {
      const near = nearMiss(name, allowed);
      const fix =
        near === undefined || present.includes(near)
          ? {}
          : replacing({ text: name, span: nameSpan, isWhole: true }, near);
      return {
        message: `\`${name}\` is not a field of ${owner}`,
        span: nameSpan,
        help: suggestion(name, allowed),
        ...fix,
      };
    });
}
