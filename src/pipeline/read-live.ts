import pMap from "p-map";
import type { PolicyReader } from "../oss/store.ts";
import { canonicalLive, type BucketAddress, type LiveRead } from "../policy/live.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import type { EarlyReads } from "./early-reads.ts";

/** Reads the policies of many buckets concurrently; the results are in the order of the addresses. */
export async function readLive(
  addresses: readonly BucketAddress[],
  store: PolicyReader,
  { options: { concurrency }, out }: Run<Pick<Options, "concurrency">>,
  early?: Pick<EarlyReads, "take">,
): Promise<readonly LiveRead[]> {
  const tick = out.progress("reading policies", addresses.length);
  return pMap(
    addresses,
    async (address) => {
      const reading = await (early?.take(address) ?? store.get(address));
      // Memoized, so that the comparison after the last read takes less.
      if (reading.live.state === "policy") canonicalLive(reading.live);
      tick();
      return reading;
    },
    { concurrency },
  );
}
