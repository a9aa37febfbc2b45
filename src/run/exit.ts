const successKind = { kind: "success", code: 0, words: "success" } as const;

/** A reason for the exit code of a run. The first kind in this order that any reason has decides the code. */
const kinds = [
  { kind: "error", code: 1, words: "error" },
  { kind: "stale", code: 4, words: "stale" },
  { kind: "blocked", code: 3, words: "blocked by a guard" },
  { kind: "found", code: 3, words: "found" },
  { kind: "changes", code: 2, words: "success with pending changes" },
  successKind,
] as const;

export interface Ending {
  readonly kind: (typeof kinds)[number]["kind"];
  /** The details, as part of a sentence; empty where the kind says everything. */
  readonly why: string;
}

export const success: Ending = { kind: "success", why: "" };

export function failure(why: string): Ending {
  return { kind: "error", why };
}

export function exitCodeOf(endings: readonly Ending[]): number {
  return worstKind(endings).code;
}

/** The last line of every run's output: the code, and what it means here. */
export function exitLine(endings: readonly Ending[]): string {
  const { kind, code, words } = worstKind(endings);
  const reasons = endings.filter((ending) => ending.kind === kind && ending.why !== "").map(({ why }) => why);
  return `Exit ${code}, ${words}${reasons.length === 0 ? "" : `: ${[...new Set(reasons)].join("; ")}`}.`;
}

function worstKind(endings: readonly Ending[]): (typeof kinds)[number] {
  return kinds.find(({ kind }) => endings.some((ending) => ending.kind === kind)) ?? successKind;
}
