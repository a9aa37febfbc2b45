import { createHash } from "node:crypto";
import type { Diagnostic, Severity } from "../../diagnostic.ts";
import { printable } from "../printable.ts";

interface CodeClimateOptions {
  /** Returns the path of a file from the top of the repository. */
  readonly pathOf: (file: string) => string;
  /** Folder of the policy files: the location of findings without a place. */
  readonly policies: string;
}

/** Issue in the subset of the Code Climate format that GitLab reads (GitLab documentation, "Code Quality report format"). */
interface CodeClimateIssue {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: "info" | "minor" | "major" | "critical" | "blocker";
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

/** Renders findings as a Code Quality report, which GitLab shows in a merge request. */
export function codeClimateDocument(diagnostics: readonly Diagnostic[], options: CodeClimateOptions): string {
  const seen = new Map<string, number>();
  const issues = diagnostics.map((diagnostic) => {
    const path = pathOf(diagnostic, options);
    const identity = JSON.stringify([diagnostic.code, diagnostic.message, path]);
    const before = seen.get(identity) ?? 0;
    seen.set(identity, before + 1);
    return issueOf(diagnostic, path, `${identity} ${before}`);
  });
  return `${JSON.stringify(issues, null, 2)}\n`;
}

const severities: Readonly<Record<Severity, CodeClimateIssue["severity"]>> = {
  error: "critical",
  warning: "major",
  note: "info",
};

/** Makes an issue. Its identity has no line, so that the fingerprint stays the same when lines above the finding change. */
function issueOf(
  { code, severity, message, help, span }: Diagnostic,
  path: string,
  identity: string,
): CodeClimateIssue {
  return {
    description: printable(help === undefined ? message : `${message}; ${help}`),
    check_name: printable(code),
    fingerprint: createHash("sha256").update(identity).digest("hex").slice(0, 32),
    severity: severities[severity],
    location: { path, lines: { begin: span?.start.line ?? 1 } },
  };
}

/** GitLab shows an issue at its line only if the path does not begin with `./`. */
function pathOf({ span }: Diagnostic, { pathOf, policies }: CodeClimateOptions): string {
  return printable(pathOf(span?.file ?? policies)).replace(/^(\.\/)+/, "") || ".";
}
