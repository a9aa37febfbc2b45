import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/access/evaluate.ts";
import { defaultInterpretation, type Interpretation, type Request } from "../../src/access/request.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { bucket, policyOf } from "./worlds.ts";

/** An anonymous read of `logs/a` from the Internet over TLS, but for what is given. */
function ask(given: Partial<Omit<Request, "context">> & { context?: Record<string, string> } = {}): Request {
  const context = new Map(
    Object.entries({ "acs:SecureTransport": "true", "acs:SourceIp": "203.0.113.7", ...given.context }),
  );
  return { principal: "anonymous", action: "oss:GetObject", resource: "logs/a", ...given, context };
}

const allow = { Effect: "Allow", Principal: ["*"], Action: ["oss:GetObject"], Resource: ["acs:oss:*:*:b/*"] };
const deny = { ...allow, Effect: "Deny" };
const when = (operator: string, key: string, ...values: readonly string[]) => ({
  Condition: { [operator]: { [key]: values } },
});

function decide(statements: readonly JsonObject[], request: Request, reading: Partial<Interpretation> = {}) {
  return evaluate(policyOf(statements), request, bucket, { ...defaultInterpretation, ...reading }).decision;
}

test.each<[string, JsonObject[], Request, string]>([
  ["nothing said", [], ask(), "none"],
  ["an Allow", [allow], ask(), "allow"],
  ["a Deny beside it", [allow, deny], ask(), "deny"],
  ["no Principal is everyone", [{ ...allow, Principal: [] }], ask(), "allow"],
  ["everyone without a Condition spares the owner", [deny], ask({ principal: "owner" }), "none"],
  [
    "with a Condition it does not",
    [{ ...deny, ...when("Bool", "acs:SecureTransport", "true") }],
    ask({ principal: "owner" }),
    "deny",
  ],
  ["a UID is that one", [{ ...allow, Principal: ["12"] }], ask({ principal: "1" }), "none"],
  ["an action on objects needs an object", [{ ...allow, Resource: ["acs:oss:*:*:b"] }], ask(), "none"],
  [
    "an action on the bucket needs the bucket",
    [{ ...allow, Action: ["oss:ListObjects"] }],
    ask({ action: "oss:ListObjects", resource: "" }),
    "none",
  ],
  ["bucket* is both", [{ ...allow, Resource: ["acs:oss:*:*:b*"] }], ask(), "allow"],
  ["* goes over /", [{ ...allow, Resource: ["acs:oss:*:*:*a"] }], ask(), "allow"],
  ["? is one character", [{ ...allow, Resource: ["acs:oss:*:*:b/logs/?a"] }], ask(), "none"],
  [
    "a wildcard is a plain character under Equals",
    [{ ...allow, ...when("StringEquals", "acs:UserAgent", "x*") }],
    ask({ context: { "acs:UserAgent": "xy" } }),
    "none",
  ],
  [
    "and one under Like",
    [{ ...allow, ...when("StringLike", "acs:UserAgent", "x*") }],
    ask({ context: { "acs:UserAgent": "xy" } }),
    "allow",
  ],
  [
    "case counts",
    [{ ...allow, ...when("StringEquals", "acs:UserAgent", "X") }],
    ask({ context: { "acs:UserAgent": "x" } }),
    "none",
  ],
  [
    "but under IgnoreCase",
    [{ ...allow, ...when("StringEqualsIgnoreCase", "acs:UserAgent", "X") }],
    ask({ context: { "acs:UserAgent": "x" } }),
    "allow",
  ],
  [
    "from the Internet the VPC is empty: not like vpc-*",
    [{ ...allow, ...when("StringNotLike", "acs:SourceVpc", "vpc-*") }],
    ask(),
    "allow",
  ],
  ["and like *", [{ ...allow, ...when("StringLike", "acs:SourceVpc", "*") }], ask(), "allow"],
  [
    "a negated operator is true where no value matches",
    [{ ...allow, ...when("StringNotEquals", "acs:UserAgent", "a", "b") }],
    ask({ context: { "acs:UserAgent": "b" } }),
    "none",
  ],
  [
    "a range of addresses",
    [{ ...allow, ...when("IpAddress", "acs:SourceIp", "203.0.113.0/29") }],
    ask(),
    "allow",
  ],
  [
    "the address after it",
    [{ ...allow, ...when("IpAddress", "acs:SourceIp", "203.0.113.0/30") }],
    ask(),
    "none",
  ],
  [
    "IPv6",
    [{ ...allow, ...when("IpAddress", "acs:SourceIp", "2001:db8::/33") }],
    ask({ context: { "acs:SourceIp": "2001:db8:7fff::1" } }),
    "allow",
  ],
  [
    "an IPv4 address in IPv6 clothes",
    [{ ...allow, ...when("IpAddress", "acs:SourceIp", "203.0.113.7") }],
    ask({ context: { "acs:SourceIp": "::ffff:203.0.113.7" } }),
    "allow",
  ],
  [
    "a date with an offset",
    [{ ...allow, ...when("DateLessThan", "acs:CurrentTime", "2026-08-12T17:00:00+08:00") }],
    ask({ context: { "acs:CurrentTime": "2026-08-12T09:00:00Z" } }),
    "none",
  ],
  [
    "a number is no text",
    [{ ...allow, ...when("NumericLessThan", "oss:object-remaining-retention-days", "10") }],
    ask({ context: { "oss:object-remaining-retention-days": "9" } }),
    "allow",
  ],
])("%s", (_, statements, request, decision) => {
  expect(decide(statements, request)).toBe(decision);
});

const role = "arn:sts::1:assumed-role/Deploy/run-7";

/** What the documentation leaves open: the first reading, and what the other one makes of it. */
describe("readings", () => {
  test.each<[string, JsonObject[], Request, Partial<Interpretation>, [string, string]]>([
    [
      "an absent key under a negated operator",
      [{ ...allow, ...when("StringNotEquals", "acs:UserAgent", "x") }],
      ask(),
      { absentKey: "fails" },
      ["allow", "none"],
    ],
    [
      "an empty Condition",
      [{ ...deny, Condition: {} }],
      ask({ principal: "owner" }),
      { emptyCondition: "is none" },
      ["deny", "none"],
    ],
    [
      "a Deny that names the owner",
      [{ ...deny, Principal: [bucket.owner] }],
      ask({ principal: "owner" }),
      { ownerNamed: "is spared" },
      ["deny", "none"],
    ],
    [
      "the case of actions",
      [{ ...allow, Action: ["oss:getobject"] }],
      ask(),
      { actionCase: "is left aside" },
      ["none", "allow"],
    ],
    [
      "the case of roles",
      [{ ...allow, Principal: ["arn:sts::1:assumed-role/deploy/*"] }],
      ask({ principal: role }),
      { roleCase: "is left aside" },
      ["none", "allow"],
    ],
    [
      "a named region",
      [{ ...allow, Resource: ["acs:oss:cn-hangzhou:*:b/*"] }],
      ask(),
      { namedRegion: "never matches" },
      ["allow", "none"],
    ],
    [
      "another owner's UID",
      [{ ...allow, Resource: ["acs:oss:*:7:b/*"] }],
      ask(),
      { foreignOwner: "matches" },
      ["none", "allow"],
    ],
  ])("%s", (_, statements, request, other, decisions) => {
    expect([decide(statements, request), decide(statements, request, other)]).toEqual(decisions);
  });
});
