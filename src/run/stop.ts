import type { Io } from "./io.ts";

/** The request of the user to stop. */
export interface Stop {
  isRequested(): boolean;
  /** Calls the listener at the request, until the returned function is called. */
  onRequest(listener: () => void): () => void;
}

/** Watches for the request, which the first SIGINT or SIGTERM makes. */
export function stopOn({ untilStopped }: Pick<Io, "untilStopped">): Stop {
  let isRequested = false;
  const listeners = new Set<() => void>();
  void untilStopped().then(() => {
    isRequested = true;
    for (const listener of listeners) listener();
  });
  return {
    isRequested: () => isRequested,
    onRequest: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export const stoppingText =
  "stopping: writes in flight are finished, no new one is started; interrupt again to stop at once";
