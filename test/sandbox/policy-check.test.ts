import { expect, test } from "vitest";
import { checkPolicy } from "../../src/sandbox/operations/policy-check.ts";

const statement = {
  Effect: "Allow",
  Principal: ["*"],
  Action: ["oss:GetObject"],
  Resource: ["acs:oss:*:1:b/*"],
};
const policy = (...statements: readonly unknown[]): string =>
  JSON.stringify({ Version: "1", Statement: statements });
const when = (Condition: unknown): unknown => ({ ...statement, Condition });
const sized = (bytes: number): string => policy(statement).padEnd(bytes, " ");

test.each<[string, string | Uint8Array, number | undefined]>([
  ["a plain policy", policy(statement), undefined],
  ["no statement at all", policy(), undefined],
  [
    "no Principal, an unknown action and an empty Condition",
    policy({ Action: "ram:x", Condition: {} }),
    undefined,
  ],
  ["one byte below 16 KB", sized(16_383), undefined],
  ["16 KB", sized(16_384), 1],
  ["16 KB in bytes, fewer in characters", policy({ a: "é".repeat(8_200) }), 1],
  ["another Version", '{"Version":"2012-10-17","Statement":[]}', 2],
  ["no Version", '{"Statement":[]}', 2],
  ["Version as a number", '{"Version":1,"Statement":[]}', 5],
  ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), 4],
  ["a byte order mark", `\ufeff${policy(statement)}`, 5],
  ["not JSON", "{", 5],
  ["nothing", "", 5],
  ["JSON, but no object", "[]", 5],
  ["no Statement", '{"Version":"1"}', 5],
  ["Statement as an object", '{"Version":"1","Statement":{}}', 5],
  ["a statement that is text", policy("Allow"), 5],
  ["two asterisks in a Resource", policy({ ...statement, Resource: ["acs:oss:*:*:b/**"] }), 7],
  ["a masked UID", policy({ ...statement, Principal: ["17****01"] }), 7],
  ["asterisks apart", policy({ ...statement, Resource: ["acs:oss:*:*:b/*/*"] }), undefined],
  ["lists deeper than a call stack", nested('"*"'), undefined],
  ["two asterisks deep inside", nested('"**"'), 7],
  ["SourceIp alone", policy(when({ IpAddress: { "acs:SourceIp": ["10.0.0.0/8"] } })), 8],
  [
    "SourceIp with SourceVpc",
    policy(when({ IpAddress: { "acs:SourceIp": "10.0.0.0/8" }, StringEquals: { "acs:SourceVpc": "vpc-1" } })),
    undefined,
  ],
  [
    "SourceVpc in another statement",
    policy(
      when({ NotIpAddress: { "acs:SourceIp": "10.0.0.0/8" } }),
      when({ StringEquals: { "acs:SourceVpc": "vpc-1" } }),
    ),
    8,
  ],
  ["SourceVpc alone", policy(when({ StringEquals: { "acs:SourceVpc": "vpc-1" } })), undefined],
])("%s", (_name, body, number) => {
  const refusal = checkPolicy(typeof body === "string" ? new TextEncoder().encode(body) : body);
  expect(refusal?.ec).toBe(number === undefined ? undefined : `0030-0000000${number}`);
});

/** Written by hand: JSON.stringify cannot write what is nested so deeply. */
function nested(inner: string): string {
  const value = `${"[".repeat(7_900)}${inner}${"]".repeat(7_900)}`;
  return `{"Version":"1","Statement":[{"Resource":${value}}]}`;
}
