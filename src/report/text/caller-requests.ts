import type { CallerRequests, LevelRequests } from "../../plan/caller-requests.ts";
import { matrixColumns, type MatrixColumn } from "../../proof/matrix-cells.ts";
import { printable } from "../printable.ts";
import { windowText } from "./unused.ts";

/** Returns the rows of a table that stand under what a caller may do on a bucket; none if the logs have nothing of the bucket. */
export function seenRows(
  { total, own, levels }: CallerRequests,
  isAllowed: (column: MatrixColumn) => boolean,
): readonly (readonly string[])[] {
  if (total === 0) return [];
  const row = (head: string, cell: (level: LevelRequests, column: MatrixColumn) => string) => [
    `  ${head}`,
    ...matrixColumns.map((column) => cell(levels[column], column)),
  ];
  const hasMaybe = matrixColumns.some((column) => levels[column].maybe.count > 0);
  const none = "-";
  return [
    row("seen", ({ count }, column) =>
      count === 0 && !isAllowed(column) ? none : `${amount(count)} of ${amount(own)}`,
    ),
    ...(own === 0 ? [] : [row("last", ({ last }) => last?.slice(0, 10) ?? none)]),
    ...(hasMaybe ? [row("may be its", ({ maybe }) => (maybe.count === 0 ? none : amount(maybe.count)))] : []),
  ];
}

/** Levels of a bucket about which a line says something. */
export interface ClaimedLevels {
  readonly isAllowed: (column: MatrixColumn) => boolean;
  /** Proved to be allowed nothing, or to be denied. */
  readonly isRefused: (column: MatrixColumn) => boolean;
  /** Words for levels that were seen and are refused. */
  readonly refusedWords: string;
}

/** Returns lines: what of a bucket is allowed and was not seen, with the window that this is claimed for; and what was seen and is refused. */
export function unseenLines(bucket: string, requests: CallerRequests, claimed: ClaimedLevels): string {
  const head = printable(bucket);
  if (requests.total === 0)
    return `${head}: the access logs have no request in the window, so nothing is claimed\n`;
  const { levels } = requests;
  const refused = matrixColumns.filter((column) => levels[column].count > 0 && claimed.isRefused(column));
  const seen = refused.length === 0 ? [] : [`${refused.join(", ")}: ${claimed.refusedWords}`];
  const allowed = allowedWords(requests, matrixColumns.filter(claimed.isAllowed));
  const [first = "no level is allowed for certain", ...more] = [...allowed, ...seen];
  return [`${first} in ${windowText(requests)}`, ...more].map((text) => `${head}: ${text}\n`).join("");
}

function allowedWords({ levels }: CallerRequests, allowed: readonly MatrixColumn[]): readonly string[] {
  if (allowed.length === 0) return [];
  const certain = allowed.filter((column) => levels[column].count > 0);
  const unseen = allowed.filter((column) => levels[column].count === 0 && levels[column].maybe.count === 0);
  if (unseen.length > 0) return [`${unseen.join(", ")} not seen`];
  return certain.length === allowed.length
    ? ["each allowed level was seen"]
    : ["each allowed level was seen, or may have been,"];
}

/** Explains the rows. */
export const seenNote =
  '"seen": how many of the logged requests of the caller have an action of the level, whether or not the policy is what allowed them; ' +
  '"may be its": requests of a role of which the log has only the id, or another letter case.';

function amount(count: number): string {
  return count.toLocaleString("en-US");
}
