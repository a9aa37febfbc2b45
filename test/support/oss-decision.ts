import { evaluate } from "../../src/access/evaluate.ts";
import { interpretationsOf, openQuestionsIn } from "../../src/access/interpretations.ts";
import type { Interpretation } from "../../src/access/request.ts";
import type { JsonObject } from "../../src/policy/json.ts";
import { canonicalPolicy, type Policy } from "../../src/policy/policy.ts";
import { mayBePublic } from "../../src/policy/public-status.ts";

export type Acl = "private" | "public-read" | "public-read-write";

/** One request with all that OSS looks at, as documents have it. */
export interface AskedRequest {
  readonly owner: string;
  readonly bucket: string;
  readonly bucketPolicy: JsonObject | undefined;
  readonly bucketAcl: Acl;
  readonly isBlocked: boolean;
  readonly objectAcl: Acl | "default";
  readonly caller:
    | { readonly kind: "nobody" }
    | { readonly kind: "account"; readonly account: string }
    | {
        readonly kind: "user";
        readonly account: string;
        readonly uid: string;
        readonly ramPolicies: readonly JsonObject[];
      };
  /** Such as `GetObject`. */
  readonly action: string;
  readonly key: string;
  readonly right: "read" | "write" | undefined;
  readonly context: ReadonlyMap<string, string>;
}

/**
 * The decision that OSS's documents give, composed here a second time and straight from their flow chart: a table of
 * what RAM says and what the bucket policy says, then the owner, then the ACLs.
 */
export function documentedDecision(asked: AskedRequest): "allowed" | "refused" | "not decided" {
  const { caller, owner } = asked;
  const bucketPolicy = asked.bucketPolicy && canonicalPolicy(asked.bucketPolicy);
  const ramPolicies =
    caller.kind === "user" && caller.account === owner ? caller.ramPolicies.map(ramPolicy) : [];
  const all = [...ramPolicies, ...(bucketPolicy === undefined ? [] : [bucketPolicy])];
  const isOwner = caller.kind === "account" && caller.account === owner;
  const readings = interpretationsOf(isOwner ? [] : openQuestionsIn(all, { name: asked.bucket, owner }));
  const answers = new Set(
    readings.flatMap((reading) =>
      [false, true].map((covers) => decisionUnder(asked, { reading, covers, ramPolicies, bucketPolicy })),
    ),
  );
  const [only] = answers;
  return answers.size === 1 && only !== undefined ? only : "not decided";
}

interface Under {
  readonly reading: Interpretation;
  /** The UID of an account stands for its RAM users, too. */
  readonly covers: boolean;
  readonly ramPolicies: readonly Policy[];
  readonly bucketPolicy: Policy | undefined;
}

function decisionUnder(asked: AskedRequest, under: Under): "allowed" | "refused" {
  const { caller, owner, bucketPolicy: document } = asked;
  const names = namesOf(caller, owner, under.covers);
  const ask = (policy: Policy) =>
    names.map(
      (principal) =>
        evaluate(
          policy,
          { principal, action: `oss:${asked.action}`, resource: asked.key, context: asked.context },
          { name: asked.bucket, owner },
          under.reading,
        ).decision,
    );
  const ofRam = under.ramPolicies.flatMap(ask);
  const said = under.bucketPolicy === undefined ? [] : ask(under.bucketPolicy);
  const isForeign = caller.kind === "nobody" || caller.account !== owner;
  const isPublicPolicy = document !== undefined && mayBePublic(canonicalPolicy(document));
  const ofBucket =
    asked.isBlocked && isForeign && isPublicPolicy ? said.filter((one) => one === "deny") : said;
  const both = [...ofRam, ...ofBucket];
  if (both.includes("deny")) return "refused";
  if (both.includes("allow")) return "allowed";
  if (caller.kind === "account" && caller.account === owner) return "allowed";
  if (asked.right === undefined || asked.isBlocked) return "refused";
  const acl = asked.objectAcl === "default" ? asked.bucketAcl : asked.objectAcl;
  return rightsOf[acl].includes(asked.right) ? "allowed" : "refused";
}

const rightsOf: Readonly<Record<Acl, readonly string[]>> = {
  private: [],
  "public-read": ["read"],
  "public-read-write": ["read", "write"],
};

/** The names by which policies may mean a caller. */
function namesOf(caller: AskedRequest["caller"], owner: string, covers: boolean): readonly string[] {
  if (caller.kind === "nobody") return ["anonymous"];
  const account = caller.account === owner ? "owner" : caller.account;
  if (caller.kind === "account") return [account];
  return covers ? [caller.uid, caller.account] : [caller.uid];
}

function ramPolicy(document: JsonObject): Policy {
  const statements = document["Statement"] as readonly JsonObject[];
  return canonicalPolicy({ ...document, Statement: statements.map((one) => ({ ...one, Principal: ["*"] })) });
}
