import equal from "fast-deep-equal";
import { Budget, limits } from "../access/budget.ts";
import type { DesiredBucket } from "../desired/bucket-file.ts";
import { desiredPolicy } from "../desired/desired-policy.ts";
import type { Findings } from "../lint/lint.ts";
import type { Gate } from "../plan/hazard-input.ts";
import { allKnown, principalsIn, principalsInTree, knownTo } from "../plan/known-principals.ts";
import { foreseenChange, planChange, type PlanInput } from "../plan/plan-change.ts";
import type { Change } from "../plan/plan.ts";
import { sharpened } from "../plan/weakened-guards.ts";
import { canonicalLive, type LiveRead } from "../policy/live.ts";
import type { Run } from "../run/run.ts";
import { basePolicyOf } from "./base.ts";
import { checkBuckets, inTurns } from "./check-buckets.ts";
import { gateOf } from "./gate.ts";
import type { Prepared } from "./prepare.ts";
import { livePolicies, readLive } from "./read-live.ts";

/** The change of each bucket, with what it was judged by. */
export interface ComparedBuckets {
  readonly changes: readonly Change[];
  readonly inputs: readonly PlanInput[];
  readonly readings: readonly LiveRead[];
  readonly gate: Gate;
}

type OnRead = (bucket: DesiredBucket, reading: LiveRead) => void;

/**
 * Checks the buckets, reads their live policies, and compares. Most changes are decided while other policies are read;
 * the rest once all are known. `onRead` is called with each read.
 */
export async function compareBuckets(prepared: Prepared, run: Run, onRead: OnRead): Promise<ComparedBuckets> {
  const { options, io } = run;
  const { buckets, managed, session, early, base, desired, checks } = prepared;
  const foreseen = new Map<DesiredBucket, Change>();
  // Until the findings are known, no change can be judged.
  const waiting: Parameters<OnRead>[] = [];
  let foresee: OnRead = (...read) => void waiting.push(read);
  const reads = readLive(buckets, session, run, {
    early,
    onRead: (bucket, reading) => {
      onRead(bucket, reading);
      foresee(bucket, reading);
    },
  });
  const findings = await judged(prepared, io.today);
  const gate = gateOf(options, findings, checks, io.today);
  const made = new Map<DesiredBucket, PlanInput>();
  const inputOf = (bucket: DesiredBucket, reading: LiveRead): PlanInput => {
    const input = made.get(bucket) ?? {
      bucket,
      reading,
      findings: findings.get(bucket.bucket) ?? [],
      gate,
      replaces: (options.replaceUnparseable ?? []).includes(bucket.bucket),
      ...(base === undefined ? {} : { base: basePolicyOf(base, bucket, reading.live) }),
    };
    made.set(bucket, input);
    return input;
  };
  const { accounts, buckets: judges } = base?.desired ?? { accounts: desired.accounts, buckets: managed };
  const inTree = principalsInTree(accounts, judges);
  const knownIn = knownTo(accounts);
  foresee = (bucket, reading) => {
    const change = foreseenChange({ ...inputOf(bucket, reading), ...knownIn(bucket, inTree) });
    if (change !== undefined) foreseen.set(bucket, change);
  };
  await inTurns(waiting, (read) => foresee(...read));
  const readings = await reads;
  const inputs = buckets.flatMap((bucket, index) => {
    const reading = readings[index];
    return reading === undefined ? [] : [inputOf(bucket, reading)];
  });
  const known = allKnown(inTree, principalsIn(livePolicies(readings)));
  const steps = stepsFor(inputs);
  const changes = inputs.map(
    (input) =>
      foreseen.get(input.bucket) ??
      planChange({ ...input, ...knownIn(input.bucket, known), budget: new Budget(steps) }),
  );
  return { changes, inputs, readings, gate };
}

/** Returns the steps for each changing bucket: an equal share, so that one hostile policy cannot starve the others. */
function stepsFor(inputs: readonly PlanInput[]): number {
  const changing = inputs.filter(({ bucket, reading: { live } }) => {
    const isComparable = live.state === "policy" || live.state === "none";
    return isComparable && !equal(canonicalLive(live), desiredPolicy(bucket));
  }).length;
  const share = Math.floor(limits.runSteps / Math.max(1, changing));
  return Math.min(limits.bucketSteps, Math.max(limits.leastBucketSteps, share));
}

/** Returns the findings of the buckets. Where a file is edited, an expired accept in it is an error. */
async function judged({ desired, buckets, base, checks }: Prepared, today: string): Promise<Findings> {
  const findings = await checkBuckets(desired.buckets, buckets, today, checks);
  if (base === undefined) return findings;
  const byName = new Map(buckets.map((bucket) => [bucket.bucket, bucket]));
  const isEdited = (name: string) => {
    const policy = base.policyOf(name);
    const bucket = byName.get(name);
    return bucket !== undefined && policy !== "unknown" && !equal(policy, desiredPolicy(bucket));
  };
  return new Map([...findings].map(([name, found]) => [name, sharpened(found, isEdited(name))]));
}
