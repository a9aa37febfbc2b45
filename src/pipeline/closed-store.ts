import type { PolicyStore } from "../oss/store.ts";
import type { ReadProblem } from "../policy/live.ts";

/** Returns a store that reads and writes nothing: each call is answered with the problem. */
export function closedStore(problem: ReadProblem): PolicyStore {
  const unknown = { state: "unknown" as const, problem };
  const refused = { kind: "refused" as const, problem };
  return {
    list: () => Promise.resolve({ problem }),
    get: ({ region }) => Promise.resolve({ live: { state: "unreadable", problem }, region }),
    exposure: () => Promise.resolve(unknown),
    accountBlock: () => Promise.resolve(unknown),
    put: () => Promise.resolve(refused),
    delete: () => Promise.resolve(refused),
    close: () => undefined,
  };
}
