import type { Plan } from "../plan/plan.ts";
import type { ReportContext } from "./context.ts";
import type { ReportName } from "./forms.ts";

/** Renders a report in parts, which are made while they are written. */
type Renderer = (plan: Plan, context: ReportContext) => Iterable<string>;

/** Loads the renderer of a report when it is needed. */
export const loadReport: Readonly<Record<ReportName, () => Promise<Renderer>>> = {
  json: async () => (await import("./json/plan.ts")).planDocument,
  sarif: async () => inOnePart((await import("./json/sarif.ts")).planSarif),
  markdown: async () => inOnePart((await import("./markdown/plan.ts")).planMarkdown),
  html: async () => inOnePart((await import("./html/index.ts")).htmlReport),
};

function inOnePart(render: (plan: Plan, context: ReportContext) => string): Renderer {
  return (plan, context) => [render(plan, context)];
}

/** Removes notes, which are for the author of the files and which `validate` shows. */
export function withoutNotes<P extends Pick<Plan, "diagnostics">>(plan: P): P {
  return { ...plan, diagnostics: plan.diagnostics.filter(({ severity }) => severity !== "note") };
}
