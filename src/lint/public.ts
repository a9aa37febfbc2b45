import { parseIpRange } from "../policy/ip-range.ts";
import type { StatementInFile, TestInFile, Word } from "./rule.ts";

/** Reports whether a statement is an Allow that is public unless its principals are fixed. */
export function isWideAllow(statement: StatementInFile): boolean {
  return statement.effect === "Allow" && !statement.tests.some(narrows);
}

/** Reports whether a test keeps an Allow from being public (OSS docs: Block Public Access). */
function narrows({ operator, key, values }: TestInFile): boolean {
  if (values.length === 0) return false;
  if (["acs:SourceVpc", "acs:SourceVpcId", "acs:AccessId"].includes(key.text))
    return /^String(Equals|EqualsIgnoreCase|Like)$/.test(operator.text) && values.every(isFixed);
  if (["acs:SourceIp", "acs:SourceVpcIp"].includes(key.text))
    return operator.text === "IpAddress" && values.every(isNarrowRange);
  return false;
}

function isFixed({ text }: Word): boolean {
  return !text.includes("*");
}

function isNarrowRange({ text }: Word): boolean {
  const range = parseIpRange(text);
  return range !== undefined && range.prefixLength >= (range.version === 4 ? 8 : 32);
}
