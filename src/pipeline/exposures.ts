import equal from "fast-deep-equal";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { desiredPolicy } from "../desired/desired-policy.ts";
import type { PolicyReader } from "../oss/store.ts";
import { canonicalLive, type BucketAddress, type Exposure, type LiveRead } from "../policy/live.ts";

/** Reads of what else opens or closes a bucket. */
export interface Exposures {
  /** Starts the read of a bucket that has another policy than its file asks for, which will be a change. */
  start(bucket: BucketAddress & Partial<Pick<DesiredBucket, "policy">>, reading: LiveRead): void;
  /** Returns the read of a bucket, once it has ended. */
  of(address: BucketAddress): Promise<Exposure>;
}

export function openExposures(store: PolicyReader): Exposures {
  const started = new Map<string, Promise<Exposure>>();
  return {
    start: ({ bucket, policy }, { live, region }) => {
      if (policy === undefined || (live.state !== "policy" && live.state !== "none")) return;
      if (!equal(canonicalLive(live), desiredPolicy({ policy })))
        started.set(bucket, store.exposure({ bucket, region }));
    },
    of: ({ bucket, region }) => started.get(bucket) ?? store.exposure({ bucket, region }),
  };
}
