import { operators, type Family } from "../../policy/conditions.ts";
import { knownTests } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const operatorFamily: Rule = {
  code: "operator-family",
  severity: "error",
  summary: "an operator that does not go with the key, such as StringEquals with an address",
  explanation: `Each condition key goes with one family of operators: addresses with IpAddress, true and false with
Bool, times with the Date operators, the days of a retention with the Numeric ones, all others with the
String ones (OSS docs: policy syntax). What another operator makes of a key is not documented: IpAddress with a
VPC id, or StringEquals with a CIDR range, most likely never match.

Mend: write an operator of the family that the message names.`,
  check: ({ statements }) =>
    statements
      .flatMap(knownTests)
      .filter(({ operator, key }) => operator.family !== key.family)
      .map(({ operator, key, test }) => ({
        message: `\`${operator.name}\` does not go with \`${test.key.text}\`, which is ${kinds[key.family]}`,
        span: test.key.span,
        help: `write ${namesOf(key.family)}`,
      })),
};

const kinds: Readonly<Record<Family, string>> = {
  String: "a string",
  Numeric: "a number",
  Date: "a time",
  Bool: "true or false",
  Ip: "an address",
};

function namesOf(family: Family): string {
  const names = operators.filter((operator) => operator.family === family && operator.hasMeaning);
  return names
    .map(({ name }) => `\`${name}\``)
    .join(", ")
    .replace(/, ([^,]*)$/, " or $1");
}
