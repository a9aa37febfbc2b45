import { unclear, type ApiAnswer, type ApiProblem } from "./api.ts";

/** A comment or an issue that may be this tool's own. */
export interface StickyPost {
  /** Grows with each new one. */
  readonly id: number;
  readonly body: string;
}

/** A place where this tool keeps one text: the comments of a pull request, the open issues of a repository. */
export interface StickyTarget {
  /** Those that begin with the marker and are not somebody else's. */
  list(): Promise<ApiAnswer<readonly StickyPost[]>>;
  create(body: string): Promise<ApiAnswer<StickyPost>>;
  update(id: number, body: string): Promise<ApiAnswer<unknown>>;
  /** Takes away one too many. */
  remove(id: number): Promise<ApiAnswer<unknown>>;
}

export type Upserted =
  | { readonly kind: "created" | "updated" | "unchanged"; readonly entry: StickyPost }
  | { readonly kind: "none" }
  | { readonly kind: "problem"; readonly problem: ApiProblem };

/** More than enough for a lost answer, a refused update and a neighbour; beyond that something is wrong. */
const maxRounds = 6;

/**
 * Leaves one entry on the shelf, with this body, however many runs do so at once: each looks again after
 * it created one, and all of them keep the oldest. With `isNew` false nothing is created.
 * An entry that cannot be edited is somebody else's, whatever it begins with, and one of our own is made.
 */
export async function upsert(shelf: StickyTarget, body: string, isNew: boolean): Promise<Upserted> {
  const made = new Map<number, StickyPost>();
  const lost = new Set<number>();
  let last = unclear("other runs are at it without end");
  for (let round = 0; round < maxRounds; round += 1) {
    const listed = await shelf.list();
    if ("problem" in listed) return { kind: "problem", problem: listed.problem };
    const [oldest, ...others] = known(listed.value, made).filter(({ id }) => !lost.has(id));
    if (oldest === undefined) {
      if (!isNew) return { kind: "none" };
      const created = await shelf.create(body);
      // Without an answer nobody knows whether it stands: the next round looks.
      if ("value" in created) made.set(created.value.id, created.value);
      else if (isRefusal(created.problem)) return { kind: "problem", problem: created.problem };
      else last = created.problem;
      continue;
    }
    const isSame = sameText(oldest.body, body);
    const updated = isSame ? undefined : await shelf.update(oldest.id, body);
    if (updated !== undefined && "problem" in updated) {
      if (!isOutOfReach(updated.problem)) return { kind: "problem", problem: updated.problem };
      lost.add(oldest.id);
      continue;
    }
    for (const { id } of others) await shelf.remove(id);
    return { kind: made.has(oldest.id) ? "created" : isSame ? "unchanged" : "updated", entry: oldest };
  }
  return { kind: "problem", problem: last };
}

/** Oldest first; a list may not yet have what this run just created. */
function known(listed: readonly StickyPost[], made: ReadonlyMap<number, StickyPost>): readonly StickyPost[] {
  const all = new Map([...made, ...listed.map((entry) => [entry.id, entry] as const)]);
  return [...all.values()].sort((a, b) => a.id - b.id);
}

/** GitHub may give line ends and the end of a text in another way than it took them. */
function sameText(a: string, b: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trimEnd();
  return plain(a) === plain(b);
}

/** Gone since it was listed, or somebody else's. */
function isOutOfReach({ status, isLimit }: ApiProblem): boolean {
  if (isLimit) return false;
  return status === 403 || status === 404 || status === 410;
}

function isRefusal({ status }: ApiProblem): boolean {
  return status >= 300 && status < 500 && status !== 408;
}
