import type { DesiredBucket } from "../desired/bucket-file.ts";
import { isWithin, type Severity, type Span } from "../diagnostic.ts";
import type { Finding, PolicyInFile, Rule } from "./rule.ts";

/** Finding of a rule at a place. */
interface PlacedFinding {
  readonly rule: Rule;
  readonly finding: Finding;
  readonly place: string;
  /** True if an ignore comment silences it: then it explains nothing to the reader. */
  readonly isSilenced: boolean;
}

/** Removes findings that follow from another one: one mistake, one message. */
export function withoutConsequences<T extends PlacedFinding>(found: readonly T[]): readonly T[] {
  const shown = found.filter(({ isSilenced }) => !isSilenced);
  const placesOf = (isOne: (found: PlacedFinding) => boolean) =>
    new Set(shown.flatMap((one) => (isOne(one) ? [one.place] : [])));
  const all = placesOf(() => true);
  const causes = placesOf(({ rule }) => rule.isCause === true);
  const others = placesOf(
    ({ rule, finding }) => rule.isLesser !== true && severityOf(rule, finding) !== "note",
  );
  const codes = new Set(shown.map(({ rule, place }) => `${rule.code} ${place}`));
  return found.filter(
    ({ rule, place, finding: { behind } }) =>
      (rule.follows === undefined || !codes.has(`${rule.follows} ${place}`)) &&
      (rule.isCause === true || !causes.has(place)) &&
      (rule.isLesser !== true || !others.has(place)) &&
      (behind === undefined || !all.has(placeOf(behind))),
  );
}

export function severityOf(rule: Rule, finding: Finding): Severity {
  return finding.severity ?? rule.severity;
}

export function placeOf({ file, start }: Span): string {
  return `${file}:${start.line}:${start.column}`;
}

/** Returns the statements that already have an error, so that their meaning is not known. */
export function faultySpans({ faults }: DesiredBucket, { statements }: PolicyInFile): readonly Span[] {
  if (faults.length === 0) return [];
  const places = faults.map(({ file, start }) => ({ file, start }));
  return statements
    .map(({ node: { span } }) => ({ file: span.file, start: span.start, end: span.end }))
    .filter((statement) => places.some((place) => isWithin(place, statement)));
}
