import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { AccountBlock, Exposure } from "../policy/live.ts";
import { isPublic as isPublicByOss } from "../policy/public-status.ts";
import { publicIn } from "../proof/access-queries.ts";
import { bucketOf, desiredPolicy } from "../desired/desired-policy.ts";
import { hazard, type Hazard } from "./hazard.ts";

/** How open a bucket would be, by its policy and beside it. */
export interface PublicAccess {
  readonly exposure: Exposure;
  /** By OSS's definition, which looks at the wording and which Block Public Access goes by. */
  readonly isPublic: boolean;
  /** Whether the policy allows some anonymous request: exact. */
  readonly allowsAnonymous: "yes" | "no" | "unknown";
}

export function publicAccessOf(bucket: DesiredBucket, exposure: Exposure): PublicAccess {
  const policy = desiredPolicy(bucket);
  const { verdict } = publicIn({ bucket: bucketOf(bucket), policy });
  const answers = { equal: "no", different: "yes", undecided: "unknown" } as const;
  const isPublic = policy !== "none" && isPublicByOss(policy);
  return { exposure, isPublic, allowsAnonymous: answers[verdict] };
}

/**
 * OSS refuses a public policy while Block Public Access of the bucket or of the account is on (OSS docs:
 * Block Public Access). Where that is not known it is a warning, since the write may go through.
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
