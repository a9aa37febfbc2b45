import { isFailed } from "../../result.ts";
import { matrixRow, principalsIn } from "../../proof/access-queries.ts";
import { renderMatrix } from "../../report/text/answers.ts";
import type { Run } from "../../run/run.ts";
import { allPolicies } from "./policies.ts";
import { problem, type AccessReply } from "./reply.ts";

/** Answers who can read, list, write, delete and administer which bucket. */
export async function matrixReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("matrix takes no words", "narrow it with --bucket");
  const found = await allPolicies(run);
  if (isFailed(found)) return found;
  const rows = found.all.flatMap(({ bucket, policy }) => {
    return principalsIn([policy]).map((principal) => ({
      bucket: bucket.bucket,
      principal,
      cells: matrixRow(policy, principal === bucket.account.uid ? "owner" : principal),
    }));
  });
  return {
    text: renderMatrix(rows),
    json: { rows: rows.map((row) => ({ ...row, cells: { ...row.cells } })) },
  };
}
