import { parseIpRange } from "./ip-range.ts";
import { isObject, parseJson } from "./json.ts";
import { canonicalPolicy, type ConditionTest, type Policy, type Statement } from "./policy.ts";

/** Whether OSS counts a policy as public; `undocumented` where its documentation does not say. */
export type PublicStatus = "yes" | "undocumented" | "no";

/**
 * Returns whether OSS counts a policy as public, which Block Public Access acts on. One public Allow is enough; actions
 * and resources do not matter (OSS docs: Block Public Access). A Statement that is not a list of statements counts as
 * public.
 */
export function publicStatus({ statements, other }: Policy): PublicStatus {
  if (other.some(({ name }) => name === "Statement")) return "yes";
  const found = statements.map(statusOf);
  return found.includes("yes") ? "yes" : found.includes("undocumented") ? "undocumented" : "no";
}

/** Returns true unless OSS surely does not count a policy as public. */
export function mayBePublic(policy: Policy): boolean {
  return publicStatus(policy) !== "no";
}

/** Applies `mayBePublic` to a policy's text. One that does not parse counts as public: its grants are unknown. */
export function isPublicText(text: string): boolean {
  const parsed = parseJson(text);
  return "problem" in parsed || !isObject(parsed.value) || mayBePublic(canonicalPolicy(parsed.value));
}

/**
 * Returns the status of one statement. An unknown Effect counts as Allow. Not documented are roles with a wildcard, and
 * a negated test of what would narrow a statement.
 */
function statusOf({ effect, principal, condition }: Statement): PublicStatus {
  if (effect === "Deny") return "no";
  const open = (principal ?? ["*"]).filter((word) => word.includes("*"));
  if (open.length === 0 || (condition ?? []).some(narrows)) return "no";
  const isOpenRole = open.every((word) => word.startsWith("arn:sts::"));
  return isOpenRole || (condition ?? []).some(isNegated) ? "undocumented" : "yes";
}

function isNegated({ operator, key }: ConditionTest): boolean {
  return operator.startsWith("Not") || operator.startsWith("StringNot")
    ? narrowingKeys.includes(key ?? "")
    : false;
}

const narrowingKeys = ["acs:SourceVpc", "acs:SourceVpcId", "acs:AccessId", "acs:SourceIp", "acs:SourceVpcIp"];

/** Returns true for a fixed VPC or key id, or addresses with at least 8 fixed bits (IPv4) or 32 (IPv6). */
export function narrows({ operator, key, values }: Omit<ConditionTest, "unquoted">): boolean {
  if (values.length === 0) return false;
  switch (key ?? "") {
    case "acs:SourceVpc":
    case "acs:SourceVpcId":
    case "acs:AccessId":
      return (
        /^String(Equals|EqualsIgnoreCase|Like)$/.test(operator) &&
        values.every((value) => value !== "" && !value.includes("*"))
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
