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

/**
 * The last line of every run's output: the code, and what it means here. An error does not hide that something else is
 * stale or blocked.
 */
export function exitLine(endings: readonly Ending[]): string {
  const worst = worstKind(endings);
  const lesser = kinds
    .slice(kinds.indexOf(worst) + 1)
    .filter(({ kind }) => kind === "stale" || kind === "blocked");
  const also = lesser.flatMap((one) => {
    const why = reasonsOf(one, endings);
    return why === "" ? [] : [`; also ${one.words}: ${why}`];
  });
  const why = reasonsOf(worst, endings);
  return `Exit ${worst.code}, ${worst.words}${why === "" ? "" : `: ${why}`}${also.join("")}.`;
}

function reasonsOf({ kind }: (typeof kinds)[number], endings: readonly Ending[]): string {
  const reasons = endings.filter((ending) => ending.kind === kind && ending.why !== "").map(({ why }) => why);
  return [...new Set(reasons)].join("; ");
}

function worstKind(endings: readonly Ending[]): (typeof kinds)[number] {
  return kinds.find(({ kind }) => endings.some((ending) => ending.kind === kind)) ?? successKind;
}
