import { allow, deny, soon, type ConformanceCase } from "../case.ts";
import type { Scratch } from "../scratch.ts";

const asUser = { kind: "call", as: "user", operation: "GetBucketAcl" } as const;
const asOwner = { kind: "call", as: "owner", operation: "GetBucketAcl" } as const;

const inAnyVpc = { StringLike: { "acs:SourceVpc": ["*"] } };

const allowWith = (condition: object) => ({
  policy: { statements: (it: Scratch) => [allow(it, { Condition: condition })] },
});

/** One case at least for each open question of the analysis. */
export const openQuestionCases: readonly ConformanceCase[] = [
  {
    id: "absent-number-negated",
    question: "Does NumericNotEquals hold for a key that the request does not have?",
    facts: "3.4: absent keys other than acs:SourceVpc are not documented",
    settles: "absentKey",
    setup: allowWith({ NumericNotEquals: { "oss:object-remaining-retention-days": ["1"] } }),
    request: asUser,
    observations: {
      allowed: { meaning: "a negated operator holds for an absent key", position: "negated is true" },
      refused: { meaning: "every test of an absent key fails", position: "fails" },
    },
  },
  {
    id: "absent-text-like-anything",
    question: "Does StringLike `*` hold for a key that the request does not have?",
    facts: "3.4: only acs:SourceVpc is documented to be compared as the empty text",
    settles: "absentText",
    setup: allowWith({ StringLike: { "oss:x-oss-acl": ["*"] } }),
    request: asUser,
    observations: {
      allowed: { meaning: "an absent text is compared as the empty text", position: "is the empty text" },
      refused: { meaning: "an absent text is not compared", position: "is no text" },
    },
  },
  {
    id: "absent-text-equals-empty",
    question: "Does StringEquals with the empty text hold for a key that the request does not have?",
    facts: "3.4: only acs:SourceVpc is documented to be compared as the empty text",
    settles: "absentText",
    setup: allowWith({ StringEquals: { "oss:x-oss-acl": [""] } }),
    request: asUser,
    observations: {
      allowed: { meaning: "an absent text is compared as the empty text", position: "is the empty text" },
      refused: { meaning: "an absent text is not compared", position: "is no text" },
    },
  },
  {
    id: "empty-condition",
    presumes: "owner-spared",
    question: "Does a Deny of `*` with `Condition: {}` reach the owner?",
    facts: "4.3: `*` without a Condition spares the owner; whether `{}` is a Condition is not documented",
    settles: "emptyCondition",
    setup: { policy: { statements: (it) => [deny(it, { Principal: ["*"], Condition: {} })] } },
    request: asOwner,
    observations: {
      refused: { meaning: "`Condition: {}` counts as a Condition", position: "is a condition" },
      allowed: { meaning: "`Condition: {}` counts as no Condition", position: "is none" },
    },
  },
  {
    id: "mixed-principals",
    presumes: "owner-spared",
    question: "Does a Deny of `*` beside another principal, without a Condition, reach the owner?",
    facts: "4.3: only `*` alone is documented to spare the owner",
    settles: "mixedPrincipals",
    setup: { policy: { statements: (it) => [deny(it, { Principal: ["*", it.user] })] } },
    request: asOwner,
    observations: {
      allowed: { meaning: "`*` spares the owner beside others, too", position: "spare the owner" },
      refused: { meaning: "`*` beside others reaches the owner", position: "reach the owner" },
    },
  },
  {
    id: "owner-named",
    presumes: "owner-spared",
    question: "Does a Deny that names the owner's UID reach the owner?",
    facts: "4.3: a Deny that names the owner is not documented",
    settles: "ownerNamed",
    setup: { policy: { statements: (it) => [deny(it, { Principal: [it.owner], Condition: soon(it) })] } },
    request: asOwner,
    observations: {
      refused: { meaning: "the owner is bound", position: "is bound" },
      allowed: { meaning: "the owner is spared", position: "is spared" },
    },
  },
  {
    id: "action-case",
    question: "Does an action in lower case match?",
    facts: "6: RAM says that case is in general ignored; for bucket policies it is not documented",
    settles: "actionCase",
    setup: { policy: { statements: (it) => [allow(it, { Action: ["oss:getbucketacl"] })] } },
    request: asUser,
    observations: {
      refused: { meaning: "letter case counts", position: "counts" },
      allowed: { meaning: "letter case is ignored", position: "is left aside" },
    },
  },
  {
    id: "role-case",
    presumes: "role-allowed",
    question: "Does a role name in upper case match the session of a role in lower case?",
    facts: "3.2: one page says that case counts, another that role names are lower case",
    settles: "roleCase",
    needs: ["role"],
    setup: {
      policy: { statements: (it) => [allow(it, { Principal: [withRole(it.role, otherCase)] })] },
    },
    request: { ...asUser, as: "role" },
    observations: {
      refused: { meaning: "letter case counts", position: "counts" },
      allowed: { meaning: "letter case is ignored", position: "is left aside" },
    },
  },
  {
    id: "bool-case",
    question: "Does Bool match the value `True`?",
    facts: "3.4: the spelling of Bool values is not documented beyond the examples",
    settles: "boolCase",
    setup: allowWith({ Bool: { "acs:SecureTransport": ["True"] } }),
    request: asUser,
    observations: {
      allowed: { meaning: "letter case is ignored", position: "is left aside" },
      refused: { meaning: "letter case counts", position: "counts" },
    },
  },
  {
    id: "host-bits-of-everything",
    question: "Does a range of prefix 0 whose address has bits set match every address?",
    facts: "3.4: ranges with bits behind their prefix are not documented",
    settles: "hostBits",
    setup: allowWith({ IpAddress: { "acs:SourceIp": ["192.0.2.77/0"] }, ...inAnyVpc }),
    request: asUser,
    observations: {
      allowed: { meaning: "the range is meant", position: "are left aside" },
      refused: { meaning: "the range is not meant; the next case says what is" },
    },
  },
  {
    id: "host-bits-of-own-address",
    question: "Does a range whose address is that of the caller, with bits set, match that address alone?",
    facts: "3.4: ranges with bits behind their prefix are not documented",
    settles: "hostBits",
    needsAddress: true,
    setup: {
      policy: {
        statements: (it) => [
          allow(it, { Condition: { IpAddress: { "acs:SourceIp": [`${it.address ?? ""}/8`] }, ...inAnyVpc } }),
          deny(it, { Condition: { IpAddress: { "acs:SourceIp": ["192.0.2.77/0"] }, ...inAnyVpc } }),
        ],
      },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "only the one address is meant", position: "leave the address" },
    },
  },
  {
    id: "host-bits-match-nothing",
    question: "Does a range with bits set match nothing at all?",
    facts: "3.4: ranges with bits behind their prefix are not documented",
    settles: "hostBits",
    needsAddress: true,
    setup: {
      policy: {
        statements: (it) => [
          allow(it, { Condition: { IpAddress: { "acs:SourceIp": ["0.0.0.0/0"] }, ...inAnyVpc } }),
          deny(it, { Condition: { IpAddress: { "acs:SourceIp": [`${it.address ?? ""}/8`] }, ...inAnyVpc } }),
        ],
      },
    },
    request: asUser,
    observations: { allowed: { meaning: "such a range matches nothing", position: "match nothing" } },
  },
  {
    id: "unquoted-value",
    question: "Does Bool match the JSON value true, without quotes?",
    facts: "3.1: values are to be written as strings; what others mean is not documented",
    settles: "unquotedValue",
    setup: allowWith({ Bool: { "acs:SecureTransport": [true] } }),
    request: asUser,
    observations: {
      allowed: { meaning: "it counts as its text", position: "is its text" },
      refused: { meaning: "it matches nothing", position: "matches nothing" },
    },
  },
  {
    id: "named-region",
    question: "Does a Resource with the region of the bucket match?",
    facts: "3.3: one page says only `*`, another writes the region",
    settles: "namedRegion",
    setup: {
      policy: { statements: (it) => [allow(it, { Resource: [`acs:oss:${it.region}:*:${it.bucket}`] })] },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "the region may be named", position: "matches" },
      refused: { meaning: "only `*` matches", position: "never matches" },
    },
  },
  {
    id: "foreign-owner",
    question: "Does a Resource with the UID of another owner match?",
    facts: "3.3: the effect of a wrong owner in the Resource is not documented",
    settles: "foreignOwner",
    setup: {
      policy: { statements: (it) => [allow(it, { Resource: [`acs:oss:*:1234567890123456:${it.bucket}`] })] },
    },
    request: asUser,
    observations: {
      refused: { meaning: "it never matches", position: "never matches" },
      allowed: { meaning: "the owner is not compared", position: "matches" },
    },
  },
];

/** Returns the ARN with another role name. */
export function withRole(arn: string, change: (role: string) => string): string {
  const [head = "", role = "", ...rest] = arn.split("/");
  return [head, change(role), ...rest].join("/");
}

/** Upper case where the name has lower case only: OSS has role names in lower case. */
function otherCase(role: string): string {
  return role === role.toUpperCase() ? role.toLowerCase() : role.toUpperCase();
}
