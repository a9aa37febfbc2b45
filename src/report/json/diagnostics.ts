import { countErrors, type Diagnostic } from "../../diagnostic.ts";
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

export function diagnosticJson({
  code,
  severity,
  message,
  span,
  help,
  related = [],
}: Diagnostic): JsonObject {
  return {
    code,
    severity,
    message,
    ...(span === undefined ? {} : { file: span.file, line: span.start.line, column: span.start.column }),
    ...(help === undefined ? {} : { help }),
    related: related.map((other) => ({
      message: other.message,
      file: other.span.file,
      line: other.span.start.line,
      column: other.span.start.column,
    })),
  };
}
