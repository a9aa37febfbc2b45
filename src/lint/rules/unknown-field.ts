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
  return node.entries
    .filter(({ name }) => !allowed.includes(name) && !fieldsOfOtherLanguages.includes(name))
    .map(({ name, nameSpan }) => {
      const message = `\`${name}\` is not a field of ${owner}`;
      const negated = negatedField(name, allowed);
      if (negated !== undefined) {
        const help = `OSS has no \`${negated}\` either: write what is meant without a negation`;
        return { message, span: nameSpan, help };
      }
      const near = nearMiss(name, allowed);
      // Of two fields that may both be this one, only the author knows which is.
      const others = node.entries.filter((entry) => entry.nameSpan !== nameSpan);
      const isOnly = !others.some((other) => other.name === near || isMisspelt(other.name, near, allowed));
      const fix =
        near === undefined || !isOnly ? {} : replacing({ text: name, span: nameSpan, isWhole: true }, near);
      return { message, span: nameSpan, help: suggestion(name, allowed), ...fix };
    });
}

/** Returns the negated field of another language that a name is closest to. Its opposite is not what is meant. */
function negatedField(name: string, allowed: readonly string[]): string | undefined {
  const negated = fieldsOfOtherLanguages.filter((field) => field.startsWith("Not"));
  const near = nearMiss(name, [...allowed, ...negated]);
  return near !== undefined && negated.includes(near) ? near : undefined;
}

function isMisspelt(name: string, field: string | undefined, allowed: readonly string[]): boolean {
  return !allowed.includes(name) && nearMiss(name, allowed) === field;
}
