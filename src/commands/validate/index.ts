import { allCodes } from "../../codes/index.ts";
import { countErrors, refusal, type Diagnostic } from "../../diagnostic.ts";
import { isCertain } from "../../edit/fix-texts.ts";
import { writeStep } from "../../pipeline/github-step.ts";
import { pathInCheckout } from "../../pipeline/checkout-path.ts";
import { codeClimateDocument } from "../../report/json/codeclimate.ts";
import { diagnosticsDocument } from "../../report/json/diagnostics.ts";
import { sarifDocument } from "../../report/json/sarif.ts";
import { findingsMarkdown } from "../../report/markdown/plan.ts";
import { counted } from "../../report/printable.ts";
import { isFailed } from "../../result.ts";
import { exitCodeOf, failure, success, type Ending } from "../../run/exit.ts";
import type { Io } from "../../run/io.ts";
import type { Options } from "../../run/options.ts";
import { startRun, type Run } from "../../run/run.ts";
import { noteExcluded } from "../../run/selection.ts";
import { toolVersion } from "../../run/version.ts";
import { checkParts, type Checked } from "./check.ts";
import { fixParts } from "./fix.ts";
import { checkedParts } from "./paths.ts";

/** Finds what is wrong with the files, without a network, and corrects with --fix what has one certain correction. */
export async function validate(options: Options, io: Io): Promise<number> {
  const run = startRun(options, io);
  const { out } = run;
  if (options.dryRun && !options.fix) {
    out.diagnostics([
      refusal("option", "--dry-run shows what --fix would write, and there is no --fix", "add --fix"),
    ]);
    return out.end(failure("nothing was checked"));
  }
  const parts = await checkedParts(options, io);
  if (isFailed(parts)) {
    out.diagnostics(parts.problems);
    return out.end(failure("nothing was checked"));
  }
  const fixed = options.fix ? await fixParts(parts, run) : { parts, endings: [] };
  const checked = await checkParts(fixed.parts, options, io.today);
  return out.end(...fixed.endings, ...report(checked, run));
}

function report(
  { findings, sources, buckets, excluded }: Checked,
  { options, io, out }: Run,
): readonly Ending[] {
  noteExcluded({ excluded }, out);
  out.findings(findings, sources);
  const reported = writeReports(findings, options, { out, io });
  const errors = countErrors(findings);
  const warnings = findings.filter(({ severity }) => severity === "warning").length;
  const counts = [
    counted(errors, "error"),
    counted(warnings, "warning"),
    counted(findings.length - errors - warnings, "note"),
  ];
  out.result(`Validate: ${counted(buckets, "bucket")}, ${counts.join(", ")}.\n`);
  const certain = options.fix ? 0 : findings.filter(isCertain).length;
  if (certain > 0) out.note(`validate --fix corrects ${certain === 1 ? "one" : certain} of these findings`);
  const endings = [endingOf(errors, options.strict ? warnings : 0), ...reported];
  if (options.github) {
    const outputs = {
      errors: String(errors),
      warnings: String(warnings),
      exitcode: String(exitCodeOf(endings)),
    };
    writeStep({ findings, markdown: findingsMarkdown(findings, counts), outputs }, { out, io });
  }
  return endings;
}

/** Returns the ending of these numbers of errors, and of warnings that fail as well. */
function endingOf(errors: number, warnings: number): Ending {
  if (errors > 0) return failure(counted(errors, "error finding"));
  return warnings > 0 ? failure(`${counted(warnings, "warning")}, and --strict fails on warnings`) : success;
}

function writeReports(
  findings: readonly Diagnostic[],
  { json, sarif, codeclimate, policies }: Options,
  { out, io }: Pick<Run, "out" | "io">,
): readonly Ending[] {
  return [
    json === undefined ? success : out.report(json, diagnosticsDocument(findings, toolVersion)),
    sarif === undefined
      ? success
      : out.report(sarif, sarifDocument(findings, allCodes, { version: toolVersion, policies })),
    codeclimate === undefined
      ? success
      : out.report(codeclimate, codeClimateDocument(findings, { policies, pathOf: pathInProject(io) })),
  ];
}

/** GitLab takes paths from the top of the repository, where its runner puts the checkout. A path outside stays as it is. */
function pathInProject({ env }: Io): (file: string) => string {
  return (file) => pathInCheckout(file, env["CI_PROJECT_DIR"] ?? "") ?? file;
}
