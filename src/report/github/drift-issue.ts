import { createHash } from "node:crypto";
import type { Change, Plan } from "../../plan/plan.ts";
import { planMarkdown, type MarkdownOptions } from "../markdown/plan.ts";
import { commentWord } from "../markdown/escape.ts";

/** What is to be told about drift: that there is some, that there is none, or that nobody can say. */
export type DriftState = "drifted" | "none" | "unknown";

/** Unknown is never taken for none: a bucket that could not be read may have drifted. */
export function driftStateOf({ changes }: Plan): DriftState {
  if (changes.some(hasDrifted)) return "drifted";
  return changes.some(({ action, cause }) => action !== "none" && cause === "unknown") ? "unknown" : "none";
}

export function hasDrifted({ cause }: Change): boolean {
  return cause === "drift" || cause === "both";
}

export const driftTitle = "OSS bucket policies have drifted";
export const driftLabel = "oss-policy-drift";

/** The first line of the issue, by which it is found again. */
export function driftMarker(policies: string): string {
  return `<!-- oss-policy drift: ${commentWord(policies)} -->`;
}

/** The body of the issue. It holds nothing that differs between two runs which find the same. */
export function driftBody(plan: Plan, options: Omit<MarkdownOptions, "isErrored">): string {
  const { base } = plan;
  const told: Plan = {
    changes: plan.changes.filter((change) => hasDrifted(change) || change.action === "unreadable"),
    unmanaged: [],
    diagnostics: [],
    ...(base === undefined ? {} : { base: { ...base, loosened: [], abandoned: [] } }),
  };
  const markdown = planMarkdown(told, { ...options, isErrored: false });
  const afterMarker = markdown.slice(markdown.indexOf("\n") + 1);
  const state = driftStateOf(plan) === "drifted" ? driftedText : unknownText;
  return `${driftMarker(options.scope)}\n\n${state} ${closingText}\n${afterMarker}`;
}

const driftedText =
  "What stands in OSS is not what the files asked for: somebody changed it there, by the console or another tool, or an apply did not run. Apply brings back what the files ask for; what shall stay is to be written into the files.";
const unknownText = "No drift is seen any more, but not every bucket could be read.";
const closingText =
  "This text is edited in place. The first run that reads every bucket and finds no drift closes the issue.";

/** A comment is worth it where what has drifted is another than before; a link to another run is no such. */
export function driftNews(before: string, after: string): string | undefined {
  const [old, now] = [before, after].map((text) =>
    text
      .replaceAll(/\/actions\/runs\/\d+/g, "")
      .replaceAll("\r\n", "\n")
      .trimEnd(),
  );
  if (old === now) return undefined;
  const turn = createHash("sha256")
    .update(JSON.stringify([old, now]))
    .digest("hex")
    .slice(0, 32);
  return `<!-- oss-policy drift turn: ${turn} -->\n\nWhat has drifted is another than before; the description of this issue says what it is now.\n`;
}

export const driftEnd =
  "<!-- oss-policy drift end -->\n\nEvery bucket was read, and none has drifted: each has what the files asked for.\n";
