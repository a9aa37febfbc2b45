import { parseIpRange } from "./ip-range.ts";
import { isObject, parseJson } from "./json.ts";
import { canonicalPolicy, type ConditionTest, type Policy, type Statement } from "./policy.ts";

/**
 * Returns true if OSS counts a policy as public, which Block Public Access acts on. One public Allow is enough;
 * actions and resources do not matter (OSS docs: Block Public Access). Undocumented points, such as negated
 * operators, count as public, and so does a Statement that is not a list of statements.
 */
export function isPublic({ statements, other }: Policy): boolean {
  return statements.some(isPublicStatement) || other.some(({ name }) => name === "Statement");
}

/** Applies `isPublic` to a policy's text. One that does not parse counts as public: its grants are unknown. */
export function isPublicText(text: string): boolean {
  const parsed = parseJson(text);
  return "problem" in parsed || !isObject(parsed.value) || isPublic(canonicalPolicy(parsed.value));
}

/** Returns true for a public Allow. An unknown Effect counts as Allow. */
function isPublicStatement({ effect, principal, condition }: Statement): boolean {
  if (effect === "Deny") return false;
  const isFixed = (principal ?? ["*"]).every((word) => !word.includes("*"));
  return !isFixed && !(condition ?? []).some(narrows);
}

/** Returns true for a fixed VPC or key id, or addresses with at least 8 fixed bits (IPv4) or 32 (IPv6). */
export function narrows({ operator, key, values }: Omit<ConditionTest, "unquoted">): boolean {
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
