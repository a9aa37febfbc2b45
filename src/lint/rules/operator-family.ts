import { operators, type Family, type ConditionOperator } from "../../policy/conditions.ts";
import { knownTests } from "../condition.ts";
import type { Rule } from "../rule.ts";

export const operatorFamily: Rule = {
  code: "operator-family",
  severity: "error",
  summary: "an operator that does not fit the key, such as StringEquals with an address",
  explanation: `Each condition key fits one family of operators: addresses IpAddress, true and false Bool, times the Date operators, the
days of a retention the Numeric ones, all others the String ones (OSS docs: policy syntax). The effect of another
operator on a key is not documented: IpAddress with a VPC id, or StringEquals with a CIDR range, most likely never
matches.

Fix: write an operator of the family that the message names.`,
  check: ({ statements }) =>
    statements
      .flatMap(knownTests)
      .filter(({ operator, key }) => operator.family !== key.family)
      .map(({ operator, key, test }) => ({
        message: `\`${operator.name}\` does not fit \`${test.key.text}\`, which is ${kinds[key.family]}`,
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

/** Returns the help: operators of the family with the same test, never with the opposite one. */
function helpOf(operator: ConditionOperator, family: Family): string {
  const own = operators.filter((one) => one.family === family && one.hasMeaning);
  const sameSense = own.filter(({ negated }) => negated === operator.negated);
  const sameRelation = sameSense.filter(({ name }) => relationOf(name) === relationOf(operator.name));
  const [first, ...more] = sameRelation.length > 0 ? sameRelation : sameSense;
  if (first === undefined) return "write `Bool`, and the opposite of true or false as the value";
  if (more.length === 0) return `write \`${first.name}\``;
  const names = [first, ...more].map(({ name }) => name).join(", ");
  return `write the operator that is meant, one of ${names}`;
}

function relationOf(name: string): string {
  return name.replace(/^(?:String|Numeric|Date)/, "");
}
