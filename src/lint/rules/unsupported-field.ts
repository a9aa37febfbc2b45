import { stringOf, type Entry, type MapNode } from "../../desired/node.ts";
import type { Finding, Rule } from "../rule.ts";
import { fieldsOfOtherLanguages } from "./unknown-field.ts";

const helps: Readonly<Record<string, string>> = {
  Id: "remove it; a comment above the policy can have its name",
  Sid: "remove it; a comment above the statement can have its name",
  NotPrincipal: "name the principals that are meant",
  NotAction: "name the actions that are meant, or add a Deny for the others",
  NotResource: "name the resources that are meant, or add a Deny for the others",
};

export const unsupportedField: Rule = {
  code: "unsupported-field",
  severity: "error",
  summary:
    "NotPrincipal, NotAction or NotResource, which bucket policies do not have; a warning for Sid and Id",
  explanation: `Other policy languages have these fields, and OSS's documentation of bucket policies does not (OSS docs: policy
syntax). What OSS does with them is not documented. If OSS ignores NotPrincipal, its statement has no Principal at all
and applies to everyone.

The Sid of a statement and the Id of a policy are names. They have no effect on access, so the analysis ignores them.
They are kept and compared like the rest of the policy, and reported once per policy, as a warning.

Fix: write what is meant with Principal, Action and Resource; keep names in comments.`,
  check: ({ node, statements }) => {
    const nodes = statements.map((statement) => statement.node);
    const ids = labelsIn([node], "Id");
    const sids = labelsIn(nodes, "Sid");
    const labels = [...ids, ...sids];
    const others = [node, ...nodes].flatMap(({ entries }) => entries.filter((one) => !labels.includes(one)));
    return [...labelFinding(ids), ...labelFinding(sids), ...others.flatMap(unsupported)];
  },
};

/** Returns the labels that are strings: what OSS does with another value is not known. */
function labelsIn(nodes: readonly MapNode[], field: "Id" | "Sid"): readonly Entry[] {
  return nodes.flatMap(({ entries }) =>
    entries.filter(({ name, value }) => name === field && stringOf(value) !== undefined),
  );
}

function labelFinding([first, ...more]: readonly Entry[]): readonly Finding[] {
  if (first === undefined) return [];
  const { name, nameSpan } = first;
  const also = more.length === 0 ? "" : ` (${more.length + 1} statements have one)`;
  const message = `\`${name}\` has no effect on access: OSS does not document it for bucket policies${also}`;
  return [{ severity: "warning", message, span: nameSpan, help: helps[name] ?? "remove it" }];
}

function unsupported({ name, nameSpan }: Entry): readonly Finding[] {
  if (!fieldsOfOtherLanguages.includes(name)) return [];
  const message = `OSS does not document \`${name}\` for bucket policies`;
  return [{ message, span: nameSpan, help: helps[name] ?? "remove it" }];
}
