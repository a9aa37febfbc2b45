import { isFailed, type Failed } from "../../result.ts";
import { namedText, type Names } from "../../access/render.ts";
import { namesOf } from "../../desired/account-file.ts";
import { countCaller, type CallerCount, type CallerRequests } from "../../plan/caller-requests.ts";
import { planRequestsOf, type PlanRequests } from "../../plan/request-effects.ts";
import { readWindow, requestOptionProblems } from "../../pipeline/weigh-requests.ts";
import type { JsonObject } from "../../policy/json.ts";
import { RowTable } from "../../proof/matrix.ts";
import { hasAccess, matrixColumns, type MatrixCells, type MatrixColumn } from "../../proof/matrix-cells.ts";
import { ownerRow, type OwnerCells } from "../../proof/owner-row.ts";
import { policyKey } from "../../proof/question-key.ts";
import { extentNote, extentText } from "../../report/extent-text.ts";
import { callerRequestsJson } from "../../report/json/caller-requests.ts";
import { planRequestsJson } from "../../report/json/plan.ts";
import { requestsNote } from "../../report/requests.ts";
import { seenNote, seenRows, unseenLines } from "../../report/text/caller-requests.ts";
import { cellsJson } from "../../report/json/extent.ts";
import { counted, printable } from "../../report/printable.ts";
import { tableText } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { callerOf, principalIn, type NamedCaller } from "./callers.ts";
import { bucketsOf } from "./place.ts";
import { queriedPolicies, type QueriedBucket } from "./policies.ts";
import { problem, type AccessAnswer, type AccessReply } from "./reply.ts";

/** Answers what a principal is allowed in all buckets; with access logs also what of it was seen. */
export async function whatCanReply([word = "", ...more]: readonly string[], run: Run): Promise<AccessReply> {
  if (word === "" || more.length > 0)
    return problem(
      "what-can takes a principal",
      "write `access what-can PRINCIPAL`; narrow it with --bucket",
    );
  const { options, io } = run;
  const problems = requestOptionProblems(options, io);
  if (problems.length > 0) return { problems };
  const found = bucketsOf(options);
  if (isFailed(found)) return found;
  const caller = callerOf(word, found.buckets);
  if (isFailed(caller)) return caller;
  const queried = await queriedPolicies(found.buckets, run);
  if (isFailed(queried)) return queried;
  if ((options.requests ?? []).length === 0) return whatCanAnswer(queried.all, caller);
  const seen = await seenOf(queried.all, caller, run);
  return isFailed(seen) ? seen : whatCanAnswer(queried.all, caller, Infinity, seen);
}

/** Requests of a caller in the access logs. */
interface SeenRequests {
  readonly byBucket: ReadonlyMap<string, CallerRequests>;
  readonly extent: PlanRequests;
}

async function seenOf(
  all: readonly QueriedBucket[],
  caller: NamedCaller,
  { options, io, out }: Run,
): Promise<SeenRequests | Failed> {
  const counts = new Map(
    all.map(({ bucket, policy }): [string, CallerCount] => [
      bucket.bucket,
      countCaller(principalIn(bucket.account, caller), policy.bucket),
    ]),
  );
  const buckets = all.map(({ bucket }) => bucket);
  const read = await readWindow(buckets, options, io, (request) => counts.get(request.bucket)?.add(request));
  if (isFailed(read)) return read;
  out.diagnostics(read.diagnostics);
  const byBucket = new Map([...counts].map(([bucket, count]) => [bucket, count.result()]));
  return { byBucket, extent: planRequestsOf(read.counts) };
}

/** Answers what a caller is allowed by these policies; the text lists at most so many buckets. */
export function whatCanAnswer(
  all: readonly QueriedBucket[],
  caller: NamedCaller,
  most = Infinity,
  seen?: SeenRequests,
): AccessAnswer {
  const isOwned = ({ bucket }: QueriedBucket) => principalIn(bucket.account, caller) === "owner";
  const withSeen = <Row extends { readonly bucket: string }>(row: Row) => {
    const requests = seen?.byBucket.get(row.bucket);
    return requests === undefined ? row : { ...row, requests };
  };
  const own = ownRows(all.filter(isOwned)).map(withSeen);
  const others = all.filter((one) => !isOwned(one));
  const granted = grantedRows(others, caller).map(withSeen);
  const names = new Map(all.flatMap(({ bucket: { account } }) => [...namesOf(account)]));
  const note =
    seen === undefined ? "" : `${seenNote}\n${requestsNote({ requests: seen.extent }).join("\n")}\n`;
  return {
    text: `${ownText(own)}${grantedText(granted, caller, names, most)}${note}`,
    json: () => ({
      principal: caller.principal,
      name: names.get(caller.principal) ?? null,
      ...(seen === undefined ? {} : { requests: planRequestsJson(seen.extent) }),
      buckets: granted.map((row) => ({ bucket: row.bucket, cells: cellsJson(row.cells), ...seenJson(row) })),
      owned: own.map((row) => ({ bucket: row.bucket, cells: row.cells, ...seenJson(row) })),
    }),
  };
}

/** Cells of one bucket. */
interface BucketCells<Cells> {
  readonly bucket: string;
  readonly cells: Cells;
  /** Absent without access logs. */
  readonly requests?: CallerRequests;
}

function seenJson({ requests }: BucketCells<unknown>): JsonObject {
  return requests === undefined ? {} : { requests: callerRequestsJson(requests) };
}

function grantedRows(
  all: readonly QueriedBucket[],
  { principal }: NamedCaller,
): readonly BucketCells<MatrixCells>[] {
  const table = new RowTable();
  return all.flatMap(({ bucket, policy }) => {
    const cells = table.row(policy, principal);
    return cells === undefined ? [] : [{ bucket: bucket.bucket, cells }];
  });
}

/** Returns what the policies leave to the owner of the buckets. Equal policies are computed once. */
function ownRows(all: readonly QueriedBucket[]): readonly BucketCells<OwnerCells>[] {
  const known = new Map<string, OwnerCells>();
  return all.map(({ bucket, policy }) => {
    const cells = known.get(policyKey(policy)) ?? ownerRow(policy);
    known.set(policyKey(policy), cells);
    return { bucket: bucket.bucket, cells };
  });
}

/** Text of a cell, and whether it allows something for certain, or nothing. */
interface CellWords {
  readonly text: string;
  readonly isAllowed: boolean;
  readonly isRefused: boolean;
}

/** Renders buckets as a table, with what was seen of each under it. */
function bucketTable<Cells>(
  rows: readonly BucketCells<Cells>[],
  wordsOf: (cells: Cells, column: MatrixColumn) => CellWords,
  refusedWords: string,
): string {
  const isAllowedIn = (cells: Cells) => (column: MatrixColumn) => wordsOf(cells, column).isAllowed;
  const table = tableText([
    ["bucket", ...matrixColumns],
    ...rows.flatMap(({ bucket, cells, requests }) => [
      [bucket, ...matrixColumns.map((column) => wordsOf(cells, column).text)],
      ...(requests === undefined ? [] : seenRows(requests, isAllowedIn(cells))),
    ]),
  ]);
  const lines = rows.map(({ bucket, cells, requests }) => {
    if (requests === undefined) return "";
    const isRefused = (column: MatrixColumn) => wordsOf(cells, column).isRefused;
    return unseenLines(bucket, requests, { isAllowed: isAllowedIn(cells), isRefused, refusedWords });
  });
  return `${table}${lines.join("")}`;
}

function grantedText(
  rows: readonly BucketCells<MatrixCells>[],
  { principal }: NamedCaller,
  names: Names,
  most: number,
): string {
  if (rows.length === 0) return "";
  const who = printable(namedText(principal, names));
  const allowed = rows.filter(({ cells }) => hasAccess(cells));
  // Requests that RAM allowed are shown, too.
  const shown = rows.filter((row) => hasAccess(row.cells) || (row.requests?.own ?? 0) > 0);
  const head =
    allowed.length === 0
      ? `The policies of ${counted(rows.length, "bucket")} allow ${who} nothing (proved).\n`
      : `${who} is allowed, by the policies of ${allowed.length} of ${counted(rows.length, "bucket")}:\n`;
  if (shown.length === 0) return head;
  const wordsOf = (cells: MatrixCells, column: MatrixColumn) => ({
    text: extentText(cells[column]),
    isAllowed: cells[column].kind === "some",
    isRefused: cells[column].kind === "none",
  });
  const table = bucketTable(shown.slice(0, most), wordsOf, "seen without an Allow of the policy");
  const rest = shown.length - most;
  const more = rest > 0 ? `and ${counted(rest, "more bucket")}, which \`access what-can\` lists\n` : "";
  return `${head}${table}${more}${extentNote}\n`;
}

function ownText(rows: readonly BucketCells<OwnerCells>[]): string {
  if (rows.length === 0) return "";
  const denied = rows.filter(({ cells }) => matrixColumns.some((column) => cells[column] !== "all"));
  const shown = rows.filter((row) => denied.includes(row) || row.requests !== undefined);
  const head = "The owner does not need the policies, and can do everything that they do not deny.\n";
  const free = rows.length - denied.length;
  const rest =
    free === 0 ? "" : `The policies of ${counted(free, "bucket")} deny the owner nothing (proved).\n`;
  if (shown.length === 0) return `${head}${rest}`;
  const wordsOf = (cells: OwnerCells, column: MatrixColumn) => ({
    text: cells[column],
    isAllowed: cells[column] === "all" || cells[column] === "partly denied",
    isRefused: cells[column] === "denied",
  });
  const table = bucketTable(shown, wordsOf, "seen, and denied by the policy");
  return `${head}${table}${rest}`;
}
