import type { CallerRequests, SeenCount } from "../../plan/caller-requests.ts";
import type { JsonObject } from "../../policy/json.ts";
import { eachColumn } from "../../proof/matrix-cells.ts";

/** Returns the requests of a caller on a bucket as JSON; without any of the bucket, there are no levels, and nothing is claimed. */
export function callerRequestsJson({ total, from, to, own, levels }: CallerRequests): JsonObject {
  if (total === 0) return { total };
  return {
    total,
    from: from ?? null,
    to: to ?? null,
    own,
    levels: eachColumn((column) => ({
      ...countJson(levels[column]),
      maybe: countJson(levels[column].maybe),
    })),
  };
}

function countJson({ count, last }: SeenCount): JsonObject {
  return { count, last: last ?? null };
}
