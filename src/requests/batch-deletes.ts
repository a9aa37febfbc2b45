import type { SeenRequest, SkipReason } from "./seen-request.ts";

/** Keys, and deletes without their keys, that wait for each other. OSS writes both within seconds. */
const maxWaiting = 20_000;

/** Join of deletes of many keys with the rows of their keys, by the id of the request. Rows may come in any order. */
export interface BatchDeletes {
  /** `withKey` makes the request on a key, or on keys that are unknown. */
  readonly addDelete: (requestId: string, withKey: (key: string | undefined) => SeenRequest) => void;
  readonly addKey: (requestId: string, key: string) => void;
  /** Counts what has no partner. */
  readonly end: () => void;
}

interface OpenDelete {
  readonly withKey: (key: string | undefined) => SeenRequest;
  hasKey: boolean;
}

/**
 * Starts a join that holds so many parts, of which the oldest are given up first. A delete with keys is a request for each key,
 * and one without is a request on unknown keys. A key without its delete is skipped: who deleted it is not known.
 */
export function batchDeletes(
  onRequest: (request: SeenRequest) => void,
  onSkipped: (reason: SkipReason) => void,
): BatchDeletes {
  const deletes = new Map<string, OpenDelete>();
  const keys = new Map<string, string[]>();
  let waitingKeys = 0;

  const giveUpDelete = (requestId: string) => {
    const open = deletes.get(requestId);
    if (open?.hasKey === false) onRequest(open.withKey(undefined));
    deletes.delete(requestId);
  };
  const giveUpKeys = (requestId: string) => {
    const given = keys.get(requestId) ?? [];
    for (let count = 0; count < given.length; count += 1) onSkipped("no request of a batch delete");
    waitingKeys -= given.length;
    keys.delete(requestId);
  };
  return {
    addDelete: (requestId, withKey) => {
      const found = keys.get(requestId) ?? [];
      for (const key of found) onRequest(withKey(key));
      waitingKeys -= found.length;
      keys.delete(requestId);
      if (deletes.has(requestId)) giveUpDelete(requestId);
      deletes.set(requestId, { withKey, hasKey: found.length > 0 });
      if (deletes.size > maxWaiting) giveUpDelete(oldestOf(deletes));
    },
    addKey: (requestId, key) => {
      const open = deletes.get(requestId);
      if (open !== undefined) {
        open.hasKey = true;
        onRequest(open.withKey(key));
        return;
      }
      const waiting = keys.get(requestId);
      if (waiting === undefined) keys.set(requestId, [key]);
      else waiting.push(key);
      waitingKeys += 1;
      if (waitingKeys > maxWaiting) giveUpKeys(oldestOf(keys));
    },
    end: () => {
      for (const requestId of [...deletes.keys()]) giveUpDelete(requestId);
      for (const requestId of [...keys.keys()]) giveUpKeys(requestId);
    },
  };
}

/** Returns the key of a map that was added first. */
function oldestOf(map: ReadonlyMap<string, unknown>): string {
  const [oldest = ""] = map.keys();
  return oldest;
}
