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

/** Returns what of a bucket is allowed and was not seen, with the window that this is claimed for. */
export function unseenLine(
  bucket: string,
  requests: CallerRequests,
  isAllowed: (column: MatrixColumn) => boolean,
): string {
  const head = printable(bucket);
  if (requests.total === 0)
    return `${head}: the access logs have no request in the window, so nothing is claimed\n`;
  return `${head}: ${unseenWords(requests, matrixColumns.filter(isAllowed))} in ${windowText(requests)}\n`;
}

function unseenWords({ levels }: CallerRequests, allowed: readonly MatrixColumn[]): string {
  if (allowed.length === 0) return "seen without an Allow of the policy";
  const certain = allowed.filter((column) => levels[column].count > 0);
  const unseen = allowed.filter((column) => levels[column].count === 0 && levels[column].maybe.count === 0);
  if (unseen.length > 0) return `${unseen.join(", ")} not seen`;
  return certain.length === allowed.length
    ? "all that is allowed seen"
    : "all that is allowed seen, or maybe";
}

/** Explains the rows. */
export const seenNote =
  '"seen": how many of the logged requests of the caller have an action of the level, whether or not the policy is what allowed them; ' +
  '"may be its": requests of a role of which the log has only the id, or another letter case.';

function amount(count: number): string {
  return count.toLocaleString("en-US");
}
