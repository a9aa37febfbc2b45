import equal from "fast-deep-equal";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { desiredPolicy, isAsWritten } from "../desired/desired-policy.ts";
import { canonicalLive, type BucketAddress, type Exposure, type LiveRead } from "../policy/live.ts";
import type { Session } from "./session.ts";

/** Reads of what else opens or closes a bucket. */
export interface Exposures {
  /** Starts the read of a bucket that has another policy than its file asks for, which will be a change; once. */
  start(bucket: Owned<Partial<Pick<DesiredBucket, "policy">>>, reading: LiveRead): void;
  /** Returns the read of a bucket, once it has ended. */
  of(address: BucketAddress & { readonly account: string }): Promise<Exposure>;
}

type Owned<T> = BucketAddress & T & { readonly account: { readonly uid: string } };

export function openExposures({ storeOf }: Pick<Session, "storeOf">): Exposures {
  const started = new Map<string, Promise<Exposure>>();
  return {
    start: ({ bucket, policy, account }, { live, region }) => {
      if (policy === undefined || started.has(bucket)) return;
      if (live.state !== "policy" && live.state !== "none") return;
      if (!isAsWritten(live, policy) && !equal(canonicalLive(live), desiredPolicy({ policy })))
        started.set(bucket, storeOf(account.uid).exposure({ bucket, region }));
    },
    of: ({ bucket, region, account }) => started.get(bucket) ?? storeOf(account).exposure({ bucket, region }),
  };
}
