import { blocksText } from "./vocabulary.ts";
import { mergeDiagnostics, type Diagnostic, type Severity, type Span } from "../diagnostic.ts";
import { blocks, type Hazard } from "../plan/hazard.ts";
import { isWriting, type Change, type Plan, type PlanBase } from "../plan/plan.ts";

import { driftHazardCodes } from "../plan/last-change.ts";
import { lastChangeLead, lastChangeText } from "./last-change.ts";
import { worstFirst } from "./order.ts";

/**
 * Returns everything in a plan as findings with places, for reports that only show findings: first loosened
 * guards, then hazards, read errors, findings of lint, and limits that block something.
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

/** Returns the findings of the base. An abandoned bucket has no line, since its file is gone. */
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

/** Reports a hazard. An accepted one never fails anything, and one that would block is still a warning. */
function hazardFinding(hazard: Hazard, change: Change): Diagnostic {
  const { code, severity, message, accepted } = hazard;
  const consent = accepted === undefined ? "" : `; accepted: ${accepted}`;
  return {
    code,
    severity: accepted === undefined ? severities[severity] : severity === "block" ? "warning" : "note",
    message: `\`${change.bucket}\`: ${message}${blocks(hazard) ? `; it ${blocksText}` : ""}${consent}${lastChangeClause(hazard, change)}`,
    span: spanOf(change),
  };
}

function lastChangeClause({ code }: Hazard, change: Change): string {
  const text = driftHazardCodes.includes(code) ? lastChangeText([change]) : undefined;
  return text === undefined ? "" : `; ${lastChangeLead} ${text}`;
}

/** Places the limit of an account, which has no line of its own, at the first bucket that it blocks. */
function placedLimit(diagnostic: Diagnostic, changes: readonly Change[]): Diagnostic {
  const first = changes.find(
    (change) => isWriting(change) && change.limit !== undefined && change.account === diagnostic.account,
  );
  if (diagnostic.code !== "limit" || first === undefined) return diagnostic;
  return { ...diagnostic, severity: "error", span: spanOf(first) };
}

function spanOf({ file, line }: Change): Span {
  return lineSpan(file, line);
}

/** Returns a span at the start of a line. */
function lineSpan(file: string, line: number): Span {
  const start = { line, column: 1 };
  return { file, start, end: start };
}
