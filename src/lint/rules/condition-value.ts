import type { Family } from "../../policy/conditions.ts";
import { isIpPattern, parseIpRange } from "../../policy/ip-range.ts";
import { parseMoment } from "../../policy/moment.ts";
import { valuesUnder } from "../condition.ts";
import { readNumber } from "../plain-number.ts";
import type { Rule } from "../rule.ts";
import { quoted, replacing } from "../texts.ts";

export const conditionValue: Rule = {
  code: "condition-value",
  severity: "error",
  summary: "a value that the operator cannot read: no address, no date, no number, not true or false",
  explanation: `IpAddress takes addresses and CIDR ranges, IPv4 and IPv6, and IPv4 addresses with * in place of digits, such as
101.*.*.100. The Date operators take ISO 8601 dates, the Numeric ones numbers, Bool true or false (OSS docs: policy
syntax, bucket policy). What OSS does with another value is not documented. A test that cannot match makes an Allow
useless and leaves a Deny without protection.

Fix: write the value as the help says.`,
  check: ({ statements }) =>
    valuesUnder(statements, ({ family }) => family !== "String").flatMap(({ value, operator }) => {
      const { family } = operator;
      // double-wildcard reports two in a row.
      if (isReadable(family, value.text) || value.text.includes("**")) return [];
      const message = `${quoted(value.text)} is not ${kinds[family].what}`;
      const truth = family === "Bool" ? truths.get(value.text.trim().toLowerCase()) : undefined;
      if (truth === undefined) return [{ message, span: value.span, help: kinds[family].help }];
      return [{ message, span: value.span, help: `write \`${truth}\``, ...replacing(value, truth) }];
    }),
};

const kinds: Readonly<Record<Family, { readonly what: string; readonly help: string }>> = {
  String: { what: "a string", help: "write a string" },
  Numeric: { what: "a number", help: "write a number in digits, such as 30" },
  Date: { what: "an ISO 8601 date", help: "write a date such as 2026-08-12T17:00:00+08:00" },
  Bool: { what: "`true` or `false`", help: "write `true` or `false`" },
  Ip: {
    what: "an IP address or CIDR range",
    help: "write an address, a range such as 192.168.0.0/16, or four parts such as 192.168.*.*",
  },
};

function isReadable(family: Family, text: string): boolean {
  switch (family) {
    case "String":
      return true;
    case "Numeric":
      return readNumber(text) !== undefined;
    case "Date":
      return parseMoment(text) !== undefined;
    case "Bool":
      return text === "true" || text === "false";
    case "Ip":
      return parseIpRange(text) !== undefined || isIpPattern(text);
  }
}

/** OSS documentation of 2021 had the values HTTP and HTTPS for acs:SecureTransport. */
const truths: ReadonlyMap<string, string> = new Map([
  ["https", "true"],
  ["http", "false"],
  ["true", "true"],
  ["false", "false"],
]);
