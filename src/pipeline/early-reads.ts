import type { Account } from "../desired/account-file.ts";
import { isFailed } from "../result.ts";
import type { BucketAddress, LiveRead } from "../policy/live.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import type { NamedBucket } from "../desired/likely-bucket.ts";
import type { Options } from "../run/options.ts";
import type { Run } from "../run/run.ts";
import { isSelectedBucket } from "../run/selection.ts";
import { openExposures, type Exposures } from "./exposures.ts";
import type { CredentialUse } from "./open-credentials.ts";
import { loadStore, openSession, type Opened } from "./session.ts";

/** Bucket whose file was parsed, or only its name. */
type KnownBucket = NamedBucket & Partial<Pick<DesiredBucket, "policy">>;

/** Live policies that are read while other files are still parsed. */
export interface EarlyReads {
  /** Starts to read the buckets that are selected, each once, and what else opens or closes those that will change. */
  start(buckets: readonly KnownBucket[], accounts: readonly Account[]): void;
  /** Returns the session of these reads, or a new one if there were none. */
  session(accounts: readonly Account[], buckets: readonly DesiredBucket[]): Promise<Opened>;
  /** Returns the reads of what else opens or closes a bucket; undefined if there were none. */
  exposures(): Exposures | undefined;
  /** Returns the read of a bucket that was started, once: a later read must ask OSS again. */
  take(address: BucketAddress): Promise<LiveRead> | undefined;
  /** Ends the session of these reads, where a run ends before it needs them. */
  close(): Promise<void>;
}

/**
 * Returns true if nothing but the files can still be refused. An option that names something of the tree may be wrong,
 * and the guards of a base judge first which account a bucket is of. A sandbox in this process is made from the whole tree.
 */
function mayReadEarly({
  sandbox,
  base,
  accept,
  forbid,
  replaceUnparseable = [],
  account,
  bucket,
  exclude,
}: Options): boolean {
  const namesOfTree = [...accept, ...replaceUnparseable];
  return (
    !sandbox &&
    base === undefined &&
    forbid === undefined &&
    namesOfTree.length === 0 &&
    // A single one that matches nothing selects nothing.
    account.length <= 1 &&
    bucket.length <= 1 &&
    exclude.length === 0
  );
}

export function openEarlyReads(run: Run, use: CredentialUse): EarlyReads {
  const { account: names } = run.options;
  const isAllowed = mayReadEarly(run.options);
  // The threads that parse start meanwhile. What fails here fails again where the store is opened.
  if (isAllowed) setImmediate(() => void loadStore().catch(() => undefined));
  let opened: Promise<Opened> | undefined;
  let exposures: Exposures | undefined;
  const reads = new Map<string, Promise<LiveRead>>();
  const isSelected = ({ bucket, account: { uid, name = uid } }: NamedBucket) =>
    isSelectedBucket(bucket, run.options) &&
    (names.length === 0 || names.includes(uid) || names.includes(name));
  const sessionOf = async (accounts: readonly Account[], buckets: readonly DesiredBucket[]) => {
    // One that failed would fail again, after the waits of another exchange for credentials.
    const early = await opened;
    return early ?? openSession(accounts, buckets, run, use);
  };
  return {
    start: (buckets, accounts) => {
      const selected = buckets.filter(isSelected);
      const owners = [...new Set(selected.map(({ account }) => account))];
      if (!isAllowed || selected.length === 0 || accounts.length !== 1) return;
      opened ??= openSession(owners, [], run, use);
      void opened.then((session) => {
        if (isFailed(session)) return;
        exposures ??= openExposures(session);
        for (const bucket of selected) {
          const read = reads.get(keyOf(bucket)) ?? session.storeOf(bucket.account.uid).get(bucket);
          reads.set(keyOf(bucket), read);
          void read.then((reading) => exposures?.start(bucket, reading));
        }
      });
    },
    session: sessionOf,
    exposures: () => exposures,
    take: (address) => {
      const read = reads.get(keyOf(address));
      reads.delete(keyOf(address));
      return read;
    },
    close: async () => {
      const session = await opened;
      if (session !== undefined && !isFailed(session)) await session.close();
    },
  };
}

function keyOf({ bucket, region }: BucketAddress): string {
  return `${region}/${bucket}`;
}
