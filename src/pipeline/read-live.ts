import pMap from "p-map";
import type { PolicyReader } from "../oss/store.ts";
import type { BucketAddress, LiveRead } from "../policy/live.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";

/** Reads the policies of many buckets concurrently; the results are in the order of the addresses. */
export async function readLive(
  addresses: readonly BucketAddress[],
  store: PolicyReader,
  { options: { concurrency }, out }: Run<Pick<Options, "concurrency">>,
): Promise<readonly LiveRead[]> {
  const tick = out.progress("reading policies", addresses.length);
  return pMap(
    addresses,
    async (address) => {
      const reading = await store.get(address);
      tick();
      return reading;
    },
    { concurrency },
  );
}
