import { printable } from "../printable.ts";
import { createHash } from "node:crypto";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Location, Log, Region, ReportingDescriptor, Result } from "sarif";
import { compareDiagnostics, type Diagnostic, type Severity, type Span } from "../../diagnostic.ts";
import type { CodeText } from "../../codes/code-text.ts";
import { allCodes } from "../../codes/index.ts";
import type { Plan } from "../../plan/plan.ts";
import { planFindings } from "../plan-findings.ts";

export interface SarifOptions {
  readonly version: string;
  /** Folder of the policy files: the location of findings without a place. */
  readonly policies: string;
}

/** Renders findings as SARIF 2.1.0, for code scanning. Paths are as given; lines and columns start at 1. */
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
    ...fixesOf(diagnostic),
    partialFingerprints: { "finding/v1": fingerprint(diagnostic) },
  };
}

/** Returns the correction, which a viewer offers and never applies by itself. */
function fixesOf({ fix, help, message }: Diagnostic): Pick<Result, "fixes"> {
  if (fix === undefined) return {};
  const files = new Set(fix.edits.map(({ span }) => span.file));
  const artifactChanges = [...files].map((file) => ({
    artifactLocation: { uri: uriOf(file) },
    replacements: fix.edits
      .filter(({ span }) => span.file === file)
      .map(({ span, text }) => ({ deletedRegion: regionOf(span), insertedContent: { text } })),
  }));
  return { fixes: [{ description: { text: plainMessage(help ?? message) }, artifactChanges }] };
}

/** Escapes `[text](target)`, which is a link in a SARIF message (SARIF 2.1.0, 3.11.6). */
function plainMessage(text: string): string {
  return printable(text).replaceAll("](", "] (");
}

function locationOf(span: Span): Location {
  return { physicalLocation: { artifactLocation: { uri: uriOf(span.file) }, region: regionOf(span) } };
}

function regionOf({ start, end }: Span): Region {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** Returns a URI that is relative if the path is, so that code scanning finds the file in the checkout. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file
    .replaceAll("\\", "/")
    .replaceAll(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}

/** Returns a fingerprint that does not change when lines above the finding do. */
function fingerprint({ code, message, span }: Diagnostic): string {
  return createHash("sha256")
    .update(JSON.stringify([code, message, span?.file ?? ""]))
    .digest("hex")
    .slice(0, 32);
}
