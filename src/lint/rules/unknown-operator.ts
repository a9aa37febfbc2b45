import { nearMiss } from "../../near-miss.ts";
import { findOperator, operators } from "../../policy/conditions.ts";
import { operatorEntries } from "../condition.ts";
import { meantText } from "../meaning.ts";
import type { Rule } from "../rule.ts";

export const unknownOperator: Rule = {
  code: "unknown-operator",
  severity: "error",
  summary: "a condition operator that OSS does not document",
  explanation: `OSS documents six operators for strings, numbers and dates each, Bool, IpAddress, NotIpAddress and
IpAddressIncludeBorder (OSS docs: policy syntax). Forms of other clouds, such as
StringEqualsIfExists, ForAnyValue:StringLike, Null and ArnLike, are not among them. What OSS does with an operator
that it does not document, and whether it compares operators with case, is not documented.

Mend: write one of the documented operators, exactly as it is spelt.`,
  check: ({ statements }) =>
    statements
      .flatMap(operatorEntries)
      .map((entry) => ({ ...entry, name: meantText(entry.name) }))
      .filter(({ name }) => findOperator(name) === undefined)
      .map(({ name, nameSpan }) => ({
        message: `\`${name}\` is not an operator that OSS documents`,
        span: nameSpan,
        help: mendOf(name),
      })),
};

const names: readonly string[] = operators.map(({ name }) => name);

function mendOf(name: string): string {
  const [affix = ""] = /^(ForAnyValue:|ForAllValues:)|IfExists$/i.exec(name) ?? [];
  const near = sameSense(name.replace(affix, ""));
  if (affix !== "" && near !== undefined) return `write \`${near}\`: OSS documents no \`${affix}\``;
  if (/^Null$/i.test(name))
    return "no operator of OSS tests whether a key is present: test the values that are meant instead";
  if (/^Arn/i.test(name)) return `write \`${isNegated(name) ? "StringNotLike" : "StringLike"}\``;
  if (/^Not.*IncludeBorder$/i.test(name)) return "write `NotIpAddress`";
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return `allowed here: ${names.join(", ")}`;
}

/** The operator that is meant, wherever in it the `Not` stands, and never one that says the opposite. */
function sameSense(name: string): string | undefined {
  const candidates = names.filter((candidate) => isNegated(candidate) === isNegated(name));
  const bare = candidates.map(withoutNot);
  const folded = bare.findIndex((candidate) => candidate.toLowerCase() === withoutNot(name).toLowerCase());
  const near = nearMiss(withoutNot(name), bare);
  return candidates[folded] ?? (near === undefined ? undefined : candidates[bare.indexOf(near)]);
}

function isNegated(name: string): boolean {
  return /not/i.test(name);
}

function withoutNot(name: string): string {
  return name.replace(/not/i, "");
}
