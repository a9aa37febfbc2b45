/** Point in a text file. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Range of a file; `end` is the position just after the last character. */
export interface Span {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
  /** Span of the variable's value, if a variable is replaced here. */
  readonly origin?: Span;
}

/** Returns whether a place begins inside a span. */
export function isWithin({ file, start }: Pick<Span, "file" | "start">, outer: Span): boolean {
  return file === outer.file && !isBefore(start, outer.start) && isBefore(start, outer.end);
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

/** Severity of a finding. Only errors fail a run. */
export type Severity = "error" | "warning" | "note";

/** Second place of a diagnostic, such as the first of two files for one bucket. */
export interface Related {
  readonly message: string;
  readonly span: Span;
}

/** Exact edits of source text that correct a finding; their spans do not overlap. */
export interface Fix {
  readonly edits: readonly Edit[];
}

/** New source text for a span. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** Finding about a place in a file or, without a span, about the run as a whole. */
export interface Diagnostic {
  /** UID of the account, for a finding about one of its limits. */
  readonly account?: string;
  /** Public and stable; `# oss-policy-ignore CODE: reason` names it. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence, lower case, no full stop, the user's words in back-ticks. */
  readonly message: string;
  readonly span?: Span;
  /** Correction, as a sentence of its own. */
  readonly help?: string;
  /** Correction as edits; only if one correction is certain. */
  readonly fix?: Fix;
  readonly related?: readonly Related[];
  /** Name of the mistake behind it: findings with the same cause become one, with every place. */
  readonly cause?: string;
}

/** Returns the files that a finding is about. */
export function filesOf({ span, related = [] }: Diagnostic): readonly string[] {
  return [...(span === undefined ? [] : [span]), ...related.map((other) => other.span)].map(
    ({ file }) => file,
  );
}

/** Returns an error about the run as a whole. */
export function refusal(code: string, message: string, help?: string): Diagnostic {
  return { code, severity: "error", message, ...(help === undefined ? {} : { help }) };
}

/** Compares findings in display order: by file, line, column, code. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    compareText(a.span?.file ?? "", b.span?.file ?? "") ||
    (a.span?.start.line ?? 0) - (b.span?.start.line ?? 0) ||
    (a.span?.start.column ?? 0) - (b.span?.start.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

/**
 * Merges findings with the same cause or, without a cause, the same place and message. A mistake that several
 * buckets share is reported once, with all places.
 */
export function mergeDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const merged = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const { code, severity, message, span, help, cause } = diagnostic;
    const key = JSON.stringify([
      code,
      severity,
      ...(cause === undefined ? [message, placeKey(span), help] : [cause, true]),
    ]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, [diagnostic]);
    else known.push(diagnostic);
  }
  return [...merged.values()].flatMap(mergeOne);
}

/** Message for the further places of a merged finding. */
const sameElsewhere = "the same here";

function mergeOne(found: readonly Diagnostic[]): Diagnostic | readonly [] {
  const [one, ...others] = found;
  if (one === undefined || others.length === 0) return one ?? [];
  const first = others.reduce((least, other) => (compareDiagnostics(other, least) < 0 ? other : least), one);
  const place = placeKey(first.span);
  const elsewhere = found.flatMap(({ span }) =>
    span === undefined || placeKey(span) === place ? [] : [{ message: sameElsewhere, span }],
  );
  return { ...first, ...joined([...found.flatMap(({ related = [] }) => related), ...elsewhere]) };
}

function placeKey(span: Span | undefined): string {
  return span === undefined ? "" : `${span.file}:${span.start.line}:${span.start.column}`;
}

/** Sorts the places, so that merging in parts, as shards do, gives the same as merging at once. */
function joined(places: readonly Related[]): Pick<Diagnostic, "related"> {
  const all = new Map(places.map((related) => [`${related.message} ${placeKey(related.span)}`, related]));
  return all.size === 0 ? {} : { related: [...all.values()].sort(compareRelated) };
}

function compareRelated(a: Related, b: Related): number {
  const [one, other] = [a.span, b.span];
  return (
    compareText(one.file, other.file) ||
    one.start.line - other.start.line ||
    one.start.column - other.start.column ||
    compareText(a.message, b.message)
  );
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
