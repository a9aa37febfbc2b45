import { allow, type ConformanceCase } from "../case.ts";

/** Operators, each with values that a key with any plain value would meet or not. */
const operators: readonly (readonly [operator: string, key: string, value: string])[] = [
  ["StringEquals", "oss:x-oss-acl", "private"],
  ["StringNotEquals", "oss:x-oss-acl", "private"],
  ["StringNotEqualsIgnoreCase", "oss:x-oss-acl", "private"],
  ["StringNotLike", "oss:x-oss-acl", "pub*"],
  ["StringNotLike", "oss:x-oss-acl", "*"],
  ["StringNotEquals", "oss:BucketTag/oss-policy-conformance", "x"],
  ["NumericEquals", "oss:object-remaining-retention-days", "0"],
  ["NumericLessThan", "oss:object-remaining-retention-days", "1"],
  ["NumericGreaterThanEquals", "oss:object-remaining-retention-days", "0"],
  ["Bool", "acs:MFAPresent", "false"],
];

/** For each kind of operator: does it hold for a key that the request does not have? */
export const absentKeyCases: readonly ConformanceCase[] = operators.map(([operator, key, value]) => ({
  id: `absent-${idOf(operator)}-${idOf(key)}${value === "*" ? "-any" : ""}`,
  question: `Does ${operator} \`${value}\` hold for ${key}, which the request does not have?`,
  facts: "3.4: absent keys other than acs:SourceVpc are not documented",
  setup: { policy: { statements: (it) => [allow(it, { Condition: { [operator]: { [key]: [value] } } })] } },
  request: { kind: "call", as: "user", operation: "GetBucketAcl" },
  observations: {
    allowed: { meaning: "it holds for an absent key" },
    refused: { meaning: "it fails for an absent key" },
  },
}));

function idOf(name: string): string {
  const words = name.replace(/^.*[:/]/, "").replaceAll(/(?<=[a-z])([A-Z])/g, "-$1");
  return words.toLowerCase();
}
