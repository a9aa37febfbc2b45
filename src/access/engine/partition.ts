/** Partition refinement: splits a set of atoms into the parts that no mask distinguishes. */
export function split(domain: bigint, masks: ReadonlySet<bigint>): readonly bigint[] {
  let parts = [domain];
  for (const mask of masks)
    parts = parts.flatMap((part) => [part & mask, part & ~mask]).filter((part) => part !== 0n);
  return parts;
}
