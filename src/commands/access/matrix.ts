import { isFailed } from "../../result.ts";
import { namesOf } from "../../desired/account-file.ts";
import { RowTable } from "../../proof/matrix.ts";
import { hasAccess, isImplied, principalsIn } from "../../proof/matrix-cells.ts";
import { extentNote, ownerNote } from "../../report/extent-text.ts";
import { cellsJson } from "../../report/json/extent.ts";
import { renderMatrix, type MatrixRow } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { allPolicies, type QueriedBucket } from "./policies.ts";
import { problem, type AccessReply } from "./reply.ts";

/** Answers who can read, list, write, delete and administer which bucket. */
export async function matrixReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("matrix takes no words", "narrow it with --bucket");
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const table = new RowTable();
  const rows = found.all.flatMap((one) => rowsOf(one, table));
  const text = rows.length === 0 ? "The policies name no principal.\n" : renderMatrix(rows);
  return {
    text: `${text}${ownerNote} ${extentNote}\n`,
    json: () => ({
      rows: rows.map(({ bucket, principal, names, cells }) => ({
        bucket,
        principal,
        name: names.get(principal) ?? null,
        cells: cellsJson(cells),
      })),
    }),
  };
}

function rowsOf({ bucket, policy }: QueriedBucket, table: RowTable): readonly MatrixRow[] {
  const names = namesOf(bucket.account);
  return principalsIn([policy])
    .filter((principal) => principal !== bucket.account.uid)
    .flatMap((principal) => {
      const cells = table.row(policy, principal);
      if (cells === undefined || (isImplied(principal) && !hasAccess(cells))) return [];
      return [{ bucket: bucket.bucket, principal, names, cells }];
    });
}
