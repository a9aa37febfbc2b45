import { compareDiagnostics, countErrors, type Diagnostic } from "../diagnostic.ts";
import { allCodes } from "../lint/codes.ts";
import { isHolding } from "../plan/hazard.ts";
import type { Plan } from "../plan/plan.ts";
import { planHtml } from "../report/html.ts";
import { planMarkdown } from "../report/markdown.ts";
import { planFindings } from "../report/plan-findings.ts";
import { planDocument, type PlanDocumentOptions } from "../report/plan-json.ts";
import { sarifDocument } from "../report/sarif.ts";
import { counted } from "../report/text.ts";
import { failure, success, type Ending } from "./exit.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";
import { toolVersion } from "./version.ts";

/** The reports that were asked for are written on every exit; where nothing could be planned, they say so. */
export function writePlanReports(
  plan: Plan,
  { json, markdown, html, sarif, policies }: Options,
  out: Output,
  details: Omit<PlanDocumentOptions, "version">,
): readonly Ending[] {
  const told = { ...plan, diagnostics: withoutNotes(plan.diagnostics) };
  return [
    json === undefined ? success : out.report(json, planDocument(plan, { version: toolVersion, ...details })),
    sarif === undefined ? success : out.report(sarif, sarifOf(told, policies)),
    markdown === undefined ? success : out.report(markdown, planMarkdown(told, { policies, ...details })),
    html === undefined
      ? success
      : out.report(html, planHtml(told, { version: toolVersion, policies, ...details })),
  ];
}

function sarifOf(plan: Plan, policies: string): string {
  const findings = [...planFindings(plan)].sort(compareDiagnostics);
  return sarifDocument(findings, allCodes, { version: toolVersion, policies });
}

/** A plan is about what will happen: notes are for whoever writes the files, and `validate` tells them. */
export function withoutNotes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity !== "note");
}

/** What a plan alone says about the end of a run. */
export function planEndings({ changes, unmanaged, diagnostics, limits = [] }: Plan): readonly Ending[] {
  const unreadable =
    changes.filter(({ action }) => action === "unreadable").length +
    unmanaged.filter(({ state }) => state === "unreadable").length;
  const errors = countErrors(diagnostics);
  const held = changes.filter((change) => change.action !== "unreadable" && change.hazards.some(isHolding));
  const heldBack: Ending = {
    kind: "held back",
    why: `${counted(held.length, "bucket")} by hazards that nobody accepted`,
  };
  return [
    ...(held.length > 0 ? [heldBack] : []),
    ...limits.map((why): Ending => ({ kind: "held back", why })),
    ...(unreadable > 0 ? [failure(`${counted(unreadable, "bucket")} could not be read`)] : []),
    ...(errors > 0 ? [failure(counted(errors, "error finding"))] : []),
  ];
}
