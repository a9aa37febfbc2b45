import { expect, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { isPublic, isPublicText } from "../../src/policy/public-status.ts";

const allow = (fields: JsonObject): JsonObject => ({
  Effect: "Allow",
  Principal: ["*"],
  Action: ["oss:GetObject"],
  Resource: ["*"],
  ...fields,
});
const under = (operator: string, key: string, ...values: readonly string[]) =>
  allow({ Condition: { [operator]: { [key]: values } } });

// The table of the public test (OSS docs: Block Public Access).
test.each<[string, JsonObject, boolean]>([
  ["a Deny", allow({ Effect: "Deny" }), false],
  ["fixed principals", allow({ Principal: ["1", "2"] }), false],
  ["a fixed role session", allow({ Principal: ["arn:sts::1:assumed-role/r/s"] }), false],
  ["everyone", allow({}), true],
  ["no Principal", { Effect: "Allow", Action: "oss:GetObject", Resource: "*" }, true],
  ["an empty Principal", allow({ Principal: [] }), true],
  ["one of two that is not fixed", allow({ Principal: ["1", "*"] }), true],
  [
    "all sessions of a role: not documented, so public",
    allow({ Principal: ["arn:sts::1:assumed-role/r/*"] }),
    true,
  ],
  ["a fixed VPC", under("StringEquals", "acs:SourceVpc", "vpc-1"), false],
  ["any VPC", under("StringLike", "acs:SourceVpc", "vpc-*"), true],
  ["every VPC but one: not documented, so public", under("StringNotEquals", "acs:SourceVpc", "vpc-1"), true],
  ["a fixed access key", under("StringEquals", "acs:AccessId", "LTAI"), false],
  ["IPv4 with a mask of 8", under("IpAddress", "acs:SourceIp", "10.0.0.0/8"), false],
  ["IPv4 with a mask of 7", under("IpAddress", "acs:SourceIp", "10.0.0.0/7"), true],
  ["IPv6 with a mask of 32", under("IpAddress", "acs:SourceIp", "2001:db8::/32"), false],
  ["IPv6 with a mask of 31", under("IpAddress", "acs:SourceIp", "2001:db8::/31"), true],
  ["one narrow range and all", under("IpAddress", "acs:SourceIp", "10.0.0.0/8", "0.0.0.0/0"), true],
  ["all addresses but some", under("NotIpAddress", "acs:SourceIp", "10.0.0.0/8"), true],
  ["a user agent", under("StringEquals", "acs:UserAgent", "x"), true],
  ["TLS", under("Bool", "acs:SecureTransport", "true"), true],
  ["an Effect in other letters: not documented, so public", allow({ Effect: "ALLOW" }), true],
  ["an Effect that is no text", allow({ Effect: ["Allow"] }), true],
  ["no Effect", { Principal: "*", Action: "oss:GetObject", Resource: "*" }, true],
  ["a Principal that is no list of texts", allow({ Principal: { RAM: "1" } }), true],
  ["a Condition that is no mapping", allow({ Condition: "acs:SourceVpc" }), true],
])("%s", (_, statement, expected) => {
  expect(isPublic(canonicalPolicy({ Version: "1", Statement: [statement] }))).toBe(expected);
});

test("one public statement is enough", () => {
  const statements = [allow({ Principal: ["1"] }), allow({})];
  expect(isPublic(canonicalPolicy({ Version: "1", Statement: statements }))).toBe(true);
});

test.each<[string, string, boolean]>([
  ["nothing is granted", '{"Version":"1","Statement":[]}', false],
  ["one account", JSON.stringify({ Version: "1", Statement: [allow({ Principal: ["1"] })] }), false],
  ["everyone", JSON.stringify({ Version: "1", Statement: [allow({})] }), true],
  // A reader that takes what it cannot read for closed would let each of these past Block Public Access.
  ["no JSON", "{", true],
  ["no text at all", "", true],
  ["no object", "[]", true],
  ["a name twice, with two values", '{"Version":"1","Statement":[],"Statement":[{}]}', true],
  ["the name `__proto__`", '{"Version":"1","Statement":[],"__proto__":1}', true],
  ["nested too deeply", `{"Version":"1","Statement":[],"x":${"[".repeat(200)}${"]".repeat(200)}}`, true],
  ["one statement, not in a list", JSON.stringify({ Version: "1", Statement: allow({}) }), true],
  ["a Statement that is text", '{"Version":"1","Statement":"Allow"}', true],
  ["a Statement that is null", '{"Version":"1","Statement":null}', true],
  ["a statement that is text", '{"Version":"1","Statement":["Allow"]}', true],
])("text: %s", (_, text, expected) => {
  expect(isPublicText(text)).toBe(expected);
});
