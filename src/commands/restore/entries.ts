import type { BeforeEntry, BrokenLine, JournalLine } from "../../apply/journal.ts";
import { refusal, type Diagnostic } from "../../diagnostic.ts";
import { counted, fewNames } from "../../report/printable.ts";

/** What a journal has of one bucket. */
export interface Journaled {
  /** First entry about the bucket: its policy before the whole run. */
  readonly first: BeforeEntry;
  /** Last entry: what the run wrote in the end. */
  readonly last: BeforeEntry;
  /** The line of the first one. */
  readonly line: number;
}

/** Returns what a journal has of each bucket. */
export function journaled(lines: readonly JournalLine[]): ReadonlyMap<string, Journaled> {
  const found = new Map<string, Journaled>();
  for (const { entry, line } of lines) {
    if (entry.entry !== "before") continue;
    const known = found.get(entry.bucket);
    found.set(entry.bucket, { first: known?.first ?? entry, last: entry, line: known?.line ?? line });
  }
  return found;
}

/** Warns of the lines that do not parse. */
export function brokenLines(broken: readonly BrokenLine[], file: string): readonly Diagnostic[] {
  return broken.map(({ line, bucket }) => {
    const of = bucket === undefined ? "" : ` (bucket \`${bucket}\`)`;
    const message = `line ${line} of \`${file}\`${of} cannot be read: the run was cut off there, or the file was changed; what it holds is not restored`;
    return { code: "journal", severity: "warning", message };
  });
}

/**
 * Refuses buckets of which an earlier line may be one that does not parse: what the later line holds was written by
 * the run itself.
 */
export function lostFirsts(
  entries: readonly Journaled[],
  broken: readonly BrokenLine[],
  file: string,
): readonly Diagnostic[] {
  return broken.flatMap(({ line, bucket }) => {
    const later = entries.filter(
      (entry) => entry.line > line && (bucket === undefined || bucket === entry.first.bucket),
    );
    if (later.length === 0) return [];
    const names = fewNames(later.map(({ first }) => `\`${first.bucket}\``));
    const message = `line ${line} of \`${file}\` cannot be read, and may hold the policy that was there before the run for ${counted(later.length, "bucket")} of later lines: ${names}`;
    const help =
      "compare the line with the later ones, and remove it if it is about none of these buckets; to restore only others, leave these out with --exclude";
    return [refusal("journal", message, help)];
  });
}
