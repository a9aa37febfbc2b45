import { isFailed } from "../../result.ts";
import { accessReport } from "../../proof/access-report.ts";
import { accessReportCsv } from "../../report/csv/access-report.ts";
import { accessReportHtml } from "../../report/html/access-report.ts";
import { accessReportJson } from "../../report/json/access-report.ts";
import { renderAccessReport } from "../../report/text/access-report.ts";
import type { Run } from "../../run/run.ts";
import { toolVersion } from "../../run/version.ts";
import { bucketsOf } from "./place.ts";
import { queriedPolicies } from "./policies.ts";
import { problem, type AccessReply } from "./reply.ts";

/** Reports the access to all buckets, by bucket and by principal. */
export async function reportReply(words: readonly string[], run: Run): Promise<AccessReply> {
  if (words.length > 0) return problem("report takes no words", "narrow it with --bucket");
  const { options, out } = run;
  const tree = bucketsOf(options);
  if (isFailed(tree)) return tree;
  const found = await queriedPolicies(tree.buckets, run);
  if (isFailed(found)) return found;
  const report = accessReport(found.all, tree.accounts, out.progress("buckets", found.all.length));
  const context = { version: toolVersion, policies: options.policies, isLive: options.live };
  const isWritten = [options.html, options.csv, options.json].some((file) => file !== undefined);
  const hint = "  --html FILE, --csv FILE and --json FILE write all of it\n";
  return {
    text: `${renderAccessReport(report)}${isWritten ? "" : hint}`,
    json: () => accessReportJson(report),
    files: { html: () => accessReportHtml(report, context), csv: () => accessReportCsv(report) },
  };
}
