import { createHash } from "node:crypto";
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
   * before the signature is looked at. `body` replaces the error XML.
   */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly ec?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: "delay"; readonly delayMs: number }
  /** The connection is reset with no answer, before or after the operation took effect. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The answer announces its whole length, sends so many bytes of the body, and the connection closes. */
  | { readonly kind: "truncate"; readonly bytes: number };

/** What the rules do to one call: wait, then the effect, if any. */
export interface Fault {
  readonly delayMs: number;
  readonly effect: Exclude<FaultEffect, { readonly kind: "delay" }> | undefined;
}

export interface Faults {
  add(rule: FaultRule): void;
  clear(): void;
  /** Counts the call for every rule that it matches, also for those that another rule wins over. */
  next(operation: Operation, bucket: string | undefined): Fault;
}

/**
 * Rules in order: delays add up until the first rule that does more than wait, which ends the search.
 * The same seed and rules make the same calls go wrong.
 */
export function openFaults(rules: readonly FaultRule[], seed = 0): Faults {
  let counted: CountedRule[] = [];
  const add = (rule: FaultRule): void => {
    counted.push(countedRule(rule, `${seed} ${counted.length}`));
  };
  rules.forEach(add);
  return {
    add,
    clear: () => {
      counted = [];
    },
    next: (operation, bucket) => {
      const hits = counted.filter((each) => each.hits(operation, bucket)).map((each) => each.effect);
      return combine(hits);
    },
  };
}

interface CountedRule {
  readonly effect: FaultEffect;
  /** Counts the call, if it matches, and says whether the rule is for it. */
  hits(operation: Operation, bucket: string | undefined): boolean;
}

function countedRule(rule: FaultRule, seed: string): CountedRule {
  const { effect, calls = { from: 1, to: Infinity }, probability = 1 } = rule;
  const pattern = rule.bucket === undefined ? undefined : globPattern(rule.bucket);
  const counts = new Map<string, number>();
  const count = (name: string): number => {
    const next = (counts.get(name) ?? 0) + 1;
    counts.set(name, next);
    return next;
  };
  return {
    effect,
    hits: (operation, bucket) => {
      if (rule.operation !== undefined && rule.operation !== operation) return false;
      if (pattern !== undefined && (bucket === undefined || !pattern.test(bucket))) return false;
      const number = count("");
      const place = `${operation} ${bucket ?? ""}`;
      const fortune = chance(`${seed} ${place} ${count(place)}`);
      return number >= calls.from && number <= calls.to && fortune < probability;
    },
  };
}

/**
 * From 0 up to 1. It hangs on the seed, the rule, the operation, the bucket and which of these calls it is:
 * calls to other buckets, which come in an order of their own in each run, have no part in it.
 */
function chance(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}

function combine(effects: readonly FaultEffect[]): Fault {
  let delayMs = 0;
  for (const effect of effects) {
    if (effect.kind !== "delay") return { delayMs, effect };
    delayMs += effect.delayMs;
  }
  return { delayMs, effect: undefined };
}

function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s");
}
