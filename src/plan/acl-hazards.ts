/** What the ACL of a bucket gives to everyone once no Deny refuses it any more. */

import { differenceOf, type KnownAccessChange } from "../access/difference.ts";
import { requestSetOf } from "../access/query.ts";
import { changeSentence } from "../access/sentences.ts";
import { namesOf } from "../desired/account-file.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import type { Bucket } from "../policy/bucket.ts";
import { canonicalPolicy, type Policy } from "../policy/policy.ts";
import { protectionOf, publicSeverity } from "./access-hazards.ts";
import { hazard, type Hazard } from "./hazard.ts";
import type { WritingChange } from "./plan.ts";

/** Actions that a bucket ACL allows to everyone; it never allows to list objects (OSS docs: bucket ACLs). */
const actionsByAcl: Readonly<Record<string, readonly string[]>> = {
  "public-read": ["oss:GetObject"],
  "public-read-write": ["oss:GetObject", "oss:PutObject", "oss:AbortMultipartUpload", "oss:DeleteObject"],
};

/**
 * Blocks a change after which no Deny refuses what a public ACL allows to everyone. A request that no statement matches
 * is decided by the ACL of the object, and of the bucket if the object has none (OSS docs: authentication). Warns where
 * the ACL is not known (undefined).
 */
export function aclHazards(
  { access, before }: Pick<WritingChange, "access" | "before">,
  desired: DesiredBucket,
  acl: string | undefined,
): readonly Hazard[] {
  const actions = actionsByAcl[acl ?? "public-read-write"];
  if (actions === undefined || access.verdict !== "different") return [];
  if (!access.regions.some(({ effect }) => effect === "blockLifted")) return [];
  const bucket = bucketOf(desired);
  const old = withAcl(before === null ? "none" : canonicalPolicy(before), actions, bucket);
  const now = withAcl(desiredPolicy(desired), actions, bucket);
  const opened = differenceOf(old, now, bucket);
  if (opened.verdict === "undecided")
    return [
      hazard(
        "grants-public-access",
        "block",
        `cannot decide what the ACL ${acl ?? "that could not be read"} gives to everyone: ${opened.cause}`,
      ),
    ];
  const gained = opened.verdict === "equal" ? [] : opened.regions.filter(isGainedByAnonymous);
  const [region] = gained;
  if (region === undefined) return [];
  const protection = protectionOf(gained, { bucket: desired, before: old, after: now });
  const sentence = changeSentence(region, namesOf(desired.account));
  const adds =
    acl === undefined
      ? "a Deny refused this, and the ACL, which could not be read, may allow it"
      : `a Deny refused this, and the ACL ${acl} allows it`;
  const more = gained.length > 1 ? `, and ${gained.length - 1} more` : "";
  const severity = acl === undefined ? "warn" : publicSeverity(protection);
  const found = hazard("grants-public-access", severity, `${sentence}${more}; ${adds}`);
  return [{ ...found, witness: region.witness, about: { sentence, adds } }];
}

function isGainedByAnonymous({ effect, witness }: KnownAccessChange): boolean {
  return effect === "gains" && witness.principal === "anonymous";
}

/** Returns a policy that also allows what the ACL does: both decide where no Deny does. */
function withAcl(policy: Policy | "none", actions: readonly string[], bucket: Bucket): Policy {
  const scene = requestSetOf(["*"], actions, [`acs:oss:*:*:${bucket.name}/*`], new Map());
  const known: Policy = policy === "none" ? { version: "1", statements: [], other: [] } : policy;
  return { ...known, statements: [...known.statements, { ...scene, effect: "Allow" }] };
}
