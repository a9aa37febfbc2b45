import { createHash } from "node:crypto";
import type { Change, Plan } from "../../plan/plan.ts";
import { planMarkdown, type MarkdownOptions } from "../markdown/plan.ts";
import { commentWord } from "../markdown/escape.ts";
import { verdictOf } from "../verdict.ts";

/** Drift of a plan; `unknown` if it cannot be decided. */
export type DriftState = "drifted" | "none" | "unknown";

/** Returns the drift of a plan. A bucket that could not be read may have drifted, so it is `unknown`. */
export function driftStateOf({ changes }: Plan): DriftState {
  if (changes.some(hasDrifted)) return "drifted";
  return changes.some(({ action, cause }) => action !== "none" && cause === "unknown") ? "unknown" : "none";
}

export function hasDrifted({ cause }: Change): boolean {
  return cause === "drift" || cause === "both";
}

/** Words with which the title of each such issue begins. */
export const driftTitle = "OSS bucket policies have drifted";
export const driftLabel = "oss-policy-drift";

/** Returns the title, which changes with the verdict. */
export function driftTitleOf(plan: Plan): string {
  return `${driftTitle} - ${verdictOf(driftOf(plan), { isErrored: false }).text}`;
}

/** Returns the first line of the issue, by which later runs find it. */
export function driftMarker(policies: string): string {
  return `<!-- oss-policy drift: ${commentWord(policies)} -->`;
}

/** Renders the body of the issue, which is equal for two runs with the same findings. */
export function driftBody(plan: Plan, options: Omit<MarkdownOptions, "isErrored">): string {
  const markdown = planMarkdown(driftOf(plan), { ...options, isErrored: false });
  const [, heading = "", ...rest] = markdown.split("\n\n");
  const state = driftStateOf(plan) === "drifted" ? driftedText : unknownText;
  return [driftMarker(options.scope), heading, `${state} ${closingText}`, ...rest].join("\n\n");
}

/** Returns the part of a plan that has drifted, or may have. */
function driftOf({ changes, base }: Plan): Plan {
  return {
    changes: changes.filter((change) => hasDrifted(change) || change.action === "unreadable"),
    unmanaged: [],
    diagnostics: [],
    ...(base === undefined ? {} : { base: { ...base, loosened: [], abandoned: [] } }),
  };
}

const driftedText =
  "The live policies differ from the files: someone changed them in the console or with another tool, or an apply did not run. Apply restores the policies of the files. To keep a live change, write it into the files.";
const unknownText = "No drift was found, but not every bucket could be read.";
const closingText =
  "This text is edited in place. The first run that reads every bucket and finds no drift closes the issue.";

/** Returns a comment if the drift is not the same as before; a link to another run does not count. */
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
  return `<!-- oss-policy drift turn: ${turn} -->\n\nThe drift has changed; the description of this issue has the current state.\n`;
}

export const driftEnd =
  "<!-- oss-policy drift end -->\n\nEvery bucket was read, and none has drifted: each live policy matches its file.\n";
