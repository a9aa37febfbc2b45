import type { JsonObject } from "../../policy/json.ts";
import type { AccessReport, ReportedRow } from "../../proof/access-report.ts";
import { cellsJson } from "./extent.ts";

/** Returns the report as JSON: by bucket, then by principal. */
export function accessReportJson({ buckets, principals, names }: AccessReport): JsonObject {
  const named = (principal: string) => ({ principal, name: names.get(principal) ?? null });
  const ofPrincipal = ({ principal, cells }: ReportedRow) => ({
    ...named(principal),
    cells: cellsJson(cells),
  });
  const ofBucket = ({ bucket, cells }: ReportedRow) => ({ bucket, cells: cellsJson(cells) });
  return {
    buckets: buckets.map(({ isPublic, allowsHttp, rows, ...place }) => ({
      ...place,
      public: isPublic,
      plainHttp: allowsHttp,
      principals: rows.map(ofPrincipal),
    })),
    principals: principals.map(({ principal, isKnown, rows }) => ({
      ...named(principal),
      known: isKnown,
      buckets: rows.map(ofBucket),
    })),
  };
}
