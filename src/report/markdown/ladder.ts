/** Fits changes into a limited text: the riskiest with details, then one line each, then a count. */

/** Change in its two forms. */
export interface Rungs {
  /** Undefined if the changes before it fill the text. */
  readonly details: string | undefined;
  readonly line: string;
}

/** Indexes of the changes in each form. */
export interface Fitted {
  readonly details: readonly number[];
  readonly lines: readonly number[];
  readonly counted: readonly number[];
}

/** Text between two parts: an empty line. */
export const gap = "\n\n";

/**
 * Chooses the forms of changes, which are sorted by risk, within `room` units. A line for each change comes
 * before details of more, but the riskiest has its details whenever they fit. If not all lines fit, they get
 * half of the room.
 */
export function fitChanges(changes: readonly Rungs[], room: number): Fitted {
  const [details, lines] = [changes.map(detailsCost), changes.map(lineCost)];
  const sum = lines.reduce((total, cost) => total + cost, 0);
  const isEachShown = sum <= room;
  let used = isEachShown ? sum : room / 2;
  const inFull = new Set<number>();
  for (const [index, cost] of details.entries()) {
    const more = cost - (isEachShown ? (lines[index] ?? 0) : 0);
    if (used + more > room && !(index === 0 && cost <= room)) continue;
    inFull.add(index);
    used += more;
  }
  return withLines(changes, inFull, room);
}

function withLines(changes: readonly Rungs[], inFull: ReadonlySet<number>, room: number): Fitted {
  const others = [...changes.keys()].filter((index) => !inFull.has(index));
  let used = changes.reduce((total, one, index) => total + (inFull.has(index) ? detailsCost(one) : 0), 0);
  const fits = others.map((index) => (used += lineCost(changes[index] ?? nothing)) <= room);
  const count = fits.filter(Boolean).length;
  return { details: [...inFull], lines: others.slice(0, count), counted: others.slice(count) };
}

const nothing: Rungs = { details: undefined, line: "" };
const detailsCost = ({ details }: Rungs) => (details === undefined ? Infinity : details.length + gap.length);
const lineCost = ({ line }: Rungs) => line.length + 1;

/** Keeps the first items that fit into `room` units, and says how many are left out. */
export function fitItems(items: readonly string[], room: number): readonly string[] {
  let used = 0;
  const kept = items.filter((item) => (used += item.length + 1) <= room);
  const rest = items.length - kept.length;
  return rest === 0 ? items : [...kept, `- and ${rest} more, which \`--json\` lists`];
}
