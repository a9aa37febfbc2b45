import { printable } from "../printable.ts";

/**
 * Renders rows as CSV (RFC 4180: CRLF, quotes doubled). A cell that a spreadsheet would take for a formula begins
 * with an apostrophe instead.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
}

function cellText(text: string): string {
  const plain = printable(text);
  const safe = /^\s*[=+\-@]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
