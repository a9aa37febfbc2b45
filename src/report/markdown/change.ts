import {
  actionTexts,
  causeTexts,
  effectTexts,
  equalText,
  isPublicityNews,
  publicAccessText,
  openPointsNote,
  shownChanges,
} from "../vocabulary.ts";
import type { Hazard } from "../../plan/hazard.ts";
import { isWriting, type WritingChange } from "../../plan/plan.ts";
import { acceptText } from "../accept-lines.ts";
import { differenceLines, type DifferenceLine } from "../difference-lines.ts";
import { bucketsOf, type ChangeGroup, type Outcomes } from "../groups.ts";
import { lastChangeLead, lastChangeText } from "../last-change.ts";
import { counted } from "../printable.ts";
import { requestLines } from "../requests.ts";
import {
  accessLines,
  reasonsOf,
  nameWithGuardrail,
  riskLabel,
  standing,
  type AccessLine,
  type Reason,
} from "../review.ts";
import { code, fenced } from "./escape.ts";

/** Renders a group of changes: who gets what, why it is blocked, how to accept it, and the statements, folded. */
export function changeSection(group: ChangeGroup, outcomes: Outcomes): string {
  const [change] = group;
  const label = riskLabel(change);
  const said = change.action === "unreadable" ? change.problem.message : "";
  const lines = [
    `### ${titleOf(group)}${label === "" ? "" : ` (${label})`}`,
    "",
    placeLine(group),
    "",
    ...outcomeItem(outcomes, change.bucket, said),
    ...lastChangeItem(group),
    ...(isWriting(change) ? [...accessItems(change), ...requestItems(change)] : []),
    ...(change.action === "unreadable" ? problemItems(change.problem) : hazardItems(group)),
    ...folded("Buckets", group.length > 1 ? fenced("text", bucketLines(group)) : []),
    ...acceptPart(group),
    ...(isWriting(change) ? statementsPart(change) : []),
  ];
  return lines.join("\n");
}

/** Returns the action and the bucket, or the count of buckets, of a group. */
export function titleOf(group: ChangeGroup): string {
  const [{ action, bucket }, ...more] = group;
  return `${actionTexts[action]} ${more.length === 0 ? code(bucket) : `${group.length} buckets`}`;
}

/** Maximum of names in a list of buckets, which must leave room for other changes. */
const maxBuckets = 100;

function bucketLines(group: ChangeGroup): readonly string[] {
  const buckets = bucketsOf(group);
  const rest = buckets.length - maxBuckets;
  return rest > 0 ? [...buckets.slice(0, maxBuckets), `and ${rest} more, which --json lists`] : buckets;
}

function placeLine([{ file, line, region, cause }, ...more]: ChangeGroup): string {
  const causeText = causeTexts[cause] === "" ? "" : `: ${causeTexts[cause]}`;
  const where = more.length === 0 ? ` in ${code(region)}` : ` and ${more.length} more`;
  return `${code(`${file}:${line}`)}${where}${causeText}`;
}

/** Renders an outcome without the message of an unreadable bucket, which the change already shows. */
function outcomeItem(outcomes: Outcomes, bucket: string, said: string): readonly string[] {
  const outcome = outcomes.get(bucket);
  if (outcome === undefined) return [];
  const { result, message } = outcome;
  return [`- **${result}**${message === said ? "" : `: ${code(message)}`}`];
}

function lastChangeItem(group: ChangeGroup): readonly string[] {
  const text = lastChangeText(group);
  return text === undefined ? [] : [`- ${lastChangeLead} ${code(text)}`];
}

function problemItems({ message, help }: { message: string; help?: string }): readonly string[] {
  return [`- ${code(message)}`, ...(help === undefined ? [] : [`- help: ${code(help)}`])];
}

function requestItems(change: WritingChange): readonly string[] {
  return requestLines(change).map(({ label, text }) => `- **${label}** ${code(text)}`);
}

function accessItems({ access, names, blocked, publicAccess }: WritingChange): readonly string[] {
  const news = publicAccess !== undefined && isPublicityNews(publicAccess) ? [publicAccess] : [];
  const publicity = news.map((one) => `- public: ${code(publicAccessText(one))}`);
  const open = openPointsNote(access);
  const note = open === "" ? [] : [`- ${open}`];
  if (access.verdict === "equal") return [`- ${equalText}`, ...note, ...publicity];
  if (access.verdict === "undecided") return [`- **undecided**: ${code(access.cause)}`, ...publicity];
  const { regions, rest } = shownChanges(access);
  return [
    ...accessLines(regions, { names, isBlocked: blocked }).flatMap(accessLineItems),
    ...(rest === "" ? [] : [`- ${rest}`]),
    ...note,
    ...publicity,
  ];
}

function accessLineItems(line: AccessLine): readonly string[] {
  const { effect, sentence, condition, exact, example, decisions } = line;
  return [
    `- **${effectTexts[effect]}** ${code(sentence)}${condition}`,
    ...(exact === "" ? [] : [`  - ${code(exact)}`]),
    `  - e.g. ${code(example)}: ${decisions}`,
  ];
}

function hazardItems([change]: ChangeGroup): readonly string[] {
  const reasons = reasonsOf(change);
  if (reasons === undefined) return [];
  const { first, others } = reasons;
  return [...reasonItems(first), ...(others.length === 0 ? [] : [`- also ${others.map(nameOf).join(", ")}`])];
}

function reasonItems({ hazard, lead, text, isOwn, example }: Reason): readonly string[] {
  return [
    `- **${lead}** ${code(hazard.code)}: ${isOwn ? text : code(text)}`,
    ...(example === "" ? [] : [`  - e.g. ${code(example)}`]),
    ...(hazard.accepted === undefined ? [] : [`  - accepted: ${code(hazard.accepted)}`]),
  ];
}

function nameOf(hazard: Hazard): string {
  const { accepted } = hazard;
  return `${standing(hazard)} ${code(nameWithGuardrail(hazard))}${accepted === undefined ? "" : ` (${code(accepted)})`}`;
}

function acceptPart(group: ChangeGroup): readonly string[] {
  const accept = acceptText(group);
  if (accept === undefined) return [];
  const { file, lines, others } = accept;
  const more = others === 0 ? "" : `, and alike to ${counted(others, "other file")}`;
  return folded("How to accept this", [
    `Add to ${code(file)}${more}, below its ${code("accept:")} if it has one:`,
    "",
    ...fenced("yaml", lines),
  ]);
}

function statementsPart({ difference, names }: WritingChange): readonly string[] {
  return folded("Statements", fenced("diff", differenceLines(difference, names).map(diffLine)));
}

function folded(summary: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  return ["", "<details>", `<summary>${summary}</summary>`, "", ...lines, "", "</details>"];
}

const statementTexts = { "+": "added", "-": "removed", "~": "changed", " ": "kept" } as const;

/** Renders a difference as a unified diff, so that GitHub colours it. */
function diffLine(line: DifferenceLine): string {
  if (line.kind === "statement") {
    const place = line.place === null ? "" : `  ${line.place.file}:${line.place.line}`;
    return `@@ Statement ${statementTexts[line.mark]}${place} @@`;
  }
  const [name = "", ...nested] = line.path;
  return `${line.mark} ${name.padEnd(10)} ${[...nested, line.member].join(" ")}`;
}
