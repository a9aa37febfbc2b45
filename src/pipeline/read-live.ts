import type { DesiredBucket } from "../desired/bucket-file.ts";
import { isAsWritten } from "../desired/desired-policy.ts";
import {
  canonicalLive,
  liveDigest,
  livePolicyAs,
  type BucketAddress,
  type Live,
  type LiveRead,
} from "../policy/live.ts";
import type { Policy } from "../policy/policy.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import { mapByAccount } from "./by-account.ts";
import type { EarlyReads } from "./early-reads.ts";
import type { Session } from "./session.ts";

/** Bucket to read, with what its file asks for, if it has one. */
type Readable = BucketAddress &
  Partial<Pick<DesiredBucket, "policy">> & { readonly account: { readonly uid: string } };

/** Other work that is done with the reads of a plan. */
interface ReadHooks<Address> {
  readonly early?: Pick<EarlyReads, "take"> | undefined;
  /** Called with each read, while others are in flight. */
  readonly onRead?: (address: Address, reading: LiveRead) => void;
}

/** Reads the policies of many buckets concurrently; the results are in the order of the addresses. */
export async function readLive<Address extends Readable>(
  addresses: readonly Address[],
  { storeOf }: Pick<Session, "storeOf">,
  { options: { concurrency }, out }: Run<Pick<Options, "concurrency">>,
  { early, onRead }: ReadHooks<Address> = {},
): Promise<readonly LiveRead[]> {
  const tick = out.progress("reading policies", addresses.length);
  return mapByAccount(
    addresses,
    ({ account }) => account.uid,
    async (address) => {
      const read = await (early?.take(address) ?? storeOf(address.account.uid).get(address));
      const reading = { ...read, live: withForm(read.live, address) };
      onRead?.(address, reading);
      tick();
      return reading;
    },
    concurrency,
  );
}

/** Makes the canonical form and its digest while other calls are in flight. A text that both sides have is kept once. */
function withForm(live: Live, { policy }: Readable): Live {
  if (live.state !== "policy") return live;
  const formed = isAsWritten(live, policy) ? livePolicyAs(policy.text, policy.canonical) : live;
  // Memoized.
  liveDigest(formed);
  return formed;
}

/** Returns the live policies that were read and parse. */
export function livePolicies(readings: readonly LiveRead[]): readonly (Policy | "none")[] {
  return readings.flatMap(({ live }) => (live.state === "policy" ? [canonicalLive(live)] : []));
}
