import { isFailed, type Failed } from "../../result.ts";
import type { DesiredBucket } from "../../desired/bucket-file.ts";
import { canonicalLive } from "../../policy/live.ts";
import type { QueriedPolicy } from "../../proof/access-queries.ts";
import { bucketOf, desiredPolicy } from "../../desired/desired-policy.ts";
import type { Run } from "../../run/run.ts";
import { readLive } from "../../pipeline/read-live.ts";
import { openSession } from "../../pipeline/session.ts";
import { bucketsOf } from "./place.ts";
import { problem } from "./reply.ts";

export interface QueriedBucket {
  readonly bucket: DesiredBucket;
  readonly policy: QueriedPolicy;
}

/** Returns the policies of all selected buckets. */
export async function allPolicies(run: Run): Promise<{ readonly all: readonly QueriedBucket[] } | Failed> {
  const found = bucketsOf(run.options);
  return isFailed(found) ? found : queriedPolicies(found.buckets, run);
}

/** Returns the policy of one bucket. */
export async function onePolicy(
  bucket: DesiredBucket,
  run: Run,
): Promise<{ readonly policy: QueriedPolicy } | Failed> {
  const found = await queriedPolicies([bucket], run);
  if (isFailed(found)) return found;
  const [one] = found.all;
  return one === undefined ? problem("there is no policy to ask", "name a bucket") : { policy: one.policy };
}

/** Returns the policies that a question is about: those of the files, or with --live those of OSS. */
export async function queriedPolicies(
  buckets: readonly DesiredBucket[],
  run: Run,
): Promise<{ readonly all: readonly QueriedBucket[] } | Failed> {
  const { options } = run;
  if (options.live) return livePolicies(buckets, run);
  if (options.sandbox || options.endpoint !== undefined)
    return problem(
      "--sandbox and --endpoint say where OSS is, but the question is about the files",
      "add --live",
    );
  const all = buckets.map((bucket) => {
    return { bucket, policy: { bucket: bucketOf(bucket), policy: desiredPolicy(bucket) } };
  });
  return { all };
}

/** Reads the live policies. One that cannot be read fails the whole question: it is unknown, not absent. */
async function livePolicies(
  buckets: readonly DesiredBucket[],
  run: Run,
): Promise<{ readonly all: readonly QueriedBucket[] } | Failed> {
  const accounts = [...new Set(buckets.map(({ account }) => account))];
  const session = await openSession(accounts, buckets, run);
  if (isFailed(session)) return session;
  const readings = await readLive(buckets, session, run);
  await session.close();
  const all: QueriedBucket[] = [];
  const problems = buckets.flatMap((bucket, index) => {
    const live = readings[index]?.live;
    if (live?.state === "policy" || live?.state === "none") {
      all.push({ bucket, policy: { bucket: bucketOf(bucket), policy: canonicalLive(live) } });
      return [];
    }
    const { message: why, help = "ask about the policy of the file, without --live" } =
      live?.state === "unreadable" ? live.problem : { message: "the bucket does not exist" };
    const message = `the live policy of \`${bucket.bucket}\` cannot be read: ${why}`;
    const isOne = buckets.length === 1;
    return problem(message, isOne ? help : "leave the bucket out with --exclude, or fix the cause").problems;
  });
  return problems.length > 0 ? { problems } : { all };
}
