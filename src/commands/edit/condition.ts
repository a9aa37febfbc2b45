import { isFailed, type Failed } from "../../result.ts";
import { findConditionKey, type Family } from "../../policy/conditions.ts";
import { nearConditionKey } from "../../policy/near-key.ts";
import { isPattern } from "../../policy/actions.ts";
import type { JsonObject } from "../../policy/json.ts";
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
export function conditionOf(options: Pick<Options, "with">): WantedCondition | Failed {
  const pairs = pairsOf(options);
  if (isFailed(pairs)) return pairs;
  const tests = new Map<string, Map<string, string[]>>();
  for (const [key, value] of pairs.all) {
    const operator = operatorFor(key, value);
    if (typeof operator !== "string") return operator;
    const keys = tests.get(operator) ?? new Map<string, string[]>();
    tests.set(operator, keys.set(key, [...(keys.get(key) ?? []), value]));
  }
  const names = pairs.all.map(([key]) => key);
  const split = names.find((key) => [...tests.values()].filter((keys) => keys.has(key)).length > 1);
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
