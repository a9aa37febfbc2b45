import { isFailed } from "../../result.ts";
import { namedText, type Names } from "../../access/render.ts";
import { namesOf } from "../../desired/account-file.ts";
import { RowTable } from "../../proof/matrix.ts";
import { hasAccess, matrixColumns, type MatrixCells } from "../../proof/matrix-cells.ts";
import { ownerRow, type OwnerCells } from "../../proof/owner-row.ts";
import { policyKey } from "../../proof/question-key.ts";
import { extentNote, extentText } from "../../report/extent-text.ts";
import { cellsJson } from "../../report/json/extent.ts";
import { counted, printable } from "../../report/printable.ts";
import { tableText } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { callerOf, principalIn, type NamedCaller } from "./callers.ts";
import { bucketsOf } from "./place.ts";
import { queriedPolicies, type QueriedBucket } from "./policies.ts";
import { problem, type AccessAnswer, type AccessReply } from "./reply.ts";

/** Answers what a principal is allowed in all buckets. */
export async function whatCanReply([word = "", ...more]: readonly string[], run: Run): Promise<AccessReply> {
  if (word === "" || more.length > 0)
    return problem(
      "what-can takes a principal",
      "write `access what-can PRINCIPAL`; narrow it with --bucket",
    );
  const { options } = run;
  const found = bucketsOf(options);
  if (isFailed(found)) return found;
  const caller = callerOf(word, found.buckets);
  if (isFailed(caller)) return caller;
  const queried = await queriedPolicies(found.buckets, run);
  if (isFailed(queried)) return queried;
  return whatCanAnswer(queried.all, caller);
}

/** Answers what a caller is allowed by these policies; the text lists at most so many buckets. */
export function whatCanAnswer(
  all: readonly QueriedBucket[],
  caller: NamedCaller,
  most = Infinity,
): AccessAnswer {
  const isOwned = ({ bucket }: QueriedBucket) => principalIn(bucket.account, caller) === "owner";
  const own = ownRows(all.filter(isOwned));
  const granted = grantedRows(
    all.filter((one) => !isOwned(one)),
    caller,
  );
  const names = new Map(all.flatMap(({ bucket: { account } }) => [...namesOf(account)]));
  return {
    text: `${ownText(own)}${grantedText(granted, caller, names, most)}`,
    json: {
      principal: caller.principal,
      name: names.get(caller.principal) ?? null,
      buckets: granted.map(({ bucket, cells }) => ({ bucket, cells: cellsJson(cells) })),
      owned: own.map(({ bucket, cells }) => ({ bucket, cells })),
    },
  };
}

/** Cells of one bucket. */
interface BucketCells<Cells> {
  readonly bucket: string;
  readonly cells: Cells;
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

function grantedText(
  rows: readonly BucketCells<MatrixCells>[],
  { principal }: NamedCaller,
  names: Names,
  most: number,
): string {
  if (rows.length === 0) return "";
  const who = printable(namedText(principal, names));
  const shown = rows.filter(({ cells }) => hasAccess(cells));
  if (shown.length === 0)
    return `The policies of ${counted(rows.length, "bucket")} allow ${who} nothing (proved).\n`;
  const table = tableText([
    ["bucket", ...matrixColumns],
    ...shown
      .slice(0, most)
      .map(({ bucket, cells }) => [bucket, ...matrixColumns.map((column) => extentText(cells[column]))]),
  ]);
  const rest = shown.length - most;
  const more = rest > 0 ? `and ${counted(rest, "more bucket")}, which \`access what-can\` lists\n` : "";
  const head = `${who} is allowed, by the policies of ${shown.length} of ${counted(rows.length, "bucket")}:`;
  return `${head}\n${table}${more}${extentNote}\n`;
}

function ownText(rows: readonly BucketCells<OwnerCells>[]): string {
  if (rows.length === 0) return "";
  const denied = rows.filter(({ cells }) => matrixColumns.some((column) => cells[column] !== "all"));
  const head = "The owner does not need the policies, and can do everything that they do not deny.\n";
  const free = rows.length - denied.length;
  const rest =
    free === 0 ? "" : `The policies of ${counted(free, "bucket")} deny the owner nothing (proved).\n`;
  if (denied.length === 0) return `${head}${rest}`;
  const table = tableText([
    ["bucket", ...matrixColumns],
    ...denied.map(({ bucket, cells }) => [bucket, ...matrixColumns.map((column) => cells[column])]),
  ]);
  return `${head}${table}${rest}`;
}
