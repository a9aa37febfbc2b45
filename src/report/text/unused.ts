import type { SeenWildcard, UnseenGrant, UnseenGrants } from "../../plan/unused-grants.ts";
import type { PlanRequests } from "../../plan/request-effects.ts";
import { requestSpanText } from "../../plan/request-words.ts";
import { observedText } from "../../access/render.ts";
import { counted, fewNames, printable } from "../printable.ts";

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

/** Combinations of a statement, and actions of a wildcard, that are shown; --json has all. */
const maxShown = 10;

/** Renders the grants of a bucket that no request was seen to use; the empty text if there is none. */
export function renderUnseen(bucket: string, result: UnseenGrants, rows: readonly UnseenRow[]): string {
  const { total, cause, limited, unlogged = [] } = result;
  const head = printable(bucket);
  if (total === 0) return `${head}: the access logs have no request in the window, so nothing is claimed`;
  if (cause !== undefined) return `${head}: undecided: ${printable(cause)}`;
  const note = [
    ...(limited === undefined ? [] : [`  ${limited}`]),
    ...(unlogged.length === 0 ? [] : [`  no log shows ${fewNames(unlogged)}, so nothing is claimed of them`]),
  ];
  if (rows.length === 0) return note.map((text) => `${head}:${text.slice(1)}`).join("\n");
  return [`${head}: not seen in ${windowText(result)}:`, ...statementsOf(rows), ...note].join("\n");
}

const proof = "proved to grant nothing new, and replayed with the requests that the logs have";

/** Says what a proposal narrows, what stays, and what the logs do not say. */
export function proposalLines(
  { buckets, stays }: ProposedNarrowing,
  file: string,
  skipped: PlanRequests["skipped"],
): readonly string[] {
  const reasons = [...new Set(stays.map(({ why }) => why))];
  const isPart = (bucket: string) => stays.some((one) => one.bucket === bucket);
  const target = file === "-" ? "the patch" : printable(file);
  const lineOf = (head: string, names: readonly string[], tail = "") =>
    names.length === 0 ? [] : [`${head}: ${fewNames(names.map(printable))}${tail}.`];
  const staying = (why: string, isProposed: boolean) =>
    stays
      .filter((one) => one.why === why && buckets.includes(one.bucket) === isProposed)
      .map(({ bucket }) => bucket);
  return [
    ...lineOf(
      `Proposed in ${target}, ${proof}`,
      buckets.filter((one) => !isPart(one)),
    ),
    ...lineOf(`Proposed in part in ${target}, ${proof}`, buckets.filter(isPart)),
    ...reasons.flatMap((why) => [
      ...lineOf("Not proposed in full", staying(why, true), `: ${printable(why)}`),
      ...lineOf("Not proposed", staying(why, false), `: ${printable(why)}`),
    ]),
    `Before you apply it: a copy into a bucket whose log you did not give may have read an object of these, so may a read of a symlink that the logs do not show, and requests that failed, such as with 404, do not count.${unreadText(skipped)}`,
  ];
}

/** Lines that are not weighed, of which each may be a request that used a grant. */
const unread = [
  ["unmapped operation", "with an unmapped operation"],
  ["unknown caller", "of an unknown caller"],
  ["broken line", "broken"],
  ["too long", "too long"],
] as const;

function unreadText(skipped: PlanRequests["skipped"]): string {
  const texts = unread.flatMap(([reason, words]) => {
    const count = skipped[reason] ?? 0;
    return count === 0 ? [] : [`${count.toLocaleString("en-US")} ${words}`];
  });
  return texts.length === 0 ? "" : ` Lines that may have used any grant: ${texts.join(", ")}.`;
}

interface ProposedNarrowing {
  readonly buckets: readonly string[];
  readonly stays: readonly { readonly bucket: string; readonly why: string }[];
}

/** Returns the lines of all statements, each with few combinations. */
function statementsOf(rows: readonly UnseenRow[]): readonly string[] {
  const indices = [...new Set(rows.map(({ grant }) => grant.statement))];
  return indices.flatMap((index) => {
    const own = rows.filter(({ grant }) => grant.statement === index);
    const combinations = own.filter(({ grant }) => grant.part === "combination");
    const hidden = combinations.slice(maxShown);
    const lines = own.filter((row) => !hidden.includes(row)).map(rowText);
    const [first] = hidden;
    return first === undefined
      ? lines
      : [...lines, `  ${placeText(first)}${hidden.length} more combinations, which --json lists`];
  });
}

/** Returns the extent of what was read of a bucket, such as `8 days of 90,000 requests between 2026-11-16 and 2026-11-23`. */
export function windowText(result: Pick<UnseenGrants, "total" | "from" | "to">): string {
  const { total, from = "", to = "" } = result;
  const days = Math.max(1, Math.ceil((Date.parse(to) - Date.parse(from)) / dayMs));
  const requests = `${total.toLocaleString("en-US")} ${total === 1 ? "request" : "requests"}`;
  return `${counted(days, "day")} of ${requests} ${requestSpanText(result)}`;
}

function rowText(row: UnseenRow): string {
  const { grant, names, text } = row;
  const { observed = [] } = grant;
  const since = observed.length === 0 ? "" : `, since ${observedText(observed)}`;
  return `  ${placeText(row)}${whatText(grant, names)}${printable(text)}${since}`;
}

function placeText({ place }: UnseenRow): string {
  return place === undefined ? "" : `${printable(place.file)}:${place.line}  `;
}

function whatText(grant: UnseenGrant, names: UnseenRow["names"]): string {
  const { part, principals, actions, resources, wildcard } = grant;
  switch (part) {
    case "statement":
      return "";
    case "combination":
      return "combination ";
    case "wildcard":
      return `action ${printable(wildcard?.word ?? "")} but for ${wildcard === undefined ? "" : metActions(wildcard)} of `;
    case "principal":
    case "action":
    case "resource": {
      const [word = ""] = { principal: principals, action: actions, resource: resources }[part];
      const name = names.get(word);
      return `${part} ${printable(word)}${name === undefined ? "" : ` (${printable(name)})`} of `;
    }
  }
}

/** Returns what may have been used of a wildcard, such as `oss:PutObject, and oss:PutObjectTagging, which may have been needed,`. */
function metActions({ seen, possible, unlogged }: SeenWildcard): string {
  const others = [
    ...(possible.length === 0 ? [] : [`${fewActions(possible)}, which may have been needed`]),
    ...(unlogged.length === 0 ? [] : [`${fewActions(unlogged)}, which no log shows`]),
  ];
  if (others.length === 0) return fewActions(seen);
  return `${[...(seen.length === 0 ? [] : [fewActions(seen)]), ...others].join(", and ")},`;
}

function fewActions(seen: readonly string[]): string {
  return seen.length > maxShown ? counted(seen.length, "action") : seen.map(printable).join(", ");
}
