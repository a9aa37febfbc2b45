import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { AccountBlock, Exposure } from "../policy/live.ts";
import { publicStatus, type PublicStatus } from "../policy/public-status.ts";
import { provePrivate } from "../proof/access-queries.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { hazard, type Hazard } from "./hazard.ts";

/** Public access to a bucket, by its desired policy, its ACL and Block Public Access. */
export interface PublicAccess {
  readonly exposure: Exposure;
  /** By OSS's definition, which judges the wording and which Block Public Access uses. */
  readonly status: PublicStatus;
  /** `yes` if the policy allows some anonymous request; exact. */
  readonly allowsAnonymous: "yes" | "no" | "unknown";
}

export function publicAccessOf(bucket: DesiredBucket, exposure: Exposure): PublicAccess {
  const policy = desiredPolicy(bucket);
  const { kind } = provePrivate({ bucket: bucketOf(bucket), policy });
  const answers = { proved: "no", broken: "yes", undecided: "unknown" } as const;
  const status = policy === "none" ? "no" : publicStatus(policy);
  return { exposure, status, allowsAnonymous: answers[kind] };
}

/** What of a policy that OSS may count as public, without saying so in its documentation. */
export const undocumentedPublic =
  "OSS does not document whether a role with `*` or a negated condition counts";

/**
 * Blocks a public policy while Block Public Access of the bucket or of the account is on, since OSS refuses
 * it (OSS docs: Block Public Access). If either is unknown it warns, since the write may succeed.
 */
export function publicAccessHazards(
  { exposure, status }: PublicAccess,
  account: AccountBlock | undefined,
): readonly Hazard[] {
  if (status === "no") return [];
  const ofBucket = exposure.state === "known" ? exposure.blockPublicAccess : undefined;
  const ofAccount = account?.state === "known" ? account.isOn : undefined;
  const closed = ofBucket === true ? "the bucket" : ofAccount === true ? "the account" : undefined;
  if (closed !== undefined && status === "undocumented")
    return [
      hazard(
        "public-access-blocked",
        "warn",
        `Block Public Access of ${closed} is on, and OSS refuses the policy if it counts as public: ${undocumentedPublic}`,
      ),
    ];
  if (closed !== undefined) {
    const message = `the policy is public by OSS's definition, and OSS refuses it while Block Public Access of ${closed} is on`;
    return [hazard("refused-by-oss", "block", message)];
  }
  const unknown =
    exposure.state === "unknown" ? exposure : account?.state === "unknown" ? account : undefined;
  if (unknown === undefined) return [];
  const which = exposure.state === "unknown" ? "" : " of the account";
  const counts =
    status === "yes"
      ? "the policy is public by OSS's definition, and OSS refuses it"
      : `OSS may count the policy as public, and then refuses it`;
  const message = `${counts} if Block Public Access${which} is on, which is not known: ${unknown.problem.message}`;
  return [hazard("public-access-blocked", "warn", message)];
}
