import { blocksText } from "./vocabulary.ts";
import { mergeDiagnostics, type Diagnostic, type Severity, type Span } from "../diagnostic.ts";
import { blocks, type Hazard } from "../plan/hazard.ts";
import { isWriting, type Change, type Plan, type PlanBase } from "../plan/plan.ts";

import { worstFirst } from "./order.ts";

/**
 * All that a plan has to say as findings, each at its place, for the reports that know nothing else:
 * guards that were loosened first, then the hazards, what could not be read, what lint found, and the
 * limits that block something.
 */
export function planFindings({ changes, unmanaged, diagnostics, base }: Plan): readonly Diagnostic[] {
  const unread = unmanaged.flatMap(({ bucket, problem }): Diagnostic[] =>
    problem === null
      ? []
      : [{ code: "unreadable", severity: "error", message: `\`${bucket}\`: ${problem.message}` }],
  );
  return mergeDiagnostics([
    ...(base === undefined ? [] : baseFindings(base)),
    ...worstFirst(changes).flatMap(changeFindings),
    ...diagnostics.map((diagnostic) => placedLimit(diagnostic, changes)),
    ...unread,
  ]);
}

/** The file of an abandoned bucket is gone, so there is no line to show. */
function baseFindings({ loosened, abandoned }: PlanBase): readonly Diagnostic[] {
  return [
    ...loosened.map(({ message, file, line }): Diagnostic => ({
      code: "loosened",
      severity: "warning",
      message,
      span: lineSpan(file, line),
    })),
    ...abandoned.map(({ bucket, file }): Diagnostic => ({
      code: "abandoned",
      severity: "warning",
      message: `\`${bucket}\`: its file \`${file}\` is gone, and its policy stays as it is`,
    })),
  ];
}

function changeFindings(change: Change): readonly Diagnostic[] {
  if (change.action !== "unreadable") return change.hazards.map((hazard) => hazardFinding(hazard, change));
  const { message, help } = change.problem;
  return [
    {
      code: "unreadable",
      severity: "error",
      message: `\`${change.bucket}\`: ${message}`,
      span: spanOf(change),
      ...(help === undefined ? {} : { help }),
    },
  ];
}

const severities: Readonly<Record<Hazard["severity"], Severity>> = {
  block: "error",
  warn: "warning",
  note: "note",
};

/** One that was accepted is still told, and stops nobody. */
function hazardFinding(hazard: Hazard, change: Change): Diagnostic {
  const { code, severity, message, accepted } = hazard;
  const help = accepted === undefined ? undefined : `accepted: ${accepted}`;
  return {
    code,
    severity: accepted === undefined ? severities[severity] : "note",
    message: `\`${change.bucket}\`: ${message}${blocks(hazard) ? `; it ${blocksText}` : ""}`,
    span: spanOf(change),
    ...(help === undefined ? {} : { help }),
  };
}

/** The limit of an account has no place of its own; it is told where it first blocks something. */
function placedLimit(diagnostic: Diagnostic, changes: readonly Change[]): Diagnostic {
  const held = changes.find(
    (change) => isWriting(change) && change.limit !== undefined && change.account === diagnostic.account,
  );
  if (diagnostic.code !== "limit" || held === undefined) return diagnostic;
  return { ...diagnostic, severity: "error", span: spanOf(held) };
}

function spanOf({ file, line }: Change): Span {
  return lineSpan(file, line);
}

/** Of what knows its line alone. */
function lineSpan(file: string, line: number): Span {
  const start = { line, column: 1 };
  return { file, start, end: start };
}
