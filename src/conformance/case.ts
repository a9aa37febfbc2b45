import type { OpenQuestion } from "../policy/open-questions.ts";
import type { IdentityName, Scratch } from "./scratch.ts";

/** One question to OSS: what is put, what is requested, and what each possible observation means. */
export interface ConformanceCase {
  readonly id: string;
  readonly question: string;
  /** What the documentation has on it, and where. */
  readonly facts: string;
  /** Open question of the analysis that it settles. */
  readonly settles?: OpenQuestion;
  /** Control: what must be observed. With `otherwise`, nothing else is worth a run. */
  readonly expects?: { readonly observation: string; readonly otherwise?: string };
  /** Control without which it says nothing. */
  readonly presumes?: string;
  /** Identities beside the owner and the user. */
  readonly needs?: readonly IdentityName[];
  /** True if it needs the address from which OSS sees the requests. */
  readonly needsAddress?: true;
  readonly setup: Setup;
  readonly request: CaseRequest;
  /** Observations that say something, by their names; every other one leaves the question open. */
  readonly observations: Readonly<Record<string, Meaning>>;
}

export interface Setup {
  /** Policy that is put; absent for a bucket without one. */
  readonly policy?: PolicyOf;
  /** Object of the run that exists, below its own folder. */
  readonly object?: { readonly name: string; readonly tags?: Readonly<Record<string, string>> };
  /** Block Public Access of the bucket is on. */
  readonly isBlocked?: true;
}

/**
 * Makes a policy: a list of statements, to which the statement of the beacon is added, or a whole document, which has
 * the beacon where it has statements.
 */
export type PolicyOf =
  | { readonly statements: (scratch: Scratch) => readonly object[] }
  | { readonly document: (scratch: Scratch, beacon: object) => string | Uint8Array };

export type CaseRequest =
  /** The put of the policy itself: `accepted` or `refused`. */
  | { readonly kind: "put" }
  /** A call while the policy is in force: `allowed` or `refused`. */
  | {
      readonly kind: "call";
      readonly as: IdentityName | "anonymous";
      readonly operation: ProbedOperation;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** GetBucketPolicyStatus: `public` or `not public`. */
  | { readonly kind: "status" }
  /** GetBucketPolicy: `same bytes` or `other bytes`. */
  | { readonly kind: "read back" }
  /** Time until a policy is in force after its put: `at once` or `later`. */
  | { readonly kind: "propagation" };

/** Operations that cases request. None of them changes the bucket, and none is needed to repair its policy. */
export type ProbedOperation =
  "GetBucketAcl" | "GetBucketPolicy" | "GetBucketStat" | "GetObject" | "ListObjects";

export interface Meaning {
  readonly meaning: string;
  /** Position of the open question that it shows. */
  readonly position?: string;
}

/** Result of a case. */
export type CaseResult =
  | {
      readonly kind: "observed";
      readonly observation: string;
      readonly meaning: string;
      readonly position?: string;
      /** Status, code and EC, or times. */
      readonly detail: string;
    }
  | { readonly kind: "open"; readonly reason: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** Returns an Allow of GetBucketAcl for the user on the bucket, with other fields in place of its own. */
export function allow({ bucket, user }: Scratch, fields: object = {}): object {
  return {
    Effect: "Allow",
    Principal: [user],
    Action: ["oss:GetBucketAcl"],
    Resource: [`acs:oss:*:*:${bucket}`],
    ...fields,
  };
}

/** Returns a Deny in the same way. */
export function deny(scratch: Scratch, fields: object = {}): object {
  return allow(scratch, { Effect: "Deny", ...fields });
}

/** Condition that ends within minutes: no statement that may reach the owner lasts longer. */
export function soon({ until }: Scratch): object {
  return { DateLessThan: { "acs:CurrentTime": [until] } };
}
