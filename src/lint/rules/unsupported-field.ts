import { stringOf, type Entry, type MapNode } from "../../desired/node.ts";
import type { Finding, Rule } from "../rule.ts";
import { fieldsOfOtherLanguages } from "./unknown-field.ts";

const labelHelps: Readonly<Record<string, string>> = {
  Id: "remove it; a comment above the policy can have its name",
  Sid: "remove it; a comment above the statement can have its name",
};

/** Returns what to write in place of a field that names what is not meant. Its list under the other name means the opposite. */
function helpOf(name: string, effect: string | undefined): string {
  const field = name.replace("Not", "");
  const words = `${field.toLowerCase()}s`;
  return effect === "Deny"
    ? `write ${field} with the ${words} that are refused; the list here names those that are not refused, so do not copy it`
    : `write ${field} with the ${words} that are meant; this list has the others, so do not copy it`;
}

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

Fix: write what is meant with Principal, Action and Resource. The list of NotPrincipal copied into Principal means the
opposite, so do not copy it. To refuse all but some callers, deny * under a Condition that those do not meet, such as
NotIpAddress with their network. Keep names in comments.`,
  check: ({ node, statements }) => {
    const nodes = statements.map((statement) => statement.node);
    const ids = labelsIn([node], "Id");
    const sids = labelsIn(nodes, "Sid");
    const labels = [...ids, ...sids];
    const others = [node, ...nodes].flatMap((map) => {
      const effect = stringOf(map.entries.find(({ name }) => name === "Effect")?.value);
      return map.entries.filter((one) => !labels.includes(one)).flatMap((one) => unsupported(one, effect));
    });
    return [...labelFinding(ids), ...labelFinding(sids), ...others];
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
  return [{ severity: "warning", message, span: nameSpan, help: labelHelps[name] ?? "remove it" }];
}

function unsupported({ name, nameSpan }: Entry, effect: string | undefined): readonly Finding[] {
  if (!fieldsOfOtherLanguages.includes(name)) return [];
  const message = `OSS does not document \`${name}\` for bucket policies`;
  return [{ message, span: nameSpan, help: labelHelps[name] ?? helpOf(name, effect) }];
}
