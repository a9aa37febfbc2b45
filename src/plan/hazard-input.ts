import type { Budget } from "../access/budget.ts";
import type { AccessDifference } from "../access/difference.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { Policy } from "../policy/policy.ts";
import type { BasePolicy } from "./base-policy.ts";
import type { KnownPrincipals } from "./known-principals.ts";
import type { Cause } from "./plan.ts";

export interface HazardInput {
  readonly bucket: DesiredBucket;
  readonly before: Policy | "none";
  readonly after: Policy | "none";
  readonly access: AccessDifference;
  readonly gate: Gate;
  readonly base?: BasePolicy | undefined;
  /** Principals that may gain without a warning; absent if they are not known. */
  readonly known?: KnownPrincipals | undefined;
  readonly cause?: Cause;
  /** Work limit for the analysis of this bucket. If absent, each query has its default limit. */
  readonly budget?: Budget | undefined;
}

/** Settings that decide which hazards block. */
export interface Gate {
  /** Date such as `2027-01-31`. */
  readonly today: string;
  /** Hazards accepted for this run, as `CODE@BUCKET`. */
  readonly accepted: readonly string[];
  /** The change claims to be a rewrite, so a gain of access blocks it. */
  readonly forbidsGains: boolean;
  /** Returns the known reasons why OSS would refuse the policy of a bucket. */
  refusals(bucket: DesiredBucket): readonly string[];
}
