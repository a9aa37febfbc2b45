import { errorCode } from "../system-error.ts";
import { closeSync, openSync, writeFileSync } from "node:fs";
import type { Diagnostic } from "../diagnostic.ts";
import { outputNames } from "../report/forms.ts";
import { renderDiagnostic, type Sources } from "../report/text/diagnostics.ts";
import { colouredText, plainText, type TextStyle } from "../report/text/style.ts";
import { exitCodeOf, exitLine, failure, success, type Ending } from "./exit.ts";
import { isPipeline, type Io } from "./io.ts";
import type { Options } from "./options.ts";

/** The output of a run: results go to stdout, everything else to stderr. */
export interface Output {
  readonly style: TextStyle;
  /** Text of the result. It goes to stderr where a report goes to stdout. */
  result(text: string): void;
  /** Something about the run; not with --quiet. */
  note(text: string): void;
  /** Findings, beside the result; those that are notes not with --quiet. */
  diagnostics(diagnostics: readonly Diagnostic[], sources?: Sources): void;
  /** Findings that are the result. */
  findings(findings: readonly Diagnostic[], sources: Sources): void;
  /** Writes a report, whose parts may be made meanwhile; a file that cannot be written is an error of the run. */
  report(file: string, text: string | Iterable<string>): Ending;
  /** Returns a counter for work that may take long. It is shown after a second, on terminals and in pipelines. */
  progress(label: string, total: number): () => void;
  /** Prints the last line and returns the exit code that it explains; no ending is success. */
  end(...endings: readonly Ending[]): number;
}

export function openOutput(options: Options, io: Io): Output {
  const style = wantsColour(options, io) ? colouredText : plainText;
  const result = outputNames.some((name) => options[name] === "-") ? io.stderr : io.stdout;
  const render = (found: readonly Diagnostic[], sources: Sources) =>
    found
      .filter(({ severity }) => !options.quiet || severity !== "note")
      .map((diagnostic) => `${renderDiagnostic(diagnostic, sources, style)}\n`);
  const diagnostics = (found: readonly Diagnostic[], sources: Sources = new Map()) => {
    for (const text of render(found, sources)) io.stderr(text);
  };
  return {
    style,
    result,
    note: (text) => {
      if (!options.quiet) io.stderr(`${text}\n`);
    },
    diagnostics,
    findings: (found, sources) => {
      for (const text of render(found, sources)) result(text);
    },
    report: (file, text) => {
      const parts = typeof text === "string" ? [text] : text;
      const problem = file === "-" ? print(parts, io) : writeReport(file, parts);
      if (problem === undefined) return success;
      diagnostics([problem]);
      return failure("a report could not be written");
    },
    progress: (label, total) => (options.quiet ? () => undefined : countProgress(label, total, io)),
    end: (...endings) => {
      result(`${exitLine(endings)}\n`);
      return exitCodeOf(endings);
    },
  };
}

/** NO_COLOR and --no-color win over FORCE_COLOR, which wins over what stdout is. */
function wantsColour(options: Options, io: Io): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force = "" } = io.env;
  if (!options.color || no !== "") return false;
  return force === "" ? io.isTerminal.stdout : force !== "0";
}

function print(parts: Iterable<string>, io: Io): undefined {
  for (const part of parts) io.stdout(part);
}

function writeReport(file: string, parts: Iterable<string>): Diagnostic | undefined {
  try {
    const descriptor = openSync(file, "w");
    try {
      for (const part of parts) writeFileSync(descriptor, part);
    } finally {
      closeSync(descriptor);
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const message = `\`${file}\` cannot be written (${errorCode(error)})`;
    return {
      code: "report",
      severity: "error",
      message,
      help: "name a file in a folder that can be written",
    };
  }
}

const quietMs = 1_000;
const pipelineStepMs = 5_000;
const terminalStepMs = 100;

function countProgress(label: string, total: number, io: Io): () => void {
  const isBar = io.isTerminal.stderr && !isPipeline(io);
  let done = 0;
  let next = io.clock.now() + quietMs;
  let isShown = false;
  return () => {
    done += 1;
    const now = io.clock.now();
    if (isBar && isShown && done === total) io.stderr("\r\u001b[K");
    if (now < next || done === total) return;
    next = now + (isBar ? terminalStepMs : pipelineStepMs);
    isShown = true;
    io.stderr(isBar ? `\r${label} ${done}/${total}` : `${label} ${done}/${total}\n`);
  };
}
