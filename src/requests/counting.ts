import { ownText } from "./log-row.ts";
import type { RequestCounts, RequestSource, SkipReason } from "./seen-request.ts";

/** Names of unmapped operations that are kept apart; a log may hold any text as a name. */
const maxNames = 1_000;
const otherNames = "others";

/** Sums that grow while a log is read. */
export interface Counting {
  readonly used: (source: RequestSource, timeMs: number) => void;
  readonly skipped: (reason: SkipReason) => void;
  readonly copySource: () => void;
  readonly unmapped: (operation: string) => void;
  readonly counts: () => RequestCounts;
}

export function counting(): Counting {
  const skips = new Map<SkipReason, number>();
  const names = new Map<string, number>();
  const sources = { file: 0, sls: 0 };
  let copySources = 0;
  let [fromMs, toMs] = [Infinity, -Infinity];
  const skipped = (reason: SkipReason) => void skips.set(reason, (skips.get(reason) ?? 0) + 1);
  return {
    used: (source, timeMs) => {
      sources[source] += 1;
      if (timeMs < fromMs) fromMs = timeMs;
      if (timeMs > toMs) toMs = timeMs;
    },
    skipped,
    copySource: () => void (copySources += 1),
    unmapped: (operation) => {
      skipped("unmapped operation");
      const name = names.has(operation) || names.size < maxNames ? operation : otherNames;
      names.set(ownText(name), (names.get(name) ?? 0) + 1);
    },
    counts: () => {
      const used = sources.file + sources.sls;
      return {
        read: [...skips.values()].reduce((sum, count) => sum + count, used),
        used,
        skipped: Object.fromEntries(skips),
        unmapped: new Map([...names].sort(([, a], [, b]) => b - a)),
        fromMs: used === 0 ? undefined : fromMs,
        toMs: used === 0 ? undefined : toMs,
        sources: { files: sources.file, sls: sources.sls },
        copySources,
      };
    },
  };
}
