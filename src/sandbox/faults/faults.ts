import { createHash } from "node:crypto";
import type { PastPolicy } from "../state/world.ts";
import type { Operation } from "../operations/table.ts";

/** Rule that makes some calls fail. Without `bucket` or `operation` it matches any. */
export interface FaultRule {
  /** Glob: `*` for any characters, `?` for one. A rule with it does not match calls without a bucket. */
  readonly bucket?: string;
  readonly operation?: Operation;
  /** Range of the matching calls, counted from 1, both ends included; all by default. */
  readonly calls?: { readonly from: number; readonly to: number };
  /** Probability of the effect for each of these calls, from 0 to 1; 1 by default. */
  readonly probability?: number;
  readonly effect: FaultEffect;
}

/** Effect of a fault rule on a call. */
export type FaultEffect =
  /**
   * Answers instead of the operation, which does not take effect. Like an overloaded front end, it answers
   * before the signature is checked. With `when: after` the operation takes effect despite the answer.
   * `body` replaces the error XML.
   */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly ec?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly when?: "before" | "after";
    }
  /**
   * Limits the calls in any second. Further calls get 503 MetaOperationQpsLimitExceeded, or 429
   * QpsLimitExceeded, and are not counted.
   */
  | {
      readonly kind: "throttle";
      readonly perSecond: number;
      readonly status?: 429 | 503;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "delay"; readonly delayMs: number }
  /**
   * GetBucketPolicy, and no other operation, returns an old policy: the one of `forMs` ago or, for `reads`
   * reads after each write since the rule was set, the one before the write. Exactly one of the two is set.
   */
  | { readonly kind: "stale"; readonly forMs?: number; readonly reads?: number }
  /** The connection is reset with no answer, before or after the operation took effect. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The operation takes effect and is never answered; the connection stays open. */
  | { readonly kind: "lost-answer" }
  /** The answer announces its full length and sends `bytes` bytes of the body; then the connection closes. */
  | { readonly kind: "truncate"; readonly bytes: number }
  /** Refuses like OSS for a bucket in this region (short form). Calls without a bucket do not match. */
  | { readonly kind: "wrong-region"; readonly region: string }
  | { readonly kind: "expired-token" };

/** Result of the rules for one call: a wait, then the effect, if any. */
export interface Fault {
  readonly delayMs: number;
  /** Policy to return instead of the current one. */
  readonly stale: PastPolicy | undefined;
  readonly effect: Exclude<FaultEffect, { readonly kind: "delay" | "stale" }> | undefined;
}

/** Call to which the rules apply. */
export interface FaultCall {
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** Earlier policies of the bucket, oldest first. */
  readonly past: readonly PastPolicy[];
}

export interface Faults {
  rules(): readonly FaultRule[];
  add(rule: FaultRule): void;
  /** Replaces all rules and resets all counts. */
  set(rules: readonly FaultRule[]): void;
  /** Returns the fault of a call. Counts the call for every rule that it matches, even if another rule applies. */
  next(call: FaultCall): Fault;
}

/** Monotonic clock in milliseconds. */
type FaultClock = () => number;

/**
 * Applies rules in order: delays add up and the first stale read is used, until the first rule with another
 * effect ends the search. The same seed and rules make the same calls fail.
 */
export function openFaults(
  rules: readonly FaultRule[],
  seed = 0,
  clock: FaultClock = () => performance.now(),
): Faults {
  const counting = (rule: FaultRule, index: number): CountedRule =>
    countedRule(rule, `${seed} ${index}`, clock);
  let counted = rules.map(counting);
  return {
    rules: () => counted.map(({ rule }) => rule),
    add: (rule) => {
      counted = [...counted, counting(rule, counted.length)];
    },
    set: (next) => {
      counted = next.map(counting);
    },
    next: (call) => {
      const selected = counted.filter((each) => each.selects(call));
      return combine(selected, call);
    },
  };
}

function combine(rules: readonly CountedRule[], call: FaultCall): Fault {
  let delayMs = 0;
  let stale: PastPolicy | undefined;
  for (const { rule, passes, staleRead } of rules) {
    const { effect } = rule;
    if (effect.kind === "delay") delayMs += effect.delayMs;
    else if (effect.kind === "stale") stale ??= staleRead(call);
    else if (effect.kind !== "throttle" || !passes()) return { delayMs, stale, effect };
  }
  return { delayMs, stale, effect: undefined };
}

interface CountedRule {
  readonly rule: FaultRule;
  /** Counts the call if it matches, and returns true if the rule applies to it. */
  selects(call: FaultCall): boolean;
  /** Returns true if a throttle lets the call pass. */
  passes(): boolean;
  /** Returns the policy of a stale read; undefined if nothing is stale. */
  staleRead(call: FaultCall): PastPolicy | undefined;
}

function countedRule(rule: FaultRule, seed: string, clock: FaultClock): CountedRule {
  const { effect, calls = { from: 1, to: Infinity }, probability = 1 } = rule;
  const matches = matcher(rule);
  const counts = new Map<string, number>();
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  return {
    rule,
    selects: (call) => {
      if (!matches(call)) return false;
      const number = count("");
      const place = `${call.operation} ${call.bucket ?? ""}`;
      const fortune = chance(`${seed} ${place} ${count(place)}`);
      return number >= calls.from && number <= calls.to && fortune < probability;
    },
    passes: rateLimit(effect.kind === "throttle" ? effect.perSecond : Infinity, clock),
    staleRead: staleness(effect.kind === "stale" ? effect : {}, clock),
  };
}

function matcher({ bucket: glob, operation, effect }: FaultRule): (call: FaultCall) => boolean {
  const pattern = glob === undefined ? undefined : globPattern(glob);
  const needsBucket = pattern !== undefined || effect.kind === "wrong-region";
  return (call) => {
    if (operation !== undefined && operation !== call.operation) return false;
    if (needsBucket && call.bucket === undefined) return false;
    if (effect.kind === "stale" && call.operation !== "GetBucketPolicy") return false;
    return pattern === undefined || pattern.test(call.bucket ?? "");
  };
}

/** Returns a rate limiter over a sliding window of one second. */
function rateLimit(perSecond: number, clock: FaultClock): () => boolean {
  let passed: number[] = [];
  return () => {
    const nowMs = clock();
    passed = passed.filter((timeMs) => timeMs > nowMs - 1_000);
    if (passed.length >= perSecond) return false;
    passed.push(nowMs);
    return true;
  };
}

interface Staleness {
  readonly forMs?: number;
  readonly reads?: number;
}

function staleness(
  { forMs, reads = 0 }: Staleness,
  clock: FaultClock,
): (call: FaultCall) => PastPolicy | undefined {
  const sinceMs = clock();
  const served = new Map<string, { readonly before: PastPolicy; readonly count: number }>();
  return ({ bucket = "", past }) => {
    // The policy of that time is the first one that was replaced later.
    if (forMs !== undefined) return past.find(({ untilMs }) => untilMs > clock() - forMs);
    const before = past.at(-1);
    const last = served.get(bucket);
    const count = last?.before === before ? (last?.count ?? 0) : 0;
    if (before === undefined || before.untilMs < sinceMs || count >= reads) return undefined;
    served.set(bucket, { before, count: count + 1 });
    return before;
  };
}

/**
 * Returns a pseudo-random number from 0 up to 1, derived from the seed, the rule, the operation, the bucket and
 * the number of the call. It does not depend on calls to other buckets, whose order differs in each run.
 */
function chance(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}
