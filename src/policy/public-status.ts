import { parseIpRange } from "./ip-range.ts";
import { isObject, parseJson } from "./json.ts";
import { canonicalPolicy, type ConditionTest, type Policy, type Statement } from "./policy.ts";

/**
 * Whether OSS counts a policy as public, which is what Block Public Access acts on: one public Allow is
 * enough, and actions and resources play no part (OSS docs: Block Public Access). What the documentation
 * leaves open, such as negated operators, counts as public, and so does a Statement that is no list of statements.
 */
export function isPublic({ statements, other }: Policy): boolean {
  return statements.some(isPublicStatement) || other.some(({ name }) => name === "Statement");
}

/** A text that does not parse as a policy counts as public: nobody knows what it grants. */
export function isPublicText(text: string): boolean {
  const parsed = parseJson(text);
  return "problem" in parsed || !isObject(parsed.value) || isPublic(canonicalPolicy(parsed.value));
}

/** An Effect other than the two that OSS has is taken for the worse of them. */
function isPublicStatement({ effect, principal, condition }: Statement): boolean {
  if (effect === "Deny") return false;
  const isFixed = (principal ?? ["*"]).every((word) => !word.includes("*"));
  return !isFixed && !(condition ?? []).some(narrows);
}

/** A fixed VPC or key id, or addresses with at least 8 fixed bits (IPv4) or 32 (IPv6). */
function narrows({ operator, key, values }: ConditionTest): boolean {
  if (values.length === 0) return false;
  switch (key ?? "") {
    case "acs:SourceVpc":
    case "acs:SourceVpcId":
    case "acs:AccessId":
      return (
        /^String(Equals|EqualsIgnoreCase|Like)$/.test(operator) &&
        values.every((value) => !value.includes("*"))
      );
    case "acs:SourceIp":
    case "acs:SourceVpcIp":
      return operator === "IpAddress" && values.every(isNarrowRange);
  }
  return false;
}

function isNarrowRange(value: string): boolean {
  const range = parseIpRange(value);
  return range !== undefined && range.prefixLength >= (range.version === 4 ? 8 : 32);
}
