import { expect, test } from "vitest";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy } from "../../src/policy/policy.ts";
import { isPublicText, publicStatus, type PublicStatus } from "../../src/policy/public-status.ts";

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
test.each<[string, JsonObject, PublicStatus]>([
  ["a Deny", allow({ Effect: "Deny" }), "no"],
  ["fixed principals", allow({ Principal: ["1", "2"] }), "no"],
  ["a fixed role session", allow({ Principal: ["arn:sts::1:assumed-role/r/s"] }), "no"],
  ["everyone", allow({}), "yes"],
  ["no Principal", { Effect: "Allow", Action: "oss:GetObject", Resource: "*" }, "yes"],
  ["an empty Principal", allow({ Principal: [] }), "yes"],
  ["one of two that is not fixed", allow({ Principal: ["1", "*"] }), "yes"],
  ["all sessions of a role", allow({ Principal: ["arn:sts::1:assumed-role/r/*"] }), "undocumented"],
  ["a fixed VPC", under("StringEquals", "acs:SourceVpc", "vpc-1"), "no"],
  ["any VPC", under("StringLike", "acs:SourceVpc", "vpc-*"), "yes"],
  ["every VPC but one", under("StringNotEquals", "acs:SourceVpc", "vpc-1"), "undocumented"],
  ["an empty VPC", under("StringLike", "acs:SourceVpc", ""), "yes"],
  [
    "a role with a wildcard beside everyone",
    allow({ Principal: ["arn:sts::1:assumed-role/r/*", "*"] }),
    "yes",
  ],
  [
    "a role with a wildcard in a fixed VPC",
    allow({
      Principal: ["arn:sts::1:assumed-role/r/*"],
      Condition: { StringEquals: { "acs:SourceVpc": ["vpc-1"] } },
    }),
    "no",
  ],
  ["a fixed access key", under("StringEquals", "acs:AccessId", "LTAI"), "no"],
  ["IPv4 with a mask of 8", under("IpAddress", "acs:SourceIp", "10.0.0.0/8"), "no"],
  ["IPv4 with a mask of 7", under("IpAddress", "acs:SourceIp", "10.0.0.0/7"), "yes"],
  ["IPv6 with a mask of 32", under("IpAddress", "acs:SourceIp", "2001:db8::/32"), "no"],
  ["IPv6 with a mask of 31", under("IpAddress", "acs:SourceIp", "2001:db8::/31"), "yes"],
  ["one narrow range and all", under("IpAddress", "acs:SourceIp", "10.0.0.0/8", "0.0.0.0/0"), "yes"],
  ["all addresses but some", under("NotIpAddress", "acs:SourceIp", "10.0.0.0/8"), "undocumented"],
  ["a user agent", under("StringEquals", "acs:UserAgent", "x"), "yes"],
  ["TLS", under("Bool", "acs:SecureTransport", "true"), "yes"],
  ["an Effect in other letters: not documented, so public", allow({ Effect: "ALLOW" }), "yes"],
  ["an Effect that is no text", allow({ Effect: ["Allow"] }), "yes"],
  ["no Effect", { Principal: "*", Action: "oss:GetObject", Resource: "*" }, "yes"],
  ["a Principal that is no list of texts", allow({ Principal: { RAM: "1" } }), "yes"],
  ["a Condition that is no mapping", allow({ Condition: "acs:SourceVpc" }), "yes"],
])("%s", (_, statement, expected) => {
  expect(publicStatus(canonicalPolicy({ Version: "1", Statement: [statement] }))).toBe(expected);
});

test("one public statement is enough", () => {
  const statements = [allow({ Principal: ["1"] }), allow({})];
  expect(publicStatus(canonicalPolicy({ Version: "1", Statement: statements }))).toBe("yes");
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
