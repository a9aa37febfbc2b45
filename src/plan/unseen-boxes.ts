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
type CellIndex = readonly [number, number, number];

const idle = 0;
const open = 1;
const covered = 2;
const seen = 3;

/** States of all cells, by their number. */
interface Cells {
  readonly states: Uint8Array;
  readonly numberOf: (cell: CellIndex) => number;
}

/**
 * Covers the unseen cells of a grid by boxes without a seen cell: a greedy cover by boxes that cannot grow. Undefined if
 * there would be too many boxes.
 */
export function unseenBoxes(
  grid: WordBox,
  stateOf: (principal: string, action: string, resource: string) => CellState,
): readonly WordBox[] | undefined {
  const [principals, actions, resources] = grid;
  const every: Indices = [[...principals.keys()], [...actions.keys()], [...resources.keys()]];
  const cells: Cells = {
    states: new Uint8Array(principals.length * actions.length * resources.length),
    numberOf: ([p, a, r]) => (p * actions.length + a) * resources.length + r,
  };
  const codes = { seen, unseen: open, idle };
  forEachCell(every, cells, (at, [p, a, r]) => {
    cells.states[at] = codes[stateOf(principals[p] ?? "", actions[a] ?? "", resources[r] ?? "")];
  });
  const boxes: WordBox[] = [];
  for (const p of every[0])
    for (const a of every[1])
      for (const r of every[2]) {
        if (cells.states[cells.numberOf([p, a, r])] !== open) continue;
        if (boxes.length >= maxBoxes) return undefined;
        const box = bestBox([p, a, r], every, cells);
        forEachCell(box, cells, (at) => {
          if (cells.states[at] === open) cells.states[at] = covered;
        });
        boxes.push([wordsAt(principals, box[0]), wordsAt(actions, box[1]), wordsAt(resources, box[2])]);
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

/** Returns the box around a cell that covers the most, without the words that add no unseen cell. */
function bestBox(start: CellIndex, every: Indices, cells: Cells): Indices {
  const ranked = orders.map((order) => {
    const box = grow(start, every, order, cells);
    return { box, covers: count(box, cells, (state) => state === open) };
  });
  let { box } = ranked.reduce((a, b) => (b.covers > a.covers ? b : a));
  for (const field of [0, 1, 2] as const) {
    const isUnseen = (state: number | undefined) => state === open || state === covered;
    const used = box[field].filter((index) => count(withIndices(box, field, [index]), cells, isUnseen) > 0);
    box = withIndices(box, field, used);
  }
  return box;
}

function grow([p, a, r]: CellIndex, every: Indices, order: (typeof orders)[number], cells: Cells): Indices {
  let box: Indices = [[p], [a], [r]];
  for (const field of order) {
    const isFree = (index: number) =>
      count(withIndices(box, field, [index]), cells, (state) => state === seen) === 0;
    box = withIndices(box, field, every[field].filter(isFree));
  }
  return box;
}

function withIndices([p, a, r]: Indices, field: 0 | 1 | 2, indices: readonly number[]): Indices {
  return [field === 0 ? indices : p, field === 1 ? indices : a, field === 2 ? indices : r];
}

function count(box: Indices, cells: Cells, isCounted: (state: number | undefined) => boolean): number {
  let sum = 0;
  forEachCell(box, cells, (at) => {
    if (isCounted(cells.states[at])) sum += 1;
  });
  return sum;
}

function forEachCell(
  [principals, actions, resources]: Indices,
  { numberOf }: Cells,
  visit: (at: number, cell: CellIndex) => void,
): void {
  for (const p of principals)
    for (const a of actions)
      for (const r of resources) {
        const cell = [p, a, r] as const;
        visit(numberOf(cell), cell);
      }
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
