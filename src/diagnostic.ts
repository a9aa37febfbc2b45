/** A point in a text file. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A stretch of a file; `end` is the position just after the last character. */
export interface Span {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** Only errors fail a run. */
export type Severity = "error" | "warning" | "note";

/** A second place that a diagnostic speaks of, such as the first of two files for one bucket. */
export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** Exact edits of source text that correct a finding; their spans do not overlap. */
export interface Fix {
  readonly edits: readonly Edit[];
}

/** New source text for a stretch of a file. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** One finding: about a place in a file, or (without a span) about the run as a whole. */
export interface Diagnostic {
  /** Public and stable; `# oss-policy-ignore CODE: reason` names it. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence, lower case, no full stop, the user's words in back-ticks. */
  readonly message: string;
  readonly span?: Span;
  /** The correction, as a sentence of its own. */
  readonly help?: string;
  /** The same as edits; only where one correction is certain. */
  readonly fix?: Fix;
  readonly related?: readonly Related[];
}

/** An error about the run as a whole. */
export function refusal(code: string, message: string, help?: string): Diagnostic {
  return { code, severity: "error", message, ...(help === undefined ? {} : { help }) };
}

/** File, then line, then column, then code: the order in which findings are shown. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.span?.file ?? "", b.span?.file ?? "") ||
    (a.span?.start.line ?? 0) - (b.span?.start.line ?? 0) ||
    (a.span?.start.column ?? 0) - (b.span?.start.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

/** One finding for each place and message: what several buckets share is said once, with all related places. */
export function mergeDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const merged = new Map<string, Diagnostic>();
  for (const diagnostic of diagnostics) {
    const { code, message, span, help, related = [] } = diagnostic;
    const key = JSON.stringify([code, message, placeKey(span), help]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, diagnostic);
    else merged.set(key, { ...known, ...joined(known.related ?? [], related) });
  }
  return [...merged.values()];
}

function placeKey(span: Span | undefined): string {
  return span === undefined ? "" : `${span.file}:${span.start.line}:${span.start.column}`;
}

function joined(known: readonly Related[], more: readonly Related[]): Pick<Diagnostic, "related"> {
  const all = new Map(
    [...known, ...more].map((related) => [`${related.message} ${placeKey(related.span)}`, related]),
  );
  return all.size === 0 ? {} : { related: [...all.values()] };
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return countErrors(diagnostics) > 0;
}

export function countErrors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

/** Compares by UTF-16 code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
