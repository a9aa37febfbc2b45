import { findConditionKey, findOperator } from "../policy/conditions.ts";
import { parseIpTest } from "../policy/ip-range.ts";
import { parseMoment } from "../policy/moment.ts";
import { isLabel, type ConditionTest, type Policy, type Statement } from "../policy/policy.ts";
import { parseRoleSession } from "../policy/principal.ts";

/**
 * What keeps a policy from having a known meaning, in words; none if every statement is understood.
 * It is never left out: a decision without it could be wrong in either direction.
 */
export function unsupported(policy: Policy): readonly string[] {
  const ofPolicy = policy.other
    .filter((one) => !isLabel(one, "policy"))
    .map(({ name }) => `the field \`${name}\` of the policy`);
  const ofStatements = policy.statements.flatMap((statement, index) =>
    inStatement(statement).map((what) => `${what} in statement ${index + 1}`),
  );
  return [...ofPolicy, ...ofStatements];
}

function inStatement(statement: Statement): readonly string[] {
  const { effect, principal, action, resource, condition, other } = statement;
  return [
    ...other.filter((one) => !isLabel(one, "statement")).map(({ name }) => `the field \`${name}\``),
    ...(effect === "Allow" || effect === "Deny" ? [] : ["an Effect that is neither Allow nor Deny"]),
    ...(principal ?? []).filter((word) => !isPrincipal(word)).map((word) => `the principal \`${word}\``),
    ...(action === null ? ["a missing Action"] : []),
    ...(resource === null ? ["a missing Resource"] : []),
    ...[...(action ?? []), ...(resource ?? [])]
      .filter((word) => word.includes("${"))
      .map((word) => `\`${word}\``),
    ...(condition ?? []).flatMap(inTest),
  ];
}

function isPrincipal(word: string): boolean {
  return word === "*" || /^[0-9]+$/.test(word) || parseRoleSession(word) !== undefined;
}

function inTest({ operator: name, key, values }: ConditionTest): readonly string[] {
  const operator = findOperator(name);
  if (operator === undefined || !operator.hasMeaning) return [`the operator \`${name}\``];
  const known = key === null ? undefined : findConditionKey(key);
  if (known === undefined) return [`the condition key \`${key ?? ""}\``];
  if (known.family !== operator.family) return [`\`${name}\` on \`${known.name}\``];
  return values.filter((value) => !isValue(operator.family, value)).map((value) => `the value \`${value}\``);
}

function isValue(family: string, value: string): boolean {
  switch (family) {
    case "Bool":
      return /^(true|false)$/i.test(value);
    case "Numeric":
      return /^(0|[1-9][0-9]{0,14})$/.test(value);
    case "Date":
      return parseMoment(value)?.kind === "moment";
    case "Ip":
      return parseIpTest(value) !== undefined && !/:.*\./.test(value);
  }
  return !value.includes("${");
}
