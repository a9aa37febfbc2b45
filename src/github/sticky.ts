import { unclear, type ApiAnswer, type ApiProblem } from "./api.ts";

/** Comment or issue that may be this tool's own. */
export interface StickyPost {
  /** Increases with each new one. */
  readonly id: number;
  readonly body: string;
}

/** Place where this tool keeps one text: the comments of a pull request, or the open issues of a repository. */
export interface StickyTarget {
  /** Returns those that begin with the marker and have no other author. */
  list(): Promise<ApiAnswer<readonly StickyPost[]>>;
  create(body: string): Promise<ApiAnswer<StickyPost>>;
  update(id: number, body: string): Promise<ApiAnswer<unknown>>;
  /** Removes a duplicate. */
  remove(id: number): Promise<ApiAnswer<unknown>>;
}

export type Upserted =
  | { readonly kind: "created" | "updated" | "unchanged"; readonly entry: StickyPost }
  | { readonly kind: "none" }
  | { readonly kind: "problem"; readonly problem: ApiProblem };

/** Enough for a lost answer, a refused update and a concurrent run; more than that is an error. */
const maxRounds = 6;

/**
 * Creates or updates the one entry of a target, even if several runs do so at once: each lists again after it created
 * an entry, and all of them keep the oldest. With `isNew` false nothing is created. An entry that cannot be edited
 * belongs to another author, whatever it begins with, and counts as missing.
 */
export async function upsert(target: StickyTarget, body: string, isNew: boolean): Promise<Upserted> {
  const made = new Map<number, StickyPost>();
  const lost = new Set<number>();
  let last = unclear("other runs keep changing the same comment or issue");
  for (let round = 0; round < maxRounds; round += 1) {
    const listed = await target.list();
    if ("problem" in listed) return { kind: "problem", problem: listed.problem };
    const [oldest, ...others] = known(listed.value, made).filter(({ id }) => !lost.has(id));
    if (oldest === undefined) {
      if (!isNew) return { kind: "none" };
      const created = await target.create(body);
      // Without an answer it may exist or not: the next round lists again.
      if ("value" in created) made.set(created.value.id, created.value);
      else if (isRefusal(created.problem)) return { kind: "problem", problem: created.problem };
      else last = created.problem;
      continue;
    }
    const isSame = sameText(oldest.body, body);
    const updated = isSame ? undefined : await target.update(oldest.id, body);
    if (updated !== undefined && "problem" in updated) {
      if (!isOutOfReach(updated.problem)) return { kind: "problem", problem: updated.problem };
      lost.add(oldest.id);
      continue;
    }
    for (const { id } of others) await target.remove(id);
    return { kind: made.has(oldest.id) ? "created" : isSame ? "unchanged" : "updated", entry: oldest };
  }
  return { kind: "problem", problem: last };
}

/** Returns all entries, oldest first; a list may not yet have the entry that this run just created. */
function known(listed: readonly StickyPost[], made: ReadonlyMap<number, StickyPost>): readonly StickyPost[] {
  const all = new Map([...made, ...listed.map((entry) => [entry.id, entry] as const)]);
  return [...all.values()].sort((a, b) => a.id - b.id);
}

/** Compares texts without line end differences, since GitHub may change line ends and the end of a text. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
  return plain(a) === plain(b);
}

/** Reports whether an entry is gone since it was listed, or belongs to another author. */
function isOutOfReach({ status, isLimit }: ApiProblem): boolean {
  if (isLimit) return false;
  return status === 403 || status === 404 || status === 410;
}

function isRefusal({ status }: ApiProblem): boolean {
  return status >= 300 && status < 500 && status !== 408;
}
