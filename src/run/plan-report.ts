import { compareDiagnostics, countErrors, type Diagnostic } from "../diagnostic.ts";
import { runLink } from "../github/connection.ts";
import { allCodes } from "../lint/codes.ts";
import { isHolding } from "../plan/hazard.ts";
import { isWriting, summarize, type Plan } from "../plan/plan.ts";
import { hasDrifted } from "../report/drift-issue.ts";
import { planHtml } from "../report/html.ts";
import { planMarkdown } from "../report/markdown.ts";
import { planFindings } from "../report/plan-findings.ts";
import { planDocument, type PlanDocumentOptions } from "../report/plan-json.ts";
import { sarifDocument } from "../report/sarif.ts";
import { counted } from "../report/text.ts";
import { exitCodeOf, failure, success, type Ending } from "./exit.ts";
import { tellPages } from "./github-pages.ts";
import { tellStep } from "./github-step.ts";
import type { Io } from "./io.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";
import { toolVersion } from "./version.ts";

interface ReportDetails extends Omit<PlanDocumentOptions, "version"> {
  /** How the run ends but for its reports. */
  readonly endings: readonly Ending[];
}

/**
 * The reports that were asked for are written on every exit, and GitHub is told; where nothing could be
 * planned, they say so. Gives how the run ends, with what went wrong here.
 */
export async function writePlanReports(
  plan: Plan,
  options: Options,
  out: Output,
  io: Io,
  { endings, ...details }: ReportDetails,
): Promise<readonly Ending[]> {
  const { json, markdown, html, sarif, policies } = options;
  const told = { ...plan, diagnostics: withoutNotes(plan.diagnostics) };
  const link = options.github ? runLink(io.env) : undefined;
  const scope = scopeOf(options);
  const text =
    markdown !== undefined || options.github ? planMarkdown(told, { policies: scope, link, ...details }) : "";
  const all = [
    ...endings,
    json === undefined ? success : out.report(json, planDocument(plan, { version: toolVersion, ...details })),
    markdown === undefined ? success : out.report(markdown, text),
    sarif === undefined ? success : out.report(sarif, sarifOf(told, policies)),
    html === undefined
      ? success
      : out.report(html, planHtml(told, { version: toolVersion, policies, ...details })),
  ];
  if (options.github) {
    const exitCode = exitCodeOf(all);
    const outputs = planOutputs(plan, { isErrored: details.isErrored, exitCode, json });
    tellStep({ findings: planFindings(told), markdown: text, outputs }, out, io);
    await tellPages({ plan: told, markdown: text, scope, link, exitCode, ...details }, out, io);
  }
  return all;
}

function sarifOf(plan: Plan, policies: string): string {
  const findings = [...planFindings(plan)].sort(compareDiagnostics);
  return sarifDocument(findings, allCodes, { version: toolVersion, policies });
}

/** What a run is about: a run over a part of a folder has a comment of its own, for it knows nothing of the rest. */
function scopeOf({ policies, account, bucket }: Options): string {
  return [
    policies,
    ...account.map((name) => `--account ${name}`),
    ...bucket.map((glob) => `--bucket ${glob}`),
  ].join(" ");
}

interface OutputDetails {
  readonly isErrored: boolean;
  readonly exitCode: number;
  readonly json: string | undefined;
}

/** What is not known is empty, and never 0. */
function planOutputs({ changes, base }: Plan, { isErrored, exitCode, json }: OutputDetails) {
  const summary = summarize(changes);
  const known = (count: number, isKnown = true) => (isErrored || !isKnown ? "" : String(count));
  return {
    changes: known(changes.filter(isWriting).length),
    blocked: known(summary.blocked),
    drift: known(changes.filter(hasDrifted).length, base !== undefined),
    unreadable: known(summary.unreadable),
    exitcode: String(exitCode),
    ...(json === undefined || json === "-" ? {} : { plan_path: json }),
  };
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
