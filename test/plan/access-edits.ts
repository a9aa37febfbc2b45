/** Changes of one bucket's policy, each with the hazards above a note that it must have. */

import {
  alice,
  bob,
  deploy,
  role,
  allow,
  deny,
  get,
  vpc,
  notVpc,
  from,
  notFrom,
  tls,
  mfa,
  until,
  readAll,
  tlsOnly,
  type Statements,
} from "./statements.ts";

type Row = readonly [name: string, before: Statements, after: Statements, hazards: readonly string[]];

export const closed = deny(bob, get, "/closed/*");

export const overrides: readonly Row[] = [
  ["narrowed", [readAll, closed], [readAll, deny(bob, get, "/closed/2025/*")], ["block overrides-deny"]],
  ["moved", [readAll, closed], [readAll, deny(bob, get, "/open/*")], ["block overrides-deny"]],
  ["removed", [readAll, closed], [readAll], ["block overrides-deny"]],
  ["for another", [readAll, closed], [readAll, deny(alice, get, "/closed/*")], ["block overrides-deny"]],
  [
    "of fewer actions",
    [readAll, deny(bob, ["oss:*"], "/closed/*")],
    [readAll, deny(bob, ["oss:Put*"], "/closed/*")],
    ["block overrides-deny"],
  ],
  [
    "over plain http alone",
    [readAll, closed],
    [readAll, deny(bob, get, "/closed/*", tls("false"))],
    ["block overrides-deny"],
  ],
  [
    "from a date on",
    [readAll, closed],
    [
      readAll,
      deny(bob, get, "/closed/*", { DateGreaterThan: { "acs:CurrentTime": ["2037-01-01T00:00:00Z"] } }),
    ],
    ["block overrides-deny"],
  ],
  [
    "under a condition that never holds",
    [readAll, closed],
    [readAll, deny(bob, get, "/closed/*", { ...tls("true"), StringEquals: { "acs:SourceVpc": ["vpc-0"] } })],
    ["block overrides-deny"],
  ],
  [
    "but for one VPC",
    [readAll, closed],
    [readAll, deny(bob, get, "/closed/*", notVpc("vpc-1"))],
    ["warn weakens-condition"],
  ],
  [
    "removed below a grant from one network",
    [allow(bob, get, "/*", from("203.0.113.0/24")), closed],
    [allow(bob, get, "/*", from("203.0.113.0/24"))],
    ["block overrides-deny"],
  ],
  [
    "narrowed below a grant from one network, beside a Deny of plain http",
    [allow(bob, get, "/*", vpc("vpc-1")), closed, tlsOnly],
    [allow(bob, get, "/*", vpc("vpc-1")), deny(bob, get, "/Closed/*"), tlsOnly],
    ["block overrides-deny"],
  ],
  [
    "that listed what may not come",
    [readAll, deny("*", get, "/*", from("203.0.113.0/24"))],
    [readAll],
    ["block overrides-deny"],
  ],
  [
    "whose exceptions grow",
    [readAll, deny("*", get, "/*", notFrom("10.0.0.0/8"))],
    [readAll, deny("*", get, "/*", notFrom("10.0.0.0/8", "203.0.113.7/32"))],
    ["warn weakens-condition"],
  ],
  [
    "whose VPCs grow",
    [readAll, deny("*", get, "/*", notVpc("vpc-1"))],
    [readAll, deny("*", get, "/*", notVpc("vpc-1", "vpc-2"))],
    ["warn weakens-condition"],
  ],
];

export const conditions: readonly Row[] = [
  [
    "a VPC that goes",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*")],
    ["block drops-condition"],
  ],
  [
    "a VPC that is inverted",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", notVpc("vpc-1"))],
    ["block drops-condition"],
  ],
  [
    "an Allow beside",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", vpc("vpc-1")), allow(alice, ["oss:Get*"], "/*")],
    ["block drops-condition"],
  ],
  [
    "ranges that cover everything",
    [allow(alice, get, "/*", from("10.0.0.0/8"))],
    [allow(alice, get, "/*", from("10.0.0.0/8", "0.0.0.0/1")), allow(alice, get, "/*", from("128.0.0.0/1"))],
    ["block drops-condition"],
  ],
  [
    "a pattern of VPCs",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", { StringLike: { "acs:SourceVpc": ["*"] } })],
    ["block drops-condition"],
  ],
  [
    "the Internet beside a VPC",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", vpc("vpc-1", ""))],
    ["block drops-condition"],
  ],
  [
    "TLS in an Allow",
    [allow(alice, get, "/*", tls("true"))],
    [allow(alice, get, "/*")],
    ["block drops-condition"],
  ],
  ["TLS in a Deny", [readAll, tlsOnly], [readAll], ["block overrides-deny", "block drops-condition"]],
  [
    "TLS for a part",
    [readAll, tlsOnly],
    [readAll, deny("*", ["oss:*"], "/secret/*", tls("false"))],
    ["block overrides-deny", "block drops-condition"],
  ],
  ["MFA", [allow(alice, get, "/*", mfa)], [allow(alice, get, "/*")], ["block drops-condition"]],
  [
    "a last day",
    [allow(alice, get, "/*", until(2027))],
    [allow(alice, get, "/*")],
    ["block drops-condition"],
  ],
  [
    "a last day, split",
    [allow(alice, get, "/*", until(2027))],
    [
      allow(alice, get, "/*", until(2027)),
      allow(alice, get, "/*", { DateGreaterThanEquals: { "acs:CurrentTime": ["2027-01-31T00:00:00Z"] } }),
    ],
    ["block drops-condition"],
  ],
  [
    "a later day",
    [allow(alice, get, "/*", until(2027))],
    [allow(alice, get, "/*", until(2037))],
    ["warn weakens-condition"],
  ],
  [
    "a larger range",
    [allow(alice, get, "/*", from("203.0.113.0/24"))],
    [allow(alice, get, "/*", from("203.0.0.0/16"))],
    ["warn weakens-condition"],
  ],
  [
    "a VPC more",
    [allow(alice, get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", vpc("vpc-1", "vpc-2"))],
    ["warn weakens-condition"],
  ],
  [
    "a VPC in place of a range",
    [allow(alice, get, "/*", from("10.0.0.0/8"))],
    [allow(alice, get, "/*", vpc("vpc-1"))],
    ["warn weakens-condition"],
  ],
];

export const callers: readonly Row[] = [
  [
    "an admin action",
    [allow(alice, get, "/*")],
    [allow(alice, get, "/*"), allow(alice, ["oss:PutBucketLifecycle"], "")],
    ["block grants-administration"],
  ],
  ["one in oss:Put*", [readAll], [readAll, allow(alice, ["oss:Put*"], "")], ["block grants-administration"]],
  [
    "one in oss:*Policy",
    [readAll],
    [readAll, allow(alice, ["oss:*Policy"], "")],
    ["block grants-administration"],
  ],
  ["one in *", [readAll], [readAll, allow(alice, ["*"], "/*")], ["block grants-administration"]],
  [
    "the ACL of objects",
    [readAll],
    [readAll, allow(bob, ["oss:PutObjectAcl"], "/*")],
    ["block grants-administration"],
  ],
  ["in a first policy", "none", [allow(alice, ["oss:*"], "")], ["block grants-administration"]],
  [
    "by a Deny that goes",
    [allow(alice, ["oss:*"], ""), deny(alice, ["oss:*"], "")],
    [allow(alice, ["oss:*"], "")],
    ["block grants-administration", "block overrides-deny"],
  ],
  [
    "for everyone",
    [readAll],
    [readAll, allow("*", ["oss:PutBucketAcl"], "")],
    ["block grants-public-access", "block grants-administration"],
  ],
  [
    "an unknown UID",
    [readAll],
    [readAll, allow("202147604049359999", get, "/*")],
    ["warn grants-unknown-principal"],
  ],
  ["an unknown role", [readAll], [readAll, allow(role("c/*"), get, "/*")], ["warn grants-unknown-principal"]],
  [
    "a role by a pattern",
    [allow(role("build/*"), get, "/*")],
    [allow(role("build*/*"), get, "/*")],
    ["warn grants-wildcard-principal"],
  ],
  ["every role", [readAll], [readAll, allow(role("*/*"), get, "/*")], ["warn grants-wildcard-principal"]],
  [
    "a role of any account",
    [readAll],
    [readAll, allow("arn:sts::*:assumed-role/build/*", get, "/*")],
    ["warn grants-wildcard-principal"],
  ],
  [
    "any account, by a pattern of key ids",
    [readAll],
    [readAll, allow("*", [...get, "oss:PutObject"], "/*", { StringLike: { "acs:AccessId": ["LTAI*"] } })],
    ["warn grants-wildcard-principal"],
  ],
  [
    "everyone from one VPC",
    [readAll],
    [readAll, allow("*", get, "/*", vpc("vpc-1"))],
    ["warn grants-public-access"],
  ],
  [
    "everyone from half of the Internet",
    [readAll],
    [readAll, allow("*", get, "/*", from("0.0.0.0/1"))],
    ["block grants-public-access"],
  ],
];

export const quiet: readonly Row[] = [
  [
    "a known identity reads more",
    [allow(alice, get, "/a/*")],
    [allow(alice, get, "/a/*"), allow(bob, [...get, "oss:ListObjects"], "/b/*")],
    [],
  ],
  ["oss:Delete* of objects alone", [readAll], [readAll, allow(alice, ["oss:Delete*"], "/*")], []],
  ["an operator administers", [readAll], [readAll, allow(deploy, ["oss:PutBucketLifecycle"], "")], []],
  [
    "the same in other statements",
    [allow([alice, bob], get, "/*", vpc("vpc-1"))],
    [allow(alice, get, "/*", vpc("vpc-1")), allow(bob, get, "/*", vpc("vpc-1"))],
    [],
  ],
  ["a stronger Deny", [readAll, closed], [readAll, deny(bob, ["oss:Get*"], "/c*")], []],
  [
    "a tighter condition",
    [allow(alice, get, "/*", from("10.0.0.0/8"))],
    [allow(alice, get, "/*", from("10.1.0.0/16"))],
    [],
  ],
  ["an earlier day", [allow(alice, get, "/*", until(2037))], [allow(alice, get, "/*", until(2027))], []],
  ["a first policy under a condition", "none", [allow(alice, get, "/*", vpc("vpc-1")), tlsOnly], []],
  [
    "another AccessKey",
    [allow(alice, get, "/*", { ...vpc("vpc-1"), StringLike: { "acs:AccessId": ["LTAI1*"] } })],
    [allow(alice, get, "/*", { ...vpc("vpc-1"), StringLike: { "acs:AccessId": ["LTAI2*"] } })],
    [],
  ],
  [
    "a known caller reads more over TLS",
    [allow(alice, get, "/a/*"), tlsOnly],
    [allow(alice, get, "/*"), tlsOnly],
    [],
  ],
  [
    "a known role by its name",
    [allow(role("build/main"), get, "/*")],
    [allow(role("build/*"), get, "/*")],
    [],
  ],
  ["no policy any more", [readAll, closed], "none", ["warn removes-policy"]],
];
