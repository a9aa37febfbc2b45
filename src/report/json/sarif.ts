import { printable } from "../printable.ts";
import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Location, Log, ReportingDescriptor, Result } from "sarif";
import { compareDiagnostics, type Diagnostic, type Severity, type Span } from "../../diagnostic.ts";
import type { CodeText } from "../../codes/code-text.ts";
import { allCodes } from "../../codes/index.ts";
import type { Plan } from "../../plan/plan.ts";
import { planFindings } from "../plan-findings.ts";

export interface SarifOptions {
  readonly version: string;
  /** The folder of the policy files: where a finding belongs that has no place of its own. */
  readonly policies: string;
}

/** The findings in SARIF 2.1.0, for code scanning: paths as they were given, lines and columns from 1. */
export function sarifDocument(
  diagnostics: readonly Diagnostic[],
  codes: readonly CodeText[],
  { version, policies }: SarifOptions,
): string {
  const used = codes.filter(({ code }) => diagnostics.some((diagnostic) => diagnostic.code === code));
  const log: Log = {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [
      {
        tool: { driver: { name: "oss-policy", version, rules: used.map(ruleOf) } },
        columnKind: "utf16CodeUnits",
        results: diagnostics.map((diagnostic) => resultOf(diagnostic, used, policies)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/** Renders the findings of a plan as SARIF, hazards and guards of its changes among them. */
export function planSarif(plan: Plan, options: SarifOptions): string {
  return sarifDocument([...planFindings(plan)].sort(compareDiagnostics), allCodes, options);
}

const levels: Readonly<Record<Severity, Result.level>> = { error: "error", warning: "warning", note: "note" };

function ruleOf({ code, severity, summary, explanation }: CodeText): ReportingDescriptor {
  return {
    id: code,
    shortDescription: { text: summary },
    help: { text: explanation },
    defaultConfiguration: { level: levels[severity] },
  };
}

function resultOf(diagnostic: Diagnostic, used: readonly CodeText[], policies: string): Result {
  const { code, severity, message, help, span, related = [] } = diagnostic;
  const ruleIndex = used.findIndex((text) => text.code === code);
  return {
    ruleId: code,
    ...(ruleIndex < 0 ? {} : { ruleIndex }),
    level: levels[severity],
    message: { text: plainMessage(help === undefined ? message : `${message}; ${help}`) },
    // GitHub refuses a whole file for one result without a location.
    locations: [
      span === undefined
        ? { physicalLocation: { artifactLocation: { uri: uriOf(policies) }, region: { startLine: 1 } } }
        : locationOf(span),
    ],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((other) => ({
            ...locationOf(other.span),
            message: { text: plainMessage(other.message) },
          })),
        }),
    partialFingerprints: { "finding/v1": fingerprint(diagnostic) },
  };
}

/** In a message of SARIF, `[text](target)` is a link (SARIF 2.1.0, 3.11.6); text from outside makes none. */
function plainMessage(text: string): string {
  return printable(text).replaceAll("](", "] (");
}

function locationOf({ file, start, end }: Span): Location {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
    },
  };
}

/** Relative as the path was given, so that code scanning finds the file in the checkout. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file
    .replaceAll("\\", "/")
    .replaceAll(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}

/** Stays the same when lines above the finding come and go. */
function fingerprint({ code, message, span }: Diagnostic): string {
  return createHash("sha256")
    .update(JSON.stringify([code, message, span?.file ?? ""]))
    .digest("hex")
    .slice(0, 32);
}
