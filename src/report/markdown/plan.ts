import { counted } from "../printable.ts";
import {
  abandonedTitle,
  baseNote,
  causeNote,
  countsText,
  isShown,
  loosenedTitle,
  unmanagedTitle,
} from "../vocabulary.ts";
import type { ReportContext } from "../context.ts";
import { countErrors, type Diagnostic } from "../../diagnostic.ts";
import type { Plan, UnmanagedBucket } from "../../plan/plan.ts";
import { changeSection } from "./change.ts";
import { code, commentWord } from "./escape.ts";
import { changesTable, findingsTable } from "./table.ts";
import { outcomeSummary } from "../text/outcome.ts";
import { gravestFirst, worstFirst } from "../order.ts";

/** Maximum of UTF-16 units. GitHub allows 65,536 in a comment; the rest is for text that a workflow adds. */
export const maxUnits = 64_000;

export type MarkdownOptions = Pick<ReportContext, "scope" | "isErrored" | "outcomes" | "link">;

/**
 * Renders a plan for a comment or a job summary: in full if it fits, else as a table, else as counts. None
 * of them is cut. All text outside of code spans is from this tool.
 */
export function planMarkdown(plan: Plan, options: MarkdownOptions): string {
  const top = headline(plan, options);
  const sorted = {
    ...plan,
    changes: worstFirst(plan.changes.filter(isShown)),
    diagnostics: gravestFirst(plan.diagnostics),
  };
  for (const body of [fullBody, tableBody]) {
    const text = joined(top, body(sorted, options));
    if (text !== undefined) return text;
  }
  return `${[...top, ...countsBody(plan, options)].join("\n\n")}\n`;
}

/** Renders findings only, for a job summary; worst first. */
export function findingsMarkdown(diagnostics: readonly Diagnostic[], counts: readonly string[]): string {
  const top = [`## oss-policy: ${counts.join(", ")}`];
  const sorted = gravestFirst(diagnostics);
  if (sorted.length === 0) return joined(top, []) ?? "";
  return (
    joined(top, [sorted.flatMap(findingItems).join("\n")]) ??
    joined(top, [findingsTable(sorted)]) ??
    `${top.join("\n\n")}\n`
  );
}

/** Joins the parts; undefined if they do not fit. */
function joined(top: readonly string[], body: Iterable<string>): string | undefined {
  let text = top.join("\n\n");
  for (const part of body) {
    text += `\n\n${part}`;
    if (text.length >= maxUnits) return undefined;
  }
  return `${text}\n`;
}

/** Returns the first lines. A run finds the comment by its first line and edits it in place. */
function headline(plan: Plan, { scope, isErrored, outcomes }: MarkdownOptions): readonly string[] {
  const counts = isErrored ? "nothing could be planned" : countsText(plan);
  return [
    `<!-- oss-policy: ${commentWord(scope)} -->`,
    `## oss-policy: ${counts}`,
    ...(outcomes === undefined || outcomes.length === 0 ? [] : [`**${outcomeSummary(outcomes)}**`]),
  ];
}

function* fullBody(plan: Plan, { outcomes = [] }: MarkdownOptions): Generator<string> {
  const { changes, diagnostics, unmanaged } = plan;
  const byBucket = new Map(outcomes.map((outcome) => [outcome.bucket, outcome]));
  yield* loosenedPart(plan);
  for (const change of changes) yield changeSection(change, byBucket.get(change.bucket));
  yield* abandonedPart(plan);
  yield* baseNote(plan, code);
  yield* causeNote(plan);
  if (diagnostics.length > 0) yield* ["### Findings", diagnostics.flatMap(findingItems).join("\n")];
  if (unmanaged.length > 0) yield* [`### ${unmanagedTitle}`, unmanaged.map(unmanagedItem).join("\n")];
}

function loosenedPart({ base }: Plan): readonly string[] {
  if (base === undefined || base.loosened.length === 0) return [];
  const items = base.loosened.map(
    ({ message, file, line }) => `- ${code(message)} ${code(`${file}:${line}`)}`,
  );
  return [`### ${loosenedTitle}`, items.join("\n")];
}

function abandonedPart({ base }: Plan): readonly string[] {
  if (base === undefined || base.abandoned.length === 0) return [];
  const items = base.abandoned.map(
    ({ bucket, region, file }) => `- ${code(bucket)} in ${code(region)}, was in ${code(file)}`,
  );
  return [`### ${abandonedTitle}`, items.join("\n")];
}

/** Maximum of related places: a finding in a shared file may have many. */
const maxRelated = 5;

function findingItems({ severity, code: name, message, span, help, related = [] }: Diagnostic) {
  const placeOf = (at: NonNullable<typeof span>) => code(`${at.file}:${at.start.line}:${at.start.column}`);
  const place = span === undefined ? "" : ` ${placeOf(span)}`;
  const rest = related.length - maxRelated;
  return [
    `- **${severity}** ${code(name)}${place}: ${code(message)}`,
    ...(help === undefined ? [] : [`  - help: ${code(help)}`]),
    ...related.slice(0, maxRelated).map((other) => `  - ${code(other.message)}: ${placeOf(other.span)}`),
    ...(rest > 0 ? [`  - and ${rest} more`] : []),
  ];
}

function unmanagedItem({ bucket, region, problem }: UnmanagedBucket): string {
  return `- ${code(bucket)} in ${code(region)}: ${problem === null ? "has a policy" : code(problem.message)}`;
}

const artifactText = "the complete plan is in the artifact that `--json` writes";

function linkText(link: string | undefined): string {
  return link === undefined ? "" : ` Artifacts are on the page of [this run](${link}).`;
}

function tableBody(plan: Plan, { outcomes, link }: MarkdownOptions): readonly string[] {
  const { changes, diagnostics } = plan;
  return [
    `The plan is too long to be shown in full here: ${artifactText}.${linkText(link)}`,
    ...loosenedPart(plan),
    ...(changes.length === 0 ? [] : [changesTable(changes, outcomes)]),
    ...abandonedPart(plan),
    ...baseNote(plan, code),
    ...causeNote(plan),
    ...(diagnostics.length === 0 ? [] : ["### Findings", findingsTable(diagnostics)]),
  ];
}

function countsBody({ diagnostics, base }: Plan, { link }: MarkdownOptions): readonly string[] {
  const errors = countErrors(diagnostics);
  const loosened = base?.loosened.length ?? 0;
  return [
    `The plan is too long to be shown here: ${artifactText}.${linkText(link)}`,
    ...(loosened === 0 ? [] : [`**${loosenedTitle}: ${loosened}.**`]),
    `${counted(errors, "error finding")}, ${counted(diagnostics.length - errors, "other finding")}.`,
  ];
}
