import type { Family } from "../../policy/conditions.ts";
import { isIpPattern, networkText, parseIpRange, parseIpTest, type IpRange } from "../../policy/ip-range.ts";
import { parseMoment } from "../../policy/moment.ts";
import { valuesUnder } from "../condition.ts";
import { readNumber } from "../plain-number.ts";
import type { Rule } from "../rule.ts";
import { replacing } from "../texts.ts";

export const undecidedValue: Rule = {
  code: "undecided-value",
  severity: "warning",
  summary: "a value that can be read in more than one way, such as a date without a time",
  explanation: `OSS documents addresses, ISO 8601 dates and numbers as values (OSS docs: policy syntax). It does not say how it reads a
date without a time or an offset, an IPv4 address in IPv6 form (::ffff:192.0.2.1), or a number with a fraction, a sign,
an exponent or leading zeros. So the effect of a change of such a policy cannot be decided, and plan blocks the bucket.
The same applies to an address with * before other parts: OSS accepts it, but it is a very large number of ranges.

Fix: write the value in the plain form that the message names.`,
  check: ({ statements }) =>
    valuesUnder(statements, ({ hasMeaning }) => hasMeaning).flatMap(({ value, operator }) => {
      const found = judges[operator.family](value.text);
      if (found === undefined) return [];
      const { plain, message = `how OSS reads \`${value.text}\` is not documented` } = found;
      const help = plain === undefined ? found.help : `write \`${plain}\``;
      return [{ message, span: value.span, help, ...(plain === undefined ? {} : replacing(value, plain)) }];
    }),
};

/** Problem of a value; `plain` is an equal plain form, if there is one. */
interface JudgedValue {
  readonly message?: string;
  readonly plain?: string | undefined;
  readonly help: string;
}

const judges: Readonly<Record<Family, (text: string) => JudgedValue | undefined>> = {
  String: () => undefined,
  Bool: () => undefined,
  Numeric: (text) => {
    const number = readNumber(text);
    return number === undefined || number.plain === text
      ? undefined
      : { plain: number.plain, help: "write a whole number, in digits alone" };
  },
  Date: (text) => (parseMoment(text)?.kind === "vague" ? { help: timeHelp(text) } : undefined),
  Ip: (text) => {
    const range = parseIpRange(text);
    const mapped = range === undefined ? undefined : mappedRange(range);
    if (mapped !== undefined) return { plain: mapped, help: "write the IPv4 form" };
    if (range !== undefined && text.includes(":") && text.includes(".", text.indexOf(":")))
      return { help: "write it in groups of hexadecimal digits alone" };
    if (!isIpPattern(text) || parseIpTest(text) !== undefined || text.includes("**")) return undefined;
    const message = `\`${text}\` is so many ranges that the effect of a change of this policy cannot be decided`;
    return { message, help: "write the ranges that are meant" };
  },
};

/** Returns the help for a date: the written one, in the form that has one meaning. */
function timeHelp(text: string): string {
  const rounded = text.replace(/(\.\d{3})\d+/, "$1");
  if (rounded !== text) return `write at most three digits after the point, such as \`${rounded}\``;
  const [time, what] = text.includes("T")
    ? [text, "the offset"]
    : [`${text}T00:00:00`, "the time and its offset"];
  return `add ${what}, such as \`${time}+08:00\` in China or \`${time}Z\` in UTC`;
}

/** Returns the IPv4 range of an IPv4-mapped IPv6 range. */
function mappedRange({ version, prefixLength, address, first }: IpRange): string | undefined {
  if (version === 4 || prefixLength < 96 || first >> 32n !== 0xffffn || address !== first) return undefined;
  const text = networkText({
    version: 4,
    prefixLength: prefixLength - 96,
    address: 0n,
    first: first & 0xffff_ffffn,
    last: 0n,
  });
  return prefixLength === 128 ? text.replace(/\/32$/, "") : text;
}
