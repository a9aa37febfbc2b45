import type { Entry } from "../../desired/node.ts";
import { nearMiss } from "../../near-miss.ts";
import { findConditionKey, findOperator, operators } from "../../policy/conditions.ts";
import { operatorEntries } from "../condition.ts";
import { meantText } from "../meaning.ts";
import type { Finding, Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const unknownOperator: Rule = {
  code: "unknown-operator",
  severity: "error",
  summary: "a condition operator that OSS does not document",
  explanation: `OSS documents six operators each for strings, numbers and dates, and Bool, IpAddress, NotIpAddress and
IpAddressIncludeBorder (OSS docs: policy syntax). Forms of other clouds, such as StringEqualsIfExists,
ForAnyValue:StringLike, Null and ArnLike, are not among them. What OSS does with an undocumented operator, and whether
it compares operators with case, is not documented.

Fix: write one of the documented operators, spelled exactly as documented.`,
  check: ({ statements }) =>
    statements.flatMap((statement) => {
      const written = operatorEntries(statement);
      return written
        .filter(({ name }) => findOperator(meantText(name)) === undefined)
        .map((entry) => judge(entry, written));
    }),
};

function judge({ name: text, nameSpan: span, value }: Entry, written: readonly Entry[]): Finding {
  const name = meantText(text);
  const help = helpOf(name);
  const message = `\`${name}\` is not an operator that OSS documents`;
  const [, near] = /^did you mean `([^`]+)`\?$/.exec(help) ?? [];
  const keys = value.kind === "map" ? value.entries.map((key) => findConditionKey(meantText(key.name))) : [];
  // A map can have an operator only once, and the operator has to fit all of its keys.
  const isExact =
    near !== undefined &&
    !written.some(({ name: other, nameSpan }) => nameSpan !== span && isMeant(other, near)) &&
    keys.every((key) => key === undefined || key.family === findOperator(near)?.family);
  const fix = isExact ? replacing({ text, span, isWhole: !text.includes("${") }, near) : {};
  return { message, span, help, ...fix };
}

function isMeant(written: string, operator: string): boolean {
  const name = meantText(written);
  return name === operator || (findOperator(name) === undefined && sameSense(name) === operator);
}

const names: readonly string[] = operators.map(({ name }) => name);

function helpOf(name: string): string {
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

/** Returns the operator that is meant, wherever the `Not` is in it, and never one with the opposite sense. */
function sameSense(name: string): string | undefined {
  // `StringNtEquals` has lost a letter of its `Not`, so the operator without one is not what is meant.
  if (!isNegated(name) && isNegated(nearMiss(name, names) ?? "")) return undefined;
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
