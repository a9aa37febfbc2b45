import { operators, type Family, type ConditionOperator } from "../../policy/conditions.ts";
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
        help: helpOf(operator, key.family),
      })),
};

const kinds: Readonly<Record<Family, string>> = {
  String: "a string",
  Numeric: "a number",
  Date: "a time",
  Bool: "true or false",
  Ip: "an address",
};

/** The operators of the family that test the same: never one that says the opposite. */
function helpOf(operator: ConditionOperator, family: Family): string {
  const own = operators.filter((one) => one.family === family && one.hasMeaning);
  const sameSense = own.filter(({ negated }) => negated === operator.negated);
  const sameRelation = sameSense.filter(({ name }) => relationOf(name) === relationOf(operator.name));
  const [first, ...more] = sameRelation.length > 0 ? sameRelation : sameSense;
  if (first === undefined) return "write `Bool`, and the other one of true and false as the value";
  if (more.length === 0) return `write \`${first.name}\``;
  const names = [first, ...more].map(({ name }) => name).join(", ");
  return `write the operator of these that is meant: ${names}`;
}

function relationOf(name: string): string {
  return name.replace(/^(?:String|Numeric|Date)/, "");
}
