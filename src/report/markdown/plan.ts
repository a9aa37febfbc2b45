import { counted } from "../printable.ts";
import {
  abandonedTitle,
  baseNote,
  causeNote,
  countsText,
  isShown,
  loosenedTitle,
  shardNote,
  unmanagedTitle,
} from "../vocabulary.ts";
import type { ReportContext } from "../context.ts";
import { countErrors, type Diagnostic } from "../../diagnostic.ts";
import type { Plan, UnmanagedBucket } from "../../plan/plan.ts";
import { groupsOf, outcomesOf, type ChangeGroup, type Outcomes } from "../groups.ts";
import { eventsNote } from "../last-change.ts";
import { gravestFirst } from "../order.ts";
import { requestsNote } from "../requests.ts";
import { riskLabel } from "../review.ts";
import { outcomeSummary } from "../text/outcome.ts";
import { accountVerdicts, verdictAccount, verdictOf } from "../verdict.ts";
import { changeSection } from "./change.ts";
import { code, commentWord } from "./escape.ts";
import { fitChanges, fitItems, gap, type Rungs } from "./ladder.ts";
import { changeRow, changesHead, findingsTable } from "./table.ts";

/** Maximum of UTF-16 units. GitHub allows 65,536 in a comment; the rest is for text that a workflow adds. */
export const maxUnits = 64_000;

export type MarkdownOptions = Pick<ReportContext, "scope" | "isErrored" | "outcomes" | "link">;

/**
 * Renders a plan for a comment or a job summary: the verdict, weaker guards, the changes with the worst first,
 * and the rest. If it does not fit, the changes with the least risk become lines, and then a count; no change
 * is cut. All text outside of code spans is from this tool.
 */
export function planMarkdown(plan: Plan, options: MarkdownOptions): string {
  const outcomes = outcomesOf(options);
  const groups = groupsOf(plan.changes.filter(isShown), outcomes);
  const sections = firstSections(groups, outcomes);
  if (sections.length === groups.length) {
    const whole = inOrder(partsOf(plan, options, Infinity), sections);
    if (whole.length <= maxUnits) return whole;
  }
  const parts = partsOf(plan, options, maxUnits);
  const note = `The plan is too long to be shown in full here: ${artifactText}.${linkText(options.link)}`;
  const head = changesHead(outcomes);
  const rungs = groups.map((group, index) => ({
    details: sections[index],
    line: changeRow(group, outcomes),
  }));
  const besides = inOrder(parts, [note, otherTitle, head, countedText(groups)]).length + gap.length;
  const fitted = fitChanges(rungs, maxUnits - besides);
  const shown = (indexes: readonly number[], form: keyof Rungs) =>
    indexes.map((index) => rungs[index]?.[form] ?? "");
  const { details, lines, counted: rest } = fitted;
  return inOrder(parts, [
    ...shown(details, "details"),
    ...(lines.length === 0 ? [] : [otherTitle, [head, ...shown(lines, "line")].join("\n")]),
    ...(rest.length === 0 ? [] : [countedText(rest.flatMap((index) => groups.slice(index, index + 1)))]),
    note,
  ]);
}

/** Renders the first changes in full, until they surely fill the text. */
function firstSections(groups: readonly ChangeGroup[], outcomes: Outcomes): readonly string[] {
  const sections: string[] = [];
  let used = 0;
  for (const group of groups) {
    if (used > 2 * maxUnits) break;
    const section = changeSection(group, outcomes);
    sections.push(section);
    used += section.length;
  }
  return sections;
}

const otherTitle = "### Other changes";

/** Counts changes that have no room, by what blocks them or their risk. */
function countedText(groups: readonly ChangeGroup[]): string {
  const counts = new Map<string, number>();
  for (const group of groups) {
    const label = riskLabel(group[0]);
    const key = label === "" ? "without risk" : label;
    counts.set(key, (counts.get(key) ?? 0) + group.length);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const texts = [...counts].map(([label, count]) => `${count} ${label}`);
  return `And ${counted(total, "change")} without room here: ${texts.join(", ")}.`;
}

interface DocumentParts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

function inOrder({ before, after }: DocumentParts, changes: readonly string[]): string {
  return `${[...before, ...changes, ...after].join(gap)}\n`;
}

/** Returns what comes before and after the changes, each list within its share of `room`. */
function partsOf(plan: Plan, options: MarkdownOptions, room: number): DocumentParts {
  const { diagnostics, unmanaged } = plan;
  return {
    before: [...headline(plan, options), ...loosenedPart(plan, room / 4)],
    after: [
      ...abandonedPart(plan, room / 16),
      ...listPart("Findings", findingParts(gravestFirst(diagnostics), room / 4)),
      ...listPart(unmanagedTitle, fitItems(unmanaged.map(unmanagedItem), room / 16)),
      ...baseNote(plan, code),
      ...causeNote(plan),
      ...shardNote(plan),
      ...eventsNote(plan),
      ...requestsNote(plan),
      ...countsPart(plan, options),
    ],
  };
}

function listPart(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [`### ${title}`, items.join("\n")];
}

/** Returns findings in full, as a table, or as counts. */
function findingParts(diagnostics: readonly Diagnostic[], room: number): readonly string[] {
  const items = diagnostics.flatMap(findingItems);
  if (items.join("\n").length <= room) return items;
  const table = findingsTable(diagnostics);
  if (table.length <= room) return [table];
  const errors = countErrors(diagnostics);
  return [`${counted(errors, "error finding")}, ${counted(diagnostics.length - errors, "other finding")}.`];
}

function countsPart(plan: Plan, { isErrored, outcomes = [] }: MarkdownOptions): readonly string[] {
  if (isErrored) return [];
  return [`Plan: ${countsText(plan)}.${outcomes.length === 0 ? "" : ` ${outcomeSummary(outcomes)}`}`];
}

/** Returns the first lines. A run finds the comment by its first line and edits it in place. */
function headline(plan: Plan, { scope, isErrored, outcomes }: MarkdownOptions): readonly string[] {
  const context = { isErrored, outcomes };
  const accounts = accountVerdicts(plan, context).map(
    (verdict) => `- account ${code(verdictAccount(verdict))}: ${verdict.text}`,
  );
  return [
    `<!-- oss-policy: ${commentWord(scope)} -->`,
    `## oss-policy: ${verdictOf(plan, context).text}`,
    ...(accounts.length === 0 ? [] : [fitItems(accounts, maxUnits / 16).join("\n")]),
  ];
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

function loosenedPart({ base }: Plan, room: number): readonly string[] {
  if (base === undefined || base.loosened.length === 0) return [];
  const items = base.loosened.map(
    ({ message, file, line }) => `- ${code(message)} ${code(`${file}:${line}`)}`,
  );
  return listPart(loosenedTitle, fitItems(items, room));
}

function abandonedPart({ base }: Plan, room: number): readonly string[] {
  if (base === undefined || base.abandoned.length === 0) return [];
  const items = base.abandoned.map(
    ({ bucket, region, file }) => `- ${code(bucket)} in ${code(region)}, was in ${code(file)}`,
  );
  return listPart(abandonedTitle, fitItems(items, room));
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
