import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Exposure } from "../policy/live.ts";
import { isPublic as isPublicByOss } from "../policy/public-status.ts";
import { publicIn } from "../proof/answers.ts";
import { addressOf, desiredPolicy } from "../proof/places.ts";
import type { Hazard } from "./hazard.ts";

/** How open a bucket would be, by its policy and beside it. */
export interface Openness {
  readonly exposure: Exposure;
  /** By OSS's definition, which looks at the wording and which Block Public Access goes by. */
  readonly isPublic: boolean;
  /** Whether the policy allows some anonymous request: exact. */
  readonly allowsAnonymous: "yes" | "no" | "unknown";
}

export function opennessOf(bucket: DesiredBucket, exposure: Exposure): Openness {
  const policy = desiredPolicy(bucket);
  const { verdict } = publicIn({ bucket: addressOf(bucket), policy });
  const answers = { equal: "no", different: "yes", undecided: "unknown" } as const;
  const isPublic = policy !== "none" && isPublicByOss(policy);
  return { exposure, isPublic, allowsAnonymous: answers[verdict] };
}

export function opennessHazards({ exposure, isPublic }: Openness): readonly Hazard[] {
  if (!isPublic || exposure.state !== "known" || !exposure.blockPublicAccess) return [];
  const message =
    "the policy is public by OSS's definition and Block Public Access is on: OSS refuses it, or ignores the grant";
  return [{ code: "public-access-blocked", severity: "warn", message }];
}
