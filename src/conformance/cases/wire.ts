import { allow, type ConformanceCase } from "../case.ts";

/** What the wire does: bytes, codes, and the time until a policy is in force. */
export const wireCases: readonly ConformanceCase[] = [
  {
    id: "no-policy",
    question: "With which code and EC is a policy answered that does not exist?",
    facts: "1.6: NoSuchBucketPolicy, EC 0030-00000006: documented",
    setup: {},
    request: { kind: "call", as: "owner", operation: "GetBucketPolicy" },
    observations: {
      refused: { meaning: "the code is that of the answer" },
      allowed: { meaning: "a bucket without a policy answers with one" },
    },
  },
  {
    id: "bytes-survive",
    question: "Are blanks, line ends and letters beyond ASCII read back as they were put?",
    facts: "1.1: byte for byte by the tests of five SDKs; CRLF and non-ASCII are covered by none",
    setup: {
      policy: {
        document: (it, beacon) =>
          `\r\n\t${JSON.stringify({ Version: "1", Statement: [allow(it, { Sid: "\u7b56\u7565" }), beacon] }, null, 2)}\r\n`,
      },
    },
    request: { kind: "read back" },
    observations: {
      "same bytes": { meaning: "the text is kept byte for byte" },
      "other bytes": { meaning: "OSS changes the text" },
      refused: { meaning: "OSS refuses such a text" },
    },
  },
  {
    id: "propagation",
    question: "How long after its put is a policy in force?",
    facts: "1.1, 9: not documented; tests of SDKs wait a second",
    setup: { policy: { statements: (it) => [allow(it)] } },
    request: { kind: "propagation" },
    observations: {
      "at once": { meaning: "in force within a second" },
      later: { meaning: "in force after more than a second" },
    },
  },
];
