import { createHash } from "node:crypto";
import type { PastPolicy } from "./past-policy.ts";
import type { Operation } from "./route.ts";

/** Makes some calls go wrong. A rule without `bucket` or `operation` matches any. */
export interface FaultRule {
  /** A glob: `*` for any characters, `?` for one. With it, calls to no bucket do not match. */
  readonly bucket?: string;
  readonly operation?: Operation;
  /** Which of the matching calls, from 1 and inclusive; all where it is absent. */
  readonly calls?: { readonly from: number; readonly to: number };
  /** The part of these calls that go wrong, from 0 to 1; all where it is absent. */
  readonly probability?: number;
  readonly effect: FaultEffect;
}

export type FaultEffect =
  /**
   * An answer in place of the operation, which does not take effect. Like an overloaded front end it speaks
   * before the signature is looked at. With `when: after` the operation takes effect, and the answer belies
   * it. `body` replaces the error XML.
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
   * So many calls in any second; those beyond get 503 MetaOperationQpsLimitExceeded, or 429
   * QpsLimitExceeded, and do not count themselves.
   */
  | {
      readonly kind: "throttle";
      readonly perSecond: number;
      readonly status?: 429 | 503;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "delay"; readonly delayMs: number }
  /**
   * GetBucketPolicy, and no other operation, answers what stood so long ago; or so many times after each write
   * to a bucket, from when the rule is there, what stood before it. One of the two.
   */
  | { readonly kind: "stale"; readonly forMs?: number; readonly reads?: number }
  /** The connection is reset with no answer, before or after the operation took effect. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The operation takes effect and is never answered; the connection stays open. */
  | { readonly kind: "lost-answer" }
  /** The answer announces its whole length, sends so many bytes of the body, and the connection closes. */
  | { readonly kind: "truncate"; readonly bytes: number }
  /** OSS's refusal of a bucket that is in this region, in short form. Calls to no bucket do not match. */
  | { readonly kind: "wrong-region"; readonly region: string }
  | { readonly kind: "expired-token" };

/** What the rules do to one call: wait, then the effect, if any. */
export interface Fault {
  readonly delayMs: number;
  /** What is to be read in place of what stands there now. */
  readonly stale: PastPolicy | undefined;
  readonly effect: Exclude<FaultEffect, { readonly kind: "delay" | "stale" }> | undefined;
}

export interface FaultCall {
  readonly operation: Operation;
  readonly bucket: string | undefined;
  /** The policies that the bucket had, oldest first. */
  readonly past: readonly PastPolicy[];
}

export interface Faults {
  rules(): readonly FaultRule[];
  add(rule: FaultRule): void;
  /** Replaces all rules; every count begins anew. */
  set(rules: readonly FaultRule[]): void;
  /** Counts the call for every rule that it matches, also for those that another rule wins over. */
  next(call: FaultCall): Fault;
}

/** Milliseconds that only go forward. */
type FaultClock = () => number;

/**
 * Rules in order: delays add up, and a stale read is chosen, until the first rule that does more, which
 * ends the search.
 * The same seed and rules make the same calls go wrong.
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
  /** Counts the call, if it matches, and says whether the rule is for it. */
  selects(call: FaultCall): boolean;
  /** Whether a throttle lets the call pass. */
  passes(): boolean;
  /** What a stale read answers; undefined where nothing is stale. */
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

/** Lets so many calls pass in any second, wherever it begins. */
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
    // What stood then is the first that was replaced later.
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
 * From 0 up to 1. It hangs on the seed, the rule, the operation, the bucket and which of these calls it is:
 * calls to other buckets, which come in an order of their own in each run, have no part in it.
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
