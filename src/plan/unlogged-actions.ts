/** Actions that no access log shows: that no request used them is never known. */

import type { Bucket } from "../policy/bucket.ts";
import { loggedActions } from "../requests/operation.ts";
import { canBeOn, coveredBy } from "./unseen-boxes.ts";

/** Actions of a word of `Action` that no log shows. */
export interface UnloggedActions {
  readonly names: readonly string[];
  /** The word covers others, too, on these resources. */
  readonly isPart: boolean;
}

/** Returns the words of a statement that cover actions which no log shows, of those that can be on its resources. */
export function unloggedIn(
  actions: readonly string[],
  resources: readonly string[],
  bucket: Bucket,
): ReadonlyMap<string, UnloggedActions> {
  return new Map(
    actions.flatMap((word): (readonly [string, UnloggedActions])[] => {
      const possible = (coveredBy(word) ?? []).filter((action) =>
        resources.some((resource) => canBeOn(bucket.name, [action], resource)),
      );
      const names = possible.map(({ name }) => name).filter((name) => !loggedActions.has(name));
      return names.length === 0 ? [] : [[word, { names, isPart: names.length < possible.length }]];
    }),
  );
}
