import pMap from "p-map";
import type { PolicyReader } from "../oss/store.ts";
import type { BucketAddress, Reading } from "../policy/live.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";

/** Reads the policies of many buckets side by side; the readings stand in the order of the addresses. */
export async function readLive(
  addresses: readonly BucketAddress[],
  store: PolicyReader,
  { concurrency }: Options,
  out: Output,
): Promise<readonly Reading[]> {
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
