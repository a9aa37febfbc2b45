import { errorCode } from "../system-error.ts";
import type { Run } from "../run/run.ts";
import { appendFileSync } from "node:fs";
import type { Diagnostic } from "../diagnostic.ts";
import { renderAnnotations } from "../report/github/annotations.ts";
import { renderStepOutputs } from "../report/github/step-outputs.ts";
import type { Io } from "../run/io.ts";
import type { Output } from "../run/output.ts";
import { pathInCheckout } from "./checkout-path.ts";

export interface StepReport {
  readonly findings: readonly Diagnostic[];
  readonly markdown: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Writes what a step of GitHub Actions shows: annotations, a job summary, outputs for later steps. */
export function writeStep(
  { findings, markdown, outputs }: StepReport,
  { out, io }: Pick<Run, "out" | "io">,
): void {
  out.result(renderAnnotations(findings, (file) => pathInCheckout(file, io.env["GITHUB_WORKSPACE"] ?? "")));
  append("GITHUB_STEP_SUMMARY", "job summary", `${markdown}\n`, out, io);
  append("GITHUB_OUTPUT", "outputs", renderStepOutputs(outputs), out, io);
}

function append(variable: string, what: string, text: string, out: Output, { env }: Io): void {
  const file = env[variable] ?? "";
  if (file === "") return githubWarning(`${variable} is not set, so there are no ${what}`, out);
  try {
    appendFileSync(file, text);
  } catch (error) {
    const code = errorCode(error);
    githubWarning(`the file of ${variable} cannot be written (${code}), so there are no ${what}`, out);
  }
}

/** None of this is worth the run: it goes on, and ends as it would have. */
export function githubWarning(message: string, out: Output): void {
  out.diagnostics([{ code: "github", severity: "warning", message }]);
}
