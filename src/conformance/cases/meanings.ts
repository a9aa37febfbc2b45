import { allow, deny, soon, type ConformanceCase } from "../case.ts";

const asUser = { kind: "call", as: "user", operation: "GetBucketAcl" } as const;
const asOwner = { ...asUser, as: "owner" } as const;

/** What principals, keys, operators and fields mean that the analysis does not decide. */
export const meaningCases: readonly ConformanceCase[] = [
  {
    id: "account-covers-user",
    question: "Does the UID of an account cover its RAM users?",
    facts: "3.2, 9: not documented",
    settles: "accountUid",
    setup: { policy: { statements: (it) => [allow(it, { Principal: [it.owner] })] } },
    request: asUser,
    observations: {
      allowed: {
        meaning: "the UID of an account covers its RAM users",
        position: "covers its RAM users",
      },
      refused: { meaning: "the UID of an account is the account alone", position: "stands for itself" },
    },
  },
  {
    id: "account-covers-role",
    presumes: "role-allowed",
    question: "Does the UID of an account cover the sessions of its roles?",
    facts: "3.2, 9: not documented",
    needs: ["role"],
    setup: {
      policy: {
        statements: (it) => [allow(it, { Principal: [/^arn:sts::(\d+):/.exec(it.role)?.[1] ?? it.owner] })],
      },
    },
    request: { ...asUser, as: "role" },
    observations: {
      allowed: { meaning: "the UID of an account covers its roles" },
      refused: { meaning: "the UID of an account does not cover its roles" },
    },
  },
  {
    id: "other-account",
    question: "Does the UID of another account let that account in?",
    facts:
      "4.1: across accounts the bucket policy alone decides by one page, the caller's RAM policies too by another",
    needs: ["other-account"],
    setup: { policy: { statements: (it) => [allow(it, { Principal: [it.other] })] } },
    request: { ...asUser, as: "other-account" },
    observations: {
      allowed: { meaning: "the bucket policy is enough" },
      refused: { meaning: "the bucket policy is not enough" },
    },
  },
  {
    id: "foreign-policy-read",
    question: "With which code may another account not read the policy?",
    facts: "1.6: AccessDenied by the tests of one SDK, NoSuchBucket by another text",
    needs: ["other-account"],
    setup: { policy: { statements: (it) => [allow(it)] } },
    request: { kind: "call", as: "other-account", operation: "GetBucketPolicy" },
    observations: {
      refused: { meaning: "the code is that of the answer" },
      allowed: { meaning: "another account may read the policy" },
    },
  },
  {
    id: "user-is-no-owner",
    question: "Does a Deny of `*` without a Condition reach the RAM users of the owner?",
    facts: "4.3: whether RAM users of the account count as the owner is not said",
    setup: { policy: { statements: (it) => [allow(it), deny(it, { Principal: ["*"] })] } },
    request: asUser,
    observations: {
      refused: { meaning: "RAM users are not the owner" },
      allowed: { meaning: "RAM users count as the owner" },
    },
  },
  {
    id: "owner-reached",
    presumes: "owner-spared",
    question: "Does a Deny of `*` with a Condition reach the owner?",
    facts: "4.3: documented",
    setup: { policy: { statements: (it) => [deny(it, { Principal: ["*"], Condition: soon(it) })] } },
    request: asOwner,
    observations: {
      refused: { meaning: "the owner is reached, as documented" },
      allowed: { meaning: "the owner is spared, against the documentation" },
    },
  },
  {
    id: "include-border",
    question: "Does IpAddressIncludeBorder match an address inside its range?",
    facts: "3.4: the meaning of IncludeBorder is not documented",
    setup: {
      policy: {
        statements: (it) => [
          allow(it, {
            Condition: {
              IpAddressIncludeBorder: { "acs:SourceIp": ["0.0.0.0/0", "::/0"] },
              StringLike: { "acs:SourceVpc": ["*"] },
            },
          }),
        ],
      },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "it matches inside of the range" },
      refused: { meaning: "it does not match as IpAddress does" },
    },
  },
  {
    id: "key-case",
    question: "Does a condition key in lower case work?",
    facts: "3.4: case of key names is not documented",
    setup: {
      policy: {
        statements: (it) => [allow(it, { Condition: { Bool: { "acs:securetransport": ["true"] } } })],
      },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "letter case is ignored in keys, or an unknown key holds" },
      refused: { meaning: "letter case counts in keys" },
    },
  },
  {
    id: "operator-case",
    question: "Does an operator in lower case work?",
    facts: "3.4: case of operator names is not documented",
    setup: {
      policy: {
        statements: (it) => [allow(it, { Condition: { bool: { "acs:SecureTransport": ["true"] } } })],
      },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "letter case is ignored in operators" },
      refused: { meaning: "letter case counts in operators" },
    },
  },
  {
    id: "principal-arn",
    question: "Is a Deny with acs:PrincipalArn executed?",
    facts: "A.4 of November 2026: a field report says that it is stored and has no effect",
    setup: {
      policy: {
        statements: (it) => [
          allow(it),
          deny(it, { Condition: { StringNotEquals: { "acs:PrincipalArn": ["acs:ram::1:user/nobody"] } } }),
        ],
      },
    },
    request: asUser,
    observations: {
      refused: { meaning: "the Deny is executed" },
      allowed: { meaning: "the Deny has no effect: such a statement protects nothing" },
    },
  },
  {
    id: "sid-has-no-effect",
    question: "Does a statement with Sid still allow?",
    facts: "3.1: Sid is not documented for bucket policies",
    setup: { policy: { statements: (it) => [allow(it, { Sid: "conformance" })] } },
    request: asUser,
    observations: {
      allowed: { meaning: "Sid changes nothing" },
      refused: { meaning: "a statement with Sid is not executed" },
    },
  },
  {
    id: "duplicate-key-wins",
    question: "Which of two Effects with one JSON name counts?",
    facts: "0.1 row 13: duplicate names are covered by no test",
    setup: {
      policy: {
        document: (it, beacon) => {
          const both = JSON.stringify(allow(it)).replace(
            '"Effect":"Allow"',
            '"Effect":"Deny","Effect":"Allow"',
          );
          return `{"Version":"1","Statement":[${both},${JSON.stringify(beacon)}]}`;
        },
      },
    },
    request: asUser,
    observations: {
      allowed: { meaning: "the last one counts" },
      refused: { meaning: "the first one counts" },
    },
  },
  {
    id: "anonymous-refusal",
    question: "With which code and EC is an anonymous caller refused?",
    facts: "1.6: the EC is not documented",
    setup: { policy: { statements: (it) => [allow(it)] } },
    request: { kind: "call", as: "anonymous", operation: "GetBucketAcl" },
    observations: {
      refused: { meaning: "the code is that of the answer" },
      allowed: { meaning: "a private bucket answers anonymous callers" },
    },
  },
  {
    id: "prefix-on-object",
    question: "Does a test of oss:Prefix hold on GetObject?",
    facts: "3.4: documented that it is not met",
    setup: {
      object: { name: "prefix" },
      policy: {
        statements: (it) => [
          allow(it, {
            Action: ["oss:GetObject"],
            Resource: [`acs:oss:*:*:${it.bucket}/*`],
            Condition: { StringLike: { "oss:Prefix": ["*"] } },
          }),
        ],
      },
    },
    request: { ...asUser, operation: "GetObject" },
    observations: {
      refused: { meaning: "it is not met, as documented" },
      allowed: { meaning: "it is met, against the documentation" },
    },
  },
  {
    id: "absent-object-tag-negated",
    question: "Does StringNotEquals hold for a tag that the object does not have?",
    facts: "3.4: absent tags are not documented",
    setup: {
      object: { name: "tagged", tags: { other: "x" } },
      policy: {
        statements: (it) => [
          allow(it, {
            Action: ["oss:GetObject"],
            Resource: [`acs:oss:*:*:${it.bucket}/*`],
            Condition: { StringNotEquals: { "oss:ExistingObjectTag/team": ["data"] } },
          }),
        ],
      },
    },
    request: { ...asUser, operation: "GetObject" },
    observations: {
      allowed: { meaning: "it holds for an absent tag" },
      refused: { meaning: "it fails for an absent tag" },
    },
  },
  {
    id: "list-without-prefix",
    question: "Is oss:Prefix the empty text, or absent, where a listing names no prefix?",
    facts: "3.4: not documented",
    setup: {
      policy: {
        statements: (it) => [
          allow(it, {
            Action: ["oss:ListObjects"],
            Condition: { StringEquals: { "oss:Prefix": [""] } },
          }),
        ],
      },
    },
    request: { ...asUser, operation: "ListObjects" },
    observations: {
      allowed: { meaning: "it is the empty text" },
      refused: { meaning: "it is absent" },
    },
  },
];
