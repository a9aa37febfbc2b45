import { countErrors, type Diagnostic, type Span } from "../../diagnostic.ts";
import { jsonText, type JsonObject } from "../../policy/json.ts";

/** Renders findings as JSON text, in the format that they have in a plan. */
export function diagnosticsDocument(diagnostics: readonly Diagnostic[], version: string): string {
  const count = (severity: Diagnostic["severity"]) =>
    diagnostics.filter((one) => one.severity === severity).length;
  const document: JsonObject = {
    formatVersion: "1.0",
    tool: { name: "oss-policy", version },
    summary: { errors: countErrors(diagnostics), warnings: count("warning"), notes: count("note") },
    diagnostics: diagnostics.map(diagnosticJson),
  };
  return `${jsonText(document, 2)}\n`;
}

function diagnosticJson({ code, severity, message, span, help, related = [] }: Diagnostic): JsonObject {
  return {
    code,
    severity,
    message,
    ...(span === undefined ? {} : startJson(span)),
    ...(help === undefined ? {} : { help }),
    related: related.map((other) => ({ message: other.message, ...startJson(other.span) })),
  };
}

/** Returns a finding of a plan as JSON, with all that its reports show. */
export function planDiagnosticJson(diagnostic: Diagnostic): JsonObject {
  const { span, account, cause, fix, related = [] } = diagnostic;
  return {
    ...diagnosticJson(diagnostic),
    ...(span === undefined ? {} : endJson(span)),
    ...(account === undefined ? {} : { account }),
    ...(cause === undefined ? {} : { cause }),
    ...(fix === undefined
      ? {}
      : { fix: fix.edits.map(({ span: at, text }) => ({ ...startJson(at), ...endJson(at), text })) }),
    related: related.map(({ message, span: at }) => ({ message, ...startJson(at), ...endJson(at) })),
  };
}

function startJson({ file, start }: Span): JsonObject {
  return { file, line: start.line, column: start.column };
}

function endJson({ end }: Span): JsonObject {
  return { endLine: end.line, endColumn: end.column };
}
