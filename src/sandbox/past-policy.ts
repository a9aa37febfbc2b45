/** What stood in a bucket before. */
export interface PastPolicy {
  /** Undefined: there was none. */
  readonly policy: string | undefined;
  /** When it was replaced, by a clock that only goes forward. */
  readonly untilMs: number;
}

/** How long the past is kept, and so the longest that a read can be stale. */
export const maxStaleMs = 60_000;

/** Oldest first. The last one stays however old it is: a number of stale reads has no end in time. */
export function rememberPolicy(past: readonly PastPolicy[], replaced: PastPolicy): readonly PastPolicy[] {
  const kept = past.filter(({ untilMs }) => untilMs > replaced.untilMs - maxStaleMs);
  return [...kept, replaced];
}
