import type { UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import { requestSpanText } from "../../plan/request-words.ts";
import { counted, printable } from "../printable.ts";

/** Grant without a seen request, with its place in the files. */
export interface UnseenRow {
  readonly bucket: string;
  readonly names: ReadonlyMap<string, string>;
  readonly grant: UnseenGrant;
  /** The grant as a statement. */
  readonly text: string;
  readonly place: { readonly file: string; readonly line: number } | undefined;
  readonly conditions: readonly string[];
}

const dayMs = 86_400_000;

/** Renders the grants of a bucket that no request was seen to use; the empty text if there is none. */
export function renderUnseen(bucket: string, result: UnseenGrants, rows: readonly UnseenRow[]): string {
  const { total, cause } = result;
  const head = printable(bucket);
  if (total === 0) return `${head}: the access logs have no request in the window, so nothing is claimed`;
  if (cause !== undefined) return `${head}: undecided: ${printable(cause)}`;
  if (rows.length === 0) return "";
  return [`${head}: not seen in ${windowText(result)}:`, ...rows.map(rowText)].join("\n");
}

/** Returns the extent of what was read of a bucket, such as `8 days of 90,000 requests between 2026-11-16 and 2026-11-23`. */
export function windowText(result: Pick<UnseenGrants, "total" | "from" | "to">): string {
  const { total, from = "", to = "" } = result;
  const days = Math.max(1, Math.ceil((Date.parse(to) - Date.parse(from)) / dayMs));
  const requests = `${total.toLocaleString("en-US")} ${total === 1 ? "request" : "requests"}`;
  return `${counted(days, "day")} of ${requests} ${requestSpanText(result)}`;
}

function rowText({ grant, text, place, names }: UnseenRow): string {
  const at = place === undefined ? "" : `${printable(place.file)}:${place.line}  `;
  return `  ${at}${whatText(grant, names)}${printable(text)}`;
}

function whatText({ part, principals, actions, resources }: UnseenGrant, names: UnseenRow["names"]): string {
  const word = { statement: "", principal: principals[0], action: actions[0], resource: resources[0] }[part];
  if (part === "statement") return "";
  const name = names.get(word ?? "");
  return `${part} ${printable(word ?? "")}${name === undefined ? "" : ` (${printable(name)})`} of `;
}
