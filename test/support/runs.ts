/** How often a property is tried: some times in `npm test`, many more in `npm run test:deep`. */
export function runs(some: number): number {
  return some * Number(process.env["OSS_POLICY_RUNS"] ?? 1);
}
