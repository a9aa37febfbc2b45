import { allow, soon, type ConformanceCase } from "../case.ts";
import { ownFolder, type Scratch } from "../scratch.ts";
import { withRole } from "./open-questions.ts";

/** Nothing is there: whoever is allowed it gets nothing. */
const nowhere = ({ bucket, run }: Scratch) => [`acs:oss:*:*:${bucket}/${ownFolder}${run}/nothing`];

/** What OSS counts as public, and how it refuses it. None of the policies allows anything that exists. */
export const publicStatusCases: readonly ConformanceCase[] = [
  {
    id: "blocked-public-policy",
    question: "With which code and EC does Block Public Access refuse a public policy?",
    facts: "1.6: AccessDenied by reports, the EC is not known",
    setup: {
      isBlocked: true,
      policy: {
        statements: (it) => [
          allow(it, {
            Principal: ["*"],
            Action: ["oss:GetObject"],
            Resource: nowhere(it),
            Condition: soon(it),
          }),
        ],
      },
    },
    request: { kind: "put" },
    observations: {
      refused: { meaning: "the code is that of the answer" },
      accepted: { meaning: "it is stored; an existing grant is ignored, by the documentation" },
    },
  },
  {
    id: "role-wildcard-status",
    question: "Does a role with a wildcard make a policy public?",
    facts: "4.5: a role with `*` is not fixed by the wording; not said",
    setup: {
      policy: {
        statements: (it) => [
          allow(it, {
            Principal: [withRole(it.role, (role) => role).replace(/(?<![^/])[^/]*$/, "*")],
            Action: ["oss:GetObject"],
            Resource: nowhere(it),
          }),
        ],
      },
    },
    request: { kind: "status" },
    observations: {
      public: { meaning: "a role with a wildcard counts as public" },
      "not public": { meaning: "a role with a wildcard does not count as public" },
      refused: { meaning: "Block Public Access refuses it, so it counts as public" },
    },
  },
  {
    id: "negated-network-status",
    question: "Does NotIpAddress keep a policy for `*` from being public?",
    facts: "4.5: whether a negated operator counts is not said",
    setup: {
      policy: {
        statements: (it) => [
          allow(it, {
            Principal: ["*"],
            Action: ["oss:GetObject"],
            Resource: nowhere(it),
            Condition: {
              NotIpAddress: { "acs:SourceIp": ["192.0.2.0/24"] },
              StringLike: { "acs:SourceVpc": ["vpc-*"] },
              ...soon(it),
            },
          }),
        ],
      },
    },
    request: { kind: "status" },
    observations: {
      public: { meaning: "a negated operator does not count" },
      "not public": { meaning: "a negated operator counts" },
      refused: { meaning: "Block Public Access refuses it, so a negated operator does not count" },
    },
  },
];
