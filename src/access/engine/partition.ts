/** Partition refinement: splits a set of atoms into the parts that no mask distinguishes. */
export function split(domain: bigint, masks: ReadonlySet<bigint>): readonly bigint[] {
  let parts = [domain];
  for (const mask of masks) {
    const finer: bigint[] = [];
    for (const part of parts) {
      const inside = part & mask;
      if (inside !== 0n) finer.push(inside);
      if (inside !== part) finer.push(part ^ inside);
    }
    parts = finer;
  }
  return parts;
}
