import type { AccessReport } from "../../proof/access-report.ts";
import { matrixColumns } from "../../proof/matrix-cells.ts";
import { extentText } from "../extent-text.ts";
import { csvText } from "./csv.ts";

const titles = ["account", "bucket", "public", "plain http", "principal", "name", "known", ...matrixColumns];

/** Renders one row for each principal of each bucket; a bucket without principals has one row, too. */
export function accessReportCsv({ buckets, principals, names }: AccessReport): string {
  const unknown = new Set(principals.filter(({ isKnown }) => !isKnown).map(({ principal }) => principal));
  const rows = buckets.flatMap(({ account, bucket, isPublic, allowsHttp, rows: own }) => {
    const start = [account, bucket, isPublic, allowsHttp];
    if (own.length === 0) return [[...start, "", "", "", ...matrixColumns.map(() => "")]];
    return own.map(({ principal, cells }) => [
      ...start,
      principal,
      names.get(principal) ?? "",
      unknown.has(principal) ? "no" : "yes",
      ...matrixColumns.map((column) => extentText(cells[column])),
    ]);
  });
  return csvText([titles, ...rows]);
}
