import { placeholderReason } from "../proof/guardrails.ts";
import { consentEntries, type ConsentEntry } from "../plan/consent.ts";
import type { ChangeGroup } from "./groups.ts";
import { printable } from "./printable.ts";

/** Entries of `accept:` that lift what blocks a change, ready to paste into its file. */
export interface AcceptText {
  readonly file: string;
  readonly lines: readonly string[];
  /** Number of other files that need such an entry, each with the digest of its own live policy. */
  readonly others: number;
}

/** Returns the entries for the first change of a group; undefined if a file can lift nothing of it. */
export function acceptText([first, ...more]: ChangeGroup): AcceptText | undefined {
  const entries = consentEntries(first);
  if (entries.length === 0) return undefined;
  const others = new Set(more.map(({ file }) => file).filter((file) => file !== first.file)).size;
  return { file: first.file, lines: ["accept:", ...entries.map(entryLine)], others };
}

function entryLine(entry: ConsentEntry): string {
  const of = "guardrail" in entry ? `guardrail: ${quoted(entry.guardrail)}` : `hazard: ${entry.hazard}`;
  const live = "live" in entry && entry.live !== undefined ? `, live: ${quoted(entry.live)}` : "";
  return `  - { ${of}${live}, reason: ${quoted(placeholderReason)} }`;
}

/** Quotes a text for YAML, with what a report would not print as it is by its code; it names no variable. */
function quoted(text: string): string {
  const plain = JSON.stringify(text.replaceAll("${", () => "$${"));
  if (printable(plain) === plain && !plain.includes("`")) return plain;
  return plain.replaceAll(
    /[^\w .,:;${}"\\-]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
