import type { DecidedBy, Ruling } from "./auth/authorize.ts";
import { bucketPolicyName } from "./auth/policies.ts";
import type { SandboxBucket } from "./state/world.ts";

/** Where the statements of served policies are written. */
export interface StatementPlaces {
  /** Returns the places of the statements of a bucket; undefined if it is not served from files. */
  of(bucket: string): ServedPlaces | undefined;
}

/** Places of the statements of one policy. */
export interface ServedPlaces {
  /** Text of the policy that they belong to: a client may have put another one since. */
  readonly policy: string;
  /** `FILE:LINE` of each statement, in the order of the document. */
  readonly statements: readonly string[];
}

/** Returns what decided a call, as one line: `allowed by statement 2 of the bucket policy, web.yaml:14`. */
export function rulingText(
  { refused, by }: Ruling,
  bucket: SandboxBucket | undefined,
  places: StatementPlaces,
): string {
  const verb = refused === undefined ? "allowed" : by.kind === "undocumented" ? "not decided" : "refused";
  return `${verb} ${causeText(by, verb, bucket, places)}`;
}

function causeText(
  by: DecidedBy,
  verb: string,
  bucket: SandboxBucket | undefined,
  places: StatementPlaces,
): string {
  switch (by.kind) {
    case "policy":
      return by.statements.length === 0
        ? "by a policy"
        : `by ${by.statements.map((one) => statementText(one, bucket, places)).join(" and ")}`;
    case "session policy":
      return "by the policy of the session, which does not allow it";
    case "owner":
      return "because no policy says otherwise and the caller is the account that owns the bucket";
    case "object ACL":
    case "bucket ACL":
      return verb === "refused"
        ? `because no policy allows it and the ${by.kind} is ${by.acl}`
        : `by the ${by.kind} ${by.acl}, since no policy decides`;
    case "undocumented":
      return `because OSS does not document ${by.what}`;
    case "nothing":
      return "because nothing allows it";
  }
}

function statementText(
  { policy, index }: Extract<DecidedBy, { readonly kind: "policy" }>["statements"][number],
  bucket: SandboxBucket | undefined,
  places: StatementPlaces,
): string {
  const text = `statement ${index + 1} of ${policy}`;
  const served = policy === bucketPolicyName && bucket !== undefined ? places.of(bucket.name) : undefined;
  const place =
    served !== undefined && served.policy === bucket?.policy ? served.statements[index] : undefined;
  return place === undefined ? text : `${text}, ${place}`;
}
