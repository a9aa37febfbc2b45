import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { AccountBlock, Exposure } from "../policy/live.ts";
import { isPublic as isPublicByOss } from "../policy/public-status.ts";
import { provePrivate } from "../proof/access-queries.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { hazard, type Hazard } from "./hazard.ts";

/** Public access to a bucket, by its desired policy, its ACL and Block Public Access. */
export interface PublicAccess {
  readonly exposure: Exposure;
  /** By OSS's definition, which judges the wording and which Block Public Access uses. */
  readonly isPublic: boolean;
  /** `yes` if the policy allows some anonymous request; exact. */
  readonly allowsAnonymous: "yes" | "no" | "unknown";
}

export function publicAccessOf(bucket: DesiredBucket, exposure: Exposure): PublicAccess {
  const policy = desiredPolicy(bucket);
  const { kind } = provePrivate({ bucket: bucketOf(bucket), policy });
  const answers = { proved: "no", broken: "yes", undecided: "unknown" } as const;
  const isPublic = policy !== "none" && isPublicByOss(policy);
  return { exposure, isPublic, allowsAnonymous: answers[kind] };
}

/**
 * Blocks a public policy while Block Public Access of the bucket or of the account is on, since OSS refuses
 * it (OSS docs: Block Public Access). If that is unknown it warns, since the write may succeed.
 */
export function publicAccessHazards(
  { exposure, isPublic }: PublicAccess,
  account: AccountBlock | undefined,
): readonly Hazard[] {
  if (!isPublic) return [];
  const ofBucket = exposure.state === "known" ? exposure.blockPublicAccess : undefined;
  const ofAccount = account?.state === "known" ? account.isOn : undefined;
  const refused = ofBucket === true ? "the bucket" : ofAccount === true ? "the account" : undefined;
  if (refused !== undefined) {
    const message = `the policy is public by OSS's definition, and OSS refuses it while Block Public Access of ${refused} is on`;
    return [hazard("refused-by-oss", "block", message)];
  }
  const unknown =
    exposure.state === "unknown" ? exposure : account?.state === "unknown" ? account : undefined;
  if (unknown === undefined) return [];
  const which = exposure.state === "unknown" ? "" : " of the account";
  const message = `the policy is public by OSS's definition, and OSS refuses it if Block Public Access${which} is on, which is not known: ${unknown.problem.message}`;
  return [hazard("public-access-blocked", "warn", message)];
}
