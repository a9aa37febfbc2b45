import { allow, deny, type ConformanceCase } from "../case.ts";

const asUser = { kind: "call", as: "user", operation: "GetBucketAcl" } as const;

/** What must be so for the other cases to say anything. They are run first. */
export const controlCases: readonly ConformanceCase[] = [
  {
    id: "user-without-policy",
    question: "Is the user refused while the bucket has no policy?",
    facts: "4.1: documented; otherwise RAM policies allow what the cases ask",
    expects: { observation: "refused", otherwise: "give a RAM user without any RAM policy as `user`" },
    setup: {},
    request: asUser,
    observations: {
      refused: { meaning: "only the policy of the bucket can let the user in" },
      allowed: { meaning: "a RAM policy lets the user in" },
    },
  },
  {
    id: "user-allowed",
    question: "Does an Allow of the user's UID let the user in?",
    facts: "4.1: documented",
    expects: { observation: "allowed", otherwise: "check the `uid` of `user`, and that its key is active" },
    setup: { policy: { statements: (it) => [allow(it)] } },
    request: asUser,
    observations: {
      allowed: { meaning: "the policy of the bucket lets the user in" },
      refused: { meaning: "the UID is not the user's, or something else refuses" },
    },
  },
  {
    id: "owner-spared",
    question: "Does a Deny of `*` without a Condition spare the owner?",
    facts: "4.3: documented; refused, the key of the owner is not that of the account itself",
    expects: { observation: "allowed" },
    setup: { policy: { statements: (it) => [deny(it, { Principal: ["*"] })] } },
    request: { ...asUser, as: "owner" },
    observations: {
      allowed: { meaning: "the owner is spared, as documented" },
      refused: { meaning: "the key of `owner` is not that of the account itself" },
    },
  },
  {
    id: "role-allowed",
    question: "Does an Allow of the session's ARN let the role in?",
    facts: "3.2: documented",
    expects: { observation: "allowed" },
    needs: ["role"],
    setup: { policy: { statements: (it) => [allow(it, { Principal: [it.role] })] } },
    request: { ...asUser, as: "role" },
    observations: {
      allowed: { meaning: "the policy of the bucket lets the role in" },
      refused: { meaning: "the ARN is not the session's, or something else refuses" },
    },
  },
];
