import { allow, deny, type ConformanceCase, type PolicyOf } from "../case.ts";
import type { Scratch } from "../scratch.ts";

interface PutCase {
  readonly id: string;
  readonly question: string;
  readonly facts: string;
  readonly policy: PolicyOf;
  readonly accepted: string;
  readonly refused: string;
}

const field = (fields: (it: Scratch) => object, ...without: readonly string[]): PolicyOf => ({
  statements: (it) => [
    Object.fromEntries(Object.entries(allow(it, fields(it))).filter(([name]) => !without.includes(name))),
  ],
});

const whole = (document: (it: Scratch, beacon: object) => object): PolicyOf => ({
  document: (it, beacon) => JSON.stringify(document(it, beacon)),
});

/** Fills the policy with blanks to a size in bytes. */
const ofSize = (bytes: number): PolicyOf => ({
  document: (it) => {
    const text = JSON.stringify({ Version: "1", Statement: [allow(it)] });
    return text.padEnd(bytes, " ");
  },
});

const ofValue = (bytes: number): PolicyOf =>
  field(({ bucket }) => ({ Resource: [`acs:oss:*:*:${bucket}/`.padEnd(bytes, "x")] }));

const known = "OSS stores it";
const unknownField = "3.1: the field is not documented for bucket policies";

const puts: readonly PutCase[] = [
  {
    id: "put-empty-statement",
    question: "Is a policy without statements stored?",
    facts: "3.1, 9: an empty Statement is not documented",
    policy: whole(() => ({ Version: "1", Statement: [] })),
    accepted: known,
    refused: "at least one statement is needed",
  },
  {
    id: "put-sid",
    question: "Is a statement with Sid stored?",
    facts: unknownField,
    policy: field(() => ({ Sid: "conformance" })),
    accepted: known,
    refused: "OSS refuses Sid",
  },
  {
    id: "put-id",
    question: "Is a policy with Id stored?",
    facts: unknownField,
    policy: whole((it, beacon) => ({ Version: "1", Id: "conformance", Statement: [allow(it), beacon] })),
    accepted: known,
    refused: "OSS refuses Id",
  },
  {
    id: "put-not-action",
    question: "Is a statement with NotAction stored?",
    facts: unknownField,
    policy: field(() => ({ NotAction: ["oss:*"] }), "Action"),
    accepted: "OSS stores it; what it means is another question",
    refused: "OSS refuses NotAction",
  },
  {
    id: "put-not-resource",
    question: "Is a statement with NotResource stored?",
    facts: unknownField,
    policy: field(() => ({ NotResource: ["*"] }), "Resource"),
    accepted: "OSS stores it; what it means is another question",
    refused: "OSS refuses NotResource",
  },
  {
    id: "put-not-principal",
    question: "Is a Deny with NotPrincipal stored?",
    facts: unknownField,
    policy: field((it) => ({ Effect: "Deny", NotPrincipal: [it.owner, it.user] }), "Principal"),
    accepted: "OSS stores it; what it means is another question",
    refused: "OSS refuses NotPrincipal",
  },
  {
    id: "put-unknown-field",
    question: "Is a statement with a field that does not exist stored?",
    facts: "3.1: how OSS treats unknown fields is not documented",
    policy: field(() => ({ Conformance: "x" })),
    accepted: "unknown fields are ignored at the put",
    refused: "OSS refuses unknown fields",
  },
  {
    id: "put-unknown-action",
    question: "Is a statement with an action that does not exist stored?",
    facts: "6: a live test stores one; whether `oss:` actions are checked is not documented",
    policy: field(() => ({ Action: ["oss:ConformanceTest"] })),
    accepted: "unknown actions are not checked at the put",
    refused: "OSS refuses unknown actions",
  },
  {
    id: "put-unknown-key",
    question: "Is a condition key that does not exist stored?",
    facts: "3.4: case and existence of keys at the put are not documented",
    policy: field(() => ({ Condition: { StringEquals: { "acs:ConformanceTest": ["x"] } } })),
    accepted: "unknown condition keys are not checked at the put",
    refused: "OSS refuses unknown condition keys",
  },
  {
    id: "put-unknown-operator",
    question: "Is a condition operator that does not exist stored?",
    facts: "3.4: existence of operators at the put is not documented",
    policy: field(() => ({ Condition: { StringConformance: { "acs:UserAgent": ["x"] } } })),
    accepted: "unknown operators are not checked at the put",
    refused: "OSS refuses unknown operators",
  },
  {
    id: "put-other-bucket",
    question: "Is a statement about another bucket stored?",
    facts: "3.3: live tests store such resources",
    policy: field(() => ({ Resource: ["acs:oss:*:*:oss-policy-conformance-other"] })),
    accepted: "the Resource is not compared with the bucket",
    refused: "OSS refuses a Resource of another bucket",
  },
  {
    id: "put-duplicate-key",
    question: "Is a policy with a duplicate JSON name stored?",
    facts: "0.1 row 13: duplicate names are covered by no test",
    policy: {
      document: (it) =>
        `{"Version":"1","Statement":[${JSON.stringify(deny(it)).replace('"Effect":"Deny"', '"Effect":"Deny","Effect":"Deny"')}]}`,
    },
    accepted: known,
    refused: "OSS refuses duplicate names",
  },
  {
    id: "put-bom",
    question: "Is a policy with a byte order mark stored?",
    facts: "0.1 row 13: a BOM is covered by no test",
    policy: {
      document: (it) => `\uFEFF${JSON.stringify({ Version: "1", Statement: [allow(it)] })}`,
    },
    accepted: known,
    refused: "OSS refuses a byte order mark",
  },
  {
    id: "put-version-2",
    question: "With which code is another Version refused?",
    facts: "1.6: code and status of EC 0030-00000002 are not documented",
    policy: whole((it) => ({ Version: "2", Statement: [allow(it)] })),
    accepted: "another Version is stored, against the documentation",
    refused: "the code is that of the answer",
  },
  {
    id: "put-version-number",
    question: "With which code is the Version 1 as a number refused?",
    facts: "1.6: code and status of EC 0030-00000005 are inferred",
    policy: whole((it) => ({ Version: 1, Statement: [allow(it)] })),
    accepted: "a number is stored, against the documentation",
    refused: "the code is that of the answer",
  },
  {
    id: "put-no-json",
    question: "With which EC is a body refused that is no JSON?",
    facts: "1.6: InvalidPolicyDocument is tested, its EC is inferred",
    policy: { document: () => "no policy" },
    accepted: "it is stored, against the tests of the SDKs",
    refused: "the code is that of the answer",
  },
  {
    id: "put-not-utf-8",
    question: "With which code is a body refused that is not UTF-8?",
    facts: "1.6: code and status of EC 0030-00000004 are not documented",
    policy: {
      document: (it) =>
        Buffer.from(JSON.stringify({ Version: "1", Statement: [allow(it, { Sid: "\u00ff" })] }), "latin1"),
    },
    accepted: "it is stored, against the documentation",
    refused: "the code is that of the answer",
  },
  {
    id: "put-two-stars",
    question: "With which code are two asterisks in a row refused?",
    facts: "1.6: code and status of EC 0030-00000007 are not documented",
    policy: field(({ bucket }) => ({ Resource: [`acs:oss:*:*:${bucket}/**`] })),
    accepted: "they are stored, against the documentation",
    refused: "the code is that of the answer",
  },
  {
    id: "put-source-ip-alone",
    question: "With which code is acs:SourceIp without acs:SourceVpc refused?",
    facts: "1.6, 12: code and status of EC 0030-00000008 are not documented, nor the regions that enforce it",
    policy: field(() => ({ Condition: { IpAddress: { "acs:SourceIp": ["192.0.2.0/24"] } } })),
    accepted: "this region does not enforce it",
    refused: "the code is that of the answer",
  },
  {
    id: "put-source-vpc-empty",
    question: "Does an empty list of acs:SourceVpc satisfy the pairing with acs:SourceIp?",
    facts: "12: not documented",
    policy: field(() => ({
      Condition: { IpAddress: { "acs:SourceIp": ["192.0.2.0/24"] }, StringEquals: { "acs:SourceVpc": [] } },
    })),
    accepted: "an empty list is enough",
    refused: "an empty list is not enough",
  },
  {
    id: "put-16384-bytes",
    question: "Is a policy of exactly 16,384 bytes refused?",
    facts: "5: under 16 KB; that this means 16,384 bytes is inferred",
    policy: ofSize(16_384),
    accepted: "16,384 bytes are stored",
    refused: "a policy must be smaller than 16,384 bytes",
  },
  {
    id: "put-16383-bytes",
    question: "Is a policy of 16,383 bytes stored?",
    facts: "5: under 16 KB; that this means 16,384 bytes is inferred",
    policy: ofSize(16_383),
    accepted: "16,383 bytes are stored",
    refused: "the limit is lower",
  },
  {
    id: "put-4095-byte-value",
    question: "Is a value of 4,095 bytes stored?",
    facts: "5: one value has at most 4,095 bytes",
    policy: ofValue(4_095),
    accepted: "4,095 bytes are stored",
    refused: "the limit is lower",
  },
  {
    id: "put-4096-byte-value",
    question: "Is a value of 4,096 bytes refused?",
    facts: "5: one value has at most 4,095 bytes; code and EC are not documented",
    policy: ofValue(4_096),
    accepted: "4,096 bytes are stored",
    refused: "the code is that of the answer",
  },
];

/** What OSS stores, and with which code it refuses the rest. */
export const putCases: readonly ConformanceCase[] = puts.map(
  ({ id, question, facts, policy, accepted, refused }) => ({
    id,
    question,
    facts,
    setup: { policy },
    request: { kind: "put" },
    observations: { accepted: { meaning: accepted }, refused: { meaning: refused } },
  }),
);
