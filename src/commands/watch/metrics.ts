import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { OutcomeResult } from "../../apply/outcome.ts";
import { hazardCodes } from "../../plan/hazard.ts";
import { bucketStates, type BucketStatus, type Statuses } from "./bucket-status.ts";

/** Results of writes, as values of a label. */
const writeOutcomes = ["applied", "unchanged", "unverified", "failed", "stale", "not_attempted"] as const;

/** One reconcile, as it is measured. */
export interface Measured {
  readonly seconds: number;
  readonly isSuccess: boolean;
  /** UIDs of all accounts that are known. */
  readonly accounts: readonly string[];
  readonly statuses: Statuses;
  readonly writes: readonly { readonly account: string; readonly result: OutcomeResult }[];
}

/** Metrics of the service. No label has a bucket or anything else that grows with the tree. */
export interface Metrics {
  readonly registry: Registry;
  called(operation: string, code: string): void;
  reconciled(measured: Measured, now: Date): void;
}

/** Opens the metrics. Their names and labels are fixed: alerts and dashboards outlive releases. */
export function openMetrics(version: string): Metrics {
  const registry = new Registry();
  const ofRuns = runMetrics(registry);
  const ofAccounts = accountMetrics(registry);
  const calls = new Counter({
    name: "oss_policy_api_requests_total",
    help: "Calls of OSS and STS, by operation and HTTP status; no_answer for none.",
    labelNames: ["operation", "code"] as const,
    registers: [registry],
  });
  const buildInfo = new Gauge({
    name: "oss_policy_build_info",
    help: "1, with the version of the tool as a label.",
    labelNames: ["version"] as const,
    registers: [registry],
  });
  buildInfo.set({ version }, 1);
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    called: (operation, code) => calls.inc({ operation, code }),
    reconciled: (measured, now) => {
      ofRuns(measured, now);
      ofAccounts(measured, now);
    },
  };
}

type Measure = (measured: Measured, now: Date) => void;

function runMetrics(registry: Registry): Measure {
  const registers = [registry];
  const lastReconcile = new Gauge({
    name: "oss_policy_last_reconcile_timestamp_seconds",
    help: "Time of the end of the last reconcile, whatever its result; 0 before the first.",
    registers,
  });
  const lastSuccess = new Gauge({
    name: "oss_policy_last_success_timestamp_seconds",
    help: "Time of the end of the last reconcile that succeeded: a single run would not have ended with exit code 1. 0 before the first.",
    registers,
  });
  const duration = new Histogram({
    name: "oss_policy_reconcile_duration_seconds",
    help: "Time that reconciles take.",
    buckets: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    registers,
  });
  return ({ seconds, isSuccess }, now) => {
    lastReconcile.set(now.getTime() / 1_000);
    if (isSuccess) lastSuccess.set(now.getTime() / 1_000);
    duration.observe(seconds);
  };
}

/** Metrics by account. Each account always has every series: an alert on one that vanished would be silent. */
function accountMetrics(registry: Registry): Measure {
  const registers = [registry];
  const buckets = new Gauge({
    name: "oss_policy_buckets",
    help: "Buckets with a file, by the state that the last reconcile found. Each is counted once.",
    labelNames: ["account", "state"] as const,
    registers,
  });
  const hazards = new Gauge({
    name: "oss_policy_hazards",
    help: "Buckets whose pending change has this hazard, which is not accepted.",
    labelNames: ["account", "hazard"] as const,
    registers,
  });
  const publicBuckets = new Gauge({
    name: "oss_policy_public_buckets",
    help: "Buckets with a file whose live policy OSS counts as public. ACLs are not looked at.",
    labelNames: ["account"] as const,
    registers,
  });
  const writes = new Counter({
    name: "oss_policy_writes_total",
    help: "Changes of policies that were to be written, by their outcome.",
    labelNames: ["account", "outcome"] as const,
    registers,
  });
  return ({ accounts, statuses, writes: written }) => {
    for (const gauge of [buckets, hazards, publicBuckets]) gauge.reset();
    for (const account of accounts) {
      const own = [...statuses.values()].filter((one) => one.account === account);
      const count = (isCounted: (one: BucketStatus) => boolean) => own.filter(isCounted).length;
      publicBuckets.set(
        { account },
        count(({ isPublic }) => isPublic),
      );
      for (const state of bucketStates)
        buckets.set(
          { account, state },
          count((one) => one.state === state),
        );
      for (const hazard of hazardCodes)
        hazards.set(
          { account, hazard },
          count((one) => one.hazards.includes(hazard)),
        );
      for (const outcome of writeOutcomes) writes.inc({ account, outcome }, 0);
    }
    for (const { account, result } of written) writes.inc({ account, outcome: result.replace(" ", "_") });
  };
}
