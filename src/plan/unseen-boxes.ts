/** Combinations of used members into which no request fell, as few boxes of principals, actions and resources. */

import { isGrantable, readAction, type Action } from "../policy/actions.ts";
import { matchesBucket, matchesObjects, parseResource } from "../policy/resource.ts";

/** Product of lists of words, in the order of the fields of a statement. */
export type WordBox = readonly [
  principals: readonly string[],
  actions: readonly string[],
  resources: readonly string[],
];

/** State of a combination. No request can meet an idle one, so a box may have it, but needs none. */
export type CellState = "seen" | "unseen" | "idle";

/** Boxes of one statement: more are not for reading. */
const maxBoxes = 100;

/** Indices into the lists of a grid. */
type Indices = readonly [readonly number[], readonly number[], readonly number[]];

/**
 * Covers the unseen cells of a grid by boxes without a seen cell: a greedy cover by boxes that cannot grow. Undefined if
 * there would be too many boxes.
 */
export function unseenBoxes(
  grid: WordBox,
  stateOf: (principal: string, action: string, resource: string) => CellState,
): readonly WordBox[] | undefined {
  const [principals, actions, resources] = grid;
  const states = principals.map((principal) =>
    actions.map((action) => resources.map((resource) => stateOf(principal, action, resource))),
  );
  const at = ([p, a, r]: readonly [number, number, number]) => states[p]?.[a]?.[r];
  const every: Indices = [[...principals.keys()], [...actions.keys()], [...resources.keys()]];
  const open = new Set(
    cellsOf(every)
      .filter((cell) => at(cell) === "unseen")
      .map(String),
  );
  const boxes: WordBox[] = [];
  for (const cell of cellsOf(every)) {
    if (!open.has(String(cell))) continue;
    if (boxes.length >= maxBoxes) return undefined;
    const grown = orders.map((order) => grow(cell, every, order, (one) => at(one) === "seen"));
    const ranked = grown.map((box) => ({
      box,
      covered: cellsOf(box).filter((one) => open.has(String(one))),
    }));
    const best = ranked.reduce((a, b) => (b.covered.length > a.covered.length ? b : a));
    for (const one of best.covered) open.delete(String(one));
    const [p, a, r] = withoutIdle(best.box, (one) => at(one) === "unseen");
    boxes.push([wordsAt(principals, p), wordsAt(actions, a), wordsAt(resources, r)]);
  }
  return boxes;
}

/** Orders in which a box grows. */
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

type CellIndex = readonly [number, number, number];

function grow(
  [p, a, r]: CellIndex,
  every: Indices,
  order: (typeof orders)[number],
  isSeen: (cell: CellIndex) => boolean,
): Indices {
  let box: Indices = [[p], [a], [r]];
  for (const field of order) {
    const added = every[field].filter((index) => !cellsOf(withIndices(box, field, [index])).some(isSeen));
    box = withIndices(box, field, added);
  }
  return box;
}

/** Leaves out the words that add no cell. */
function withoutIdle(box: Indices, counts: (cell: CellIndex) => boolean): Indices {
  let kept = box;
  for (const field of [0, 1, 2] as const) {
    const used = kept[field].filter((index) => cellsOf(withIndices(kept, field, [index])).some(counts));
    kept = withIndices(kept, field, used);
  }
  return kept;
}

function withIndices([p, a, r]: Indices, field: 0 | 1 | 2, indices: readonly number[]): Indices {
  return [field === 0 ? indices : p, field === 1 ? indices : a, field === 2 ? indices : r];
}

function cellsOf([principals, actions, resources]: Indices): readonly CellIndex[] {
  return principals.flatMap((p) => actions.flatMap((a) => resources.map((r): CellIndex => [p, a, r])));
}

function wordsAt(words: readonly string[], indices: readonly number[]): readonly string[] {
  return indices.flatMap((index) => words[index] ?? []);
}

/** Returns the actions of bucket policies that a word may cover; undefined for a word outside of the catalogue. */
export function coveredBy(word: string): readonly Action[] | undefined {
  const read = readAction(word);
  return read.kind === "actions" || read.kind === "other case" ? read.actions.filter(isGrantable) : undefined;
}

/** Returns true if one of these actions can be on a resource: the bucket and its objects have actions of their own. */
export function canBeOn(bucket: string, actions: readonly Action[] | undefined, resource: string): boolean {
  const parsed = parseResource(resource);
  if (parsed === undefined) return true;
  const levels = actions?.map(({ level }) => level) ?? ["bucket", "object"];
  return (
    (levels.includes("bucket") && matchesBucket(parsed, bucket)) ||
    (levels.includes("object") && matchesObjects(parsed, bucket))
  );
}
