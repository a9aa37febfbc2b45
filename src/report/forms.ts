/** Report of a plan that a run writes to a file on request. */
interface PlanReport {
  /** Text of the option `--NAME <file>` in the help. */
  readonly description: string;
  /** It includes notes about the policy files. */
  readonly hasNotes: boolean;
}

export type ReportName = "json" | "sarif" | "markdown" | "html";

/** Reports of a plan, by the option that requests each. Options and their conflicts derive from this table. */
export const planReports: Readonly<Record<ReportName, PlanReport>> = {
  json: { description: "write the result as JSON to a file; - is stdout", hasNotes: true },
  sarif: {
    description: "write the findings in SARIF 2.1.0, for code scanning, to a file; - is stdout",
    hasNotes: false,
  },
  markdown: {
    description:
      "write the plan as Markdown, for a comment on a pull request or a job summary, to a file; - is stdout",
    hasNotes: false,
  },
  html: {
    description: "write the result as one HTML page that needs no network, to a file; - is stdout",
    hasNotes: false,
  },
};

export const reportNames = Object.keys(planReports) as readonly ReportName[];

/** Options that name a file to write, or `-` for stdout. */
export const outputNames = [...reportNames, "csv", "codeclimate"] as const;
