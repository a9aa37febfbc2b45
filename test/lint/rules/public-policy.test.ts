import { expect, test } from "vitest";
import type { Json } from "../../../src/policy/json.ts";
import { codesOf, statement } from "./findings.ts";

const everyone = { Principal: ["*"] };
const vpc = { StringEquals: { "acs:SourceVpc": ["vpc-1"] } };
const source = (...ranges: string[]) => ({ IpAddress: { "acs:SourceIp": ranges } });

/** OSS docs, Block Public Access: what makes a policy public. */
test.each<[string, { readonly [name: string]: Json }, boolean]>([
  ["a Deny", { ...everyone, Effect: "Deny" }, false],
  ["fixed principals", { Principal: ["1746495857600001", "arn:sts::1:assumed-role/r/s"] }, false],
  ["everyone", everyone, true],
  ["everyone, as a string", { Principal: "*" }, true],
  ["an empty Principal", { Principal: [] }, true],
  ["one of several with a wildcard", { Principal: ["1746495857600001", "arn:sts::1:assumed-role/r/*"] }, false],
  ["a fixed VPC", { ...everyone, Condition: vpc }, false],
  ["a fixed VPC under StringLike", { ...everyone, Condition: { StringLike: { "acs:SourceVpc": "vpc-1" } } }, false],
  ["a VPC with a wildcard", { ...everyone, Condition: { StringLike: { "acs:SourceVpc": ["vpc-1", "vpc-*"] } } }, true],
  ["all VPCs but one", { ...everyone, Condition: { StringNotEquals: { "acs:SourceVpc": ["vpc-1"] } } }, true],
  ["no VPC at all", { ...everyone, Condition: { StringEquals: { "acs:SourceVpc": [] } } }, true],
  ["an AccessKey ID", { ...everyone, Condition: { StringEquals: { "acs:AccessId": ["LTAI1"] } } }, false],
  ["an IPv4 mask of 8", { ...everyone, Condition: source("10.0.0.0/8") }, false],
  ["an IPv4 mask of 7", { ...everyone, Condition: source("10.0.0.0/8", "12.0.0.0/7") }, true],
  ["one address", { ...everyone, Condition: source("203.0.113.7") }, false],
  ["an IPv6 mask of 32", { ...everyone, Condition: source("2001:db8::/32") }, false],
  ["an IPv6 mask of 31", { ...everyone, Condition: source("2001:db8::/31") }, true],
  ["an address with wildcards", { ...everyone, Condition: source("1.*.*.*") }, true],
  ["all addresses but some", { ...everyone, Condition: { NotIpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } } }, true],
  ["an address in a VPC", { ...everyone, Condition: { IpAddress: { "acs:SourceVpcIp": ["10.0.0.0/8"] } } }, false],
  ["a user agent", { ...everyone, Condition: { StringEquals: { "acs:UserAgent": ["a"] } } }, true],
  ["HTTPS only", { ...everyone, Condition: { Bool: { "acs:SecureTransport": ["true"] } } }, true],
  ["a user agent in a VPC", { ...everyone, Condition: { ...vpc, Bool: { "acs:SecureTransport": ["true"] } } }, false],
])("%s", (_, fields, isPublic) => {
  expect(codesOf([statement(fields)]).includes("public-policy")).toBe(isPublic);
});

test("a statement without Principal is public", () => {
  const fields = Object.entries(statement({}) as { readonly [name: string]: Json });
  const rest = Object.fromEntries(fields.filter(([name]) => name !== "Principal"));
  expect(codesOf([rest])).toContain("public-policy");
});
