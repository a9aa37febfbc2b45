/** Objects of a request whose key is unknown: each list of resources may match its key or not. */

import { reachesAll } from "./every-object.ts";
import type { UnknownPart } from "./partial-folds.ts";
import type { BothPolicies, PartialRequest } from "./partial-masks.ts";

/** Name of the unknown part, beside the condition keys. */
const unknownKey = "object key";

/**
 * Returns a part for each list of resources of these statements that may match the key or not. A key that matches one and not
 * another need not exist, so the parts may allow more than there is, and never less.
 */
export function keyParts(
  { actions }: PartialRequest,
  met: bigint,
  { before, after, bucket, interpretations }: BothPolicies,
): readonly UnknownPart[] {
  const groups = new Map<string, bigint>();
  for (const [at, statement] of [...before, ...after].entries()) {
    const bit = 1n << BigInt(at);
    if ((met & bit) === 0n || reachesAll(statement, bucket)) continue;
    const key = JSON.stringify(statement.resource);
    groups.set(key, (groups.get(key) ?? 0n) | bit);
  }
  const valueOf = (mask: bigint) => interpretations.map(() => actions.map(() => mask));
  return [...groups.values()].map((group) => ({
    name: unknownKey,
    values: [valueOf(met), valueOf(met & ~group)],
  }));
}
