import { CodeActionKind, type CodeAction, type Diagnostic as Shown, type Range } from "vscode-languageserver";
import type { Diagnostic, Edit } from "../diagnostic.ts";
import { certainEdits, isCertain } from "../edit/fix-texts.ts";
import { pathToFileURL } from "node:url";
import { overlaps, rangeOf } from "./positions.ts";

/** The findings of a file, and the version of the text that they are about. */
export interface FileFindings {
  readonly uri: string;
  readonly version: number;
  readonly findings: readonly Diagnostic[];
}

/** Returns the corrections of the findings in a range, and one of all that are certain. */
export function actionsIn({ uri, version, findings }: FileFindings, range: Range): readonly CodeAction[] {
  const workspaceEdit = (edits: readonly Edit[]) => ({
    documentChanges: [
      {
        textDocument: { uri, version },
        edits: edits.map(({ span, text }) => ({ range: rangeOf(span), newText: text })),
      },
    ],
  });
  const own = findings.flatMap((finding): readonly CodeAction[] => {
    const { fix, span, help, message } = finding;
    if (fix === undefined || span === undefined || !overlaps(rangeOf(span), range)) return [];
    return [
      {
        title: (help ?? message).replace(/^did you mean (.*)\?$/, "write $1"),
        kind: CodeActionKind.QuickFix,
        diagnostics: [shownDiagnostic(finding)],
        isPreferred: isCertain(finding),
        edit: workspaceEdit(fix.edits),
      },
    ];
  });
  const certain = certainEdits(findings);
  if (certain.length === 0) return own;
  const title = "correct everything in this file that is certain";
  return [...own, { title, kind: CodeActionKind.SourceFixAll, edit: workspaceEdit(certain) }];
}

const severities = { error: 1, warning: 2, note: 3 } as const;

/** Returns a finding as the protocol shows it. */
export function shownDiagnostic({ code, severity, message, help, span, related = [] }: Diagnostic): Shown {
  const start = { line: 1, column: 1 };
  return {
    range: rangeOf(span ?? { start, end: start }),
    severity: severities[severity],
    code,
    source: "oss-policy",
    message: help === undefined ? message : `${message}\nhelp: ${help}`,
    relatedInformation: related.map((other) => ({
      location: { uri: pathToFileURL(other.span.file).href, range: rangeOf(other.span) },
      message: other.message,
    })),
  };
}
