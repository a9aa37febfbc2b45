import { isFailed, type Failed } from "../../result.ts";
import { findConditionKey, type Family } from "../../policy/conditions.ts";
import { nearConditionKey } from "../../policy/near-key.ts";
import { isPattern } from "../../policy/actions.ts";
import type { JsonObject } from "../../policy/json.ts";
import type { Intent } from "../../edit/intent.ts";
import type { Options } from "../../run/options.ts";
import { pairsOf } from "../access/pairs.ts";
import { problem } from "../access/reply.ts";

/** Condition of a statement, and the same as the context of a query, one value for each key. */
export interface WantedCondition {
  /** Undefined if there is none. */
  readonly document: JsonObject | undefined;
  readonly contexts: readonly ReadonlyMap<string, string>[];
}

/** Returns the Condition that --with asks for: the operator follows from the type of the key. */
export function conditionOf(options: Pick<Options, "with">, verb: Intent["verb"]): WantedCondition | Failed {
  const pairs = pairsOf(options);
  if (isFailed(pairs)) return pairs;
  const keys = pairs.all.map(([key]) => key);
  // A revoke writes no statement with it.
  if (verb !== "revoke" && keys.includes("acs:SourceIp") && !keys.includes("acs:SourceVpc"))
    return problem(
      "OSS refuses `acs:SourceIp` without `acs:SourceVpc` in the same statement",
      besideIp[verb],
    );
  const tests = new Map<string, Map<string, string[]>>();
  for (const [key, value] of pairs.all) {
    const operator = operatorFor(key, value);
    if (typeof operator !== "string") return operator;
    const ofOperator = tests.get(operator) ?? new Map<string, string[]>();
    tests.set(operator, ofOperator.set(key, [...(ofOperator.get(key) ?? []), value]));
  }
  const split = keys.find((key) => [...tests.values()].filter((keys) => keys.has(key)).length > 1);
  if (split !== undefined)
    return problem(
      `the values of \`${split}\` need two operators, which a statement joins by "and"`,
      "write them all with a wildcard, or all without",
    );
  const document = Object.fromEntries([...tests].map(([name, keys]) => [name, Object.fromEntries(keys)]));
  return {
    document: tests.size === 0 ? undefined : document,
    contexts: pairs.all.length === 0 ? [new Map()] : pairs.all.map((pair) => new Map([pair])),
  };
}

const besideIp: Readonly<Record<Exclude<Intent["verb"], "revoke">, string>> = {
  grant:
    "for addresses of the Internet add `--with acs:SourceVpc=`; for private ones, such as 10.0.0.0/8, add the id of their VPC in the same way",
  deny: "deny these addresses twice: with `--with acs:SourceVpc=` for the Internet, and with `--with 'acs:SourceVpc=vpc-*'` for every VPC",
};

const operators: Readonly<Record<Exclude<Family, "Date">, string>> = {
  String: "StringEquals",
  Numeric: "NumericEquals",
  Bool: "Bool",
  Ip: "IpAddress",
};

function operatorFor(key: string, value: string): string | Failed {
  const family = findConditionKey(key)?.family;
  if (family === undefined) {
    const near = nearConditionKey(key);
    const help =
      near === undefined
        ? "name a key that OSS documents, such as `acs:SourceVpc`"
        : `did you mean \`${near}\`?`;
    return problem(`\`${key}\` is not a condition key`, help);
  }
  if (family === "Date")
    return problem(
      `--with cannot say if \`${key}\` is to be before or after \`${value}\``,
      "add `DateLessThan` (until) or `DateGreaterThan` (from) to the statement by hand",
    );
  return family === "String" && isPattern(value) ? "StringLike" : operators[family];
}
