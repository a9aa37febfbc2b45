import type { Plan } from "../plan/plan.ts";
import type { ReportContext } from "./context.ts";
import type { ReportName } from "./forms.ts";

type Renderer = (plan: Plan, context: ReportContext) => string;

/** Loads the renderer of a report when it is needed. */
export const loadReport: Readonly<Record<ReportName, () => Promise<Renderer>>> = {
  json: async () => (await import("./json/plan.ts")).planDocument,
  sarif: async () => (await import("./json/sarif.ts")).planSarif,
  markdown: async () => (await import("./markdown/plan.ts")).planMarkdown,
  html: async () => (await import("./html/index.ts")).htmlReport,
};

/** Removes notes, which are for the author of the files and which `validate` shows. */
export function withoutNotes<P extends Pick<Plan, "diagnostics">>(plan: P): P {
  return { ...plan, diagnostics: plan.diagnostics.filter(({ severity }) => severity !== "note") };
}
