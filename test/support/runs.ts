const factor = Number(process.env["OSS_POLICY_RUNS"] ?? 1);

/** True in `npm run test:deep`. */
export const isDeep = factor > 1;

/**
 * Returns the number of cases of a property: a few in `npm test`, OSS_POLICY_RUNS times as many in `npm run
 * test:deep`. A property whose cases are slow names the most that it runs.
 */
export function runs(some: number, most = Infinity): number {
  return Math.max(some, Math.min(some * factor, most));
}

/** Returns the cases that `npm test` runs, every one in `npm run test:deep`: each takes seconds and differs little. */
export function sampled<T>(all: readonly T[], count: number): readonly T[] {
  return isDeep ? all : all.slice(0, count);
}
