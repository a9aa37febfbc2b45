import { networkText, parseIpRange } from "../../policy/ip-range.ts";
import { valuesUnder } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const hostBits: Rule = {
  code: "host-bits",
  severity: "warning",
  summary: "a CIDR range whose address has bits set after its prefix, such as 10.1.2.3/8",
  explanation: `In CIDR form the bits after the prefix are zero: 10.0.0.0/8 is a range, and 10.1.2.3/8 is either the same range or a
slip for one address. Whether OSS takes such a value as the range, as the address or as neither is not documented.

Fix: write the network address, or the one address without a prefix.`,
  check: ({ statements }) =>
    valuesUnder(statements, ({ family }) => family === "Ip").flatMap(({ value: { text, span } }) => {
      const range = parseIpRange(text);
      if (range === undefined || range.address === range.first) return [];
      const message = `\`${text}\` has bits set after its prefix of ${range.prefixLength} bits`;
      const help = `write \`${networkText(range)}\` for the range, or \`${text.split("/")[0] ?? ""}\` for the one address`;
      return [{ message, span, help }];
    }),
};
