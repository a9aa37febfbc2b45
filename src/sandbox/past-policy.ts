/** Earlier policy of a bucket. */
export interface PastPolicy {
  /** Undefined if there was none. */
  readonly policy: string | undefined;
  /** Time of the replacement, by a monotonic clock. */
  readonly untilMs: number;
}

/** Time for which earlier policies are kept, which is the maximum staleness of a read. */
export const maxStaleMs = 60_000;

/** Adds a replaced policy, oldest first. The last one is always kept, because stale reads by number never expire. */
export function rememberPolicy(past: readonly PastPolicy[], replaced: PastPolicy): readonly PastPolicy[] {
  const kept = past.filter(({ untilMs }) => untilMs > replaced.untilMs - maxStaleMs);
  return [...kept, replaced];
}
